package io.keywrap.provider;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a cached DEK is found by: all that an unwrap depends on. The encoding of a wrap has the KEK, its version, the
 * algorithm and the wrapped bytes. Anything less would give one tenant's DEK to another.
 */
final class UnwrapKey {
    private final WrappedDek wrapped;
    private final EncryptionContext keyContext;
    private final int hash;

    UnwrapKey(WrappedDek wrapped, EncryptionContext keyContext) {
        this.wrapped = wrapped;
        this.keyContext = keyContext;
        this.hash = 31 * wrapped.hashCode() + keyContext.hashCode();
    }

    /** Of every wrap of one DEK. */
    static List<UnwrapKey> of(List<WrappedDek> wraps, EncryptionContext keyContext) {
        if (wraps.size() == 1) {
            return List.of(new UnwrapKey(wraps.get(0), keyContext));
        }
        return wraps.stream().map(wrapped -> new UnwrapKey(wrapped, keyContext)).toList();
    }

    WrappedDek wrapped() {
        return wrapped;
    }

    EncryptionContext keyContext() {
        return keyContext;
    }

    KekId kekId() {
        return wrapped.kekId();
    }

    /**
     * Whose share of the cache it takes: of the KEK's DEKs the keychain's, or without one the slot's, or without both all. By
     * KEK, as one keychain may be that of many tenants, each with a KEK of his own.
     */
    String owner() {
        @Nullable String keychain = keyContext.asMap().get("kw:keychain");
        @Nullable String whose = keychain == null ? keyContext.asMap().get("kw:slot") : keychain;
        return whose == null ? kekId().uri() : kekId().uri() + ' ' + whose;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UnwrapKey that
                && hash == that.hash
                && wrapped.equals(that.wrapped)
                && keyContext.equals(that.keyContext);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "UnwrapKey[" + wrapped + "]";
    }
}
