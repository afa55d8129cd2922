package io.keywrap;

import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.provider.KeyProvider;
import java.security.Provider;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** KEKs of another factory, which can be disabled and enabled again. */
public final class RevocableKeks implements KeyProvider.Factory {
    private final KeyProvider.Factory real;
    private final Set<KekId> disabled = ConcurrentHashMap.newKeySet();
    private final Set<KekId> silent = ConcurrentHashMap.newKeySet();

    /** What happens, once, while a DEK is unwrapped. */
    private final AtomicReference<Runnable> meanwhile = new AtomicReference<>();

    RevocableKeks(KeyProvider.Factory real) {
        this.real = real;
    }

    public void disable(KekId kekId) {
        disabled.add(kekId);
    }

    public void enable(KekId kekId) {
        disabled.remove(kekId);
        silent.remove(kekId);
    }

    /** From now on nobody answers for it, until it is enabled. */
    public void silence(KekId kekId) {
        silent.add(kekId);
    }

    public void duringTheNextUnwrap(Runnable action) {
        meanwhile.set(action);
    }

    @Override
    public String scheme() {
        return real.scheme();
    }

    @Override
    public KeyProvider create(KekId kekId) {
        return revocable(kekId, real.create(kekId));
    }

    @Override
    public KeyProvider create(KekId kekId, Provider cryptoProvider) {
        return revocable(kekId, real.create(kekId, cryptoProvider));
    }

    private KeyProvider revocable(KekId kekId, KeyProvider provider) {
        return new KeyProvider() {
            @Override
            public KekId kekId() {
                return kekId;
            }

            @Override
            public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                requireEnabled();
                return provider.wrap(dek, keyContext, deadline);
            }

            @Override
            public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                requireEnabled();
                Runnable action = meanwhile.getAndSet(null);
                if (action != null) {
                    action.run();
                }
                return provider.unwrap(wrapped, keyContext, deadline);
            }

            @Override
            public Status status(Deadline deadline) {
                return provider.status(deadline);
            }

            private void requireEnabled() {
                if (silent.contains(kekId)) {
                    throw new KekUnreachableException(Failure.of(kekId, "nobody answers"));
                }
                if (disabled.contains(kekId)) {
                    throw new KekRevokedException(Failure.of(kekId, "it was disabled"), Reason.DISABLED);
                }
            }

            @Override
            public void close() {
                provider.close();
            }
        };
    }
}
