package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.KekEvent.Operation;
import java.util.function.Supplier;

/** Sees to it that DEKs are made of the randomness of a provider of cryptography that the user named, and proven by it. */
final class OwnCryptoKeyProvider extends ForwardingKeyProvider {
    private final Jca jca;
    private final boolean makesDeksHere;

    OwnCryptoKeyProvider(KeyProvider provider, Jca jca) {
        super(provider);
        this.jca = jca;
        this.makesDeksHere = inheritsGenerate(provider.getClass());
    }

    /** Where {@link KeyProvider#generate} is the default, it makes a DEK by the JVM's providers. */
    private static boolean inheritsGenerate(Class<? extends KeyProvider> type) {
        try {
            return type.getMethod("generate", DekId.class, EncryptionContext.class, Deadline.class)
                            .getDeclaringClass()
                    == KeyProvider.class;
        } catch (NoSuchMethodException e) {
            throw new LinkageError("every key provider has this method", e);
        }
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        return own(super.unwrap(wrapped, keyContext, deadline));
    }

    @Override
    public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        if (!makesDeksHere) {
            Generated generated = super.generate(dekId, keyContext, deadline);
            return new Generated(own(generated.dek()), generated.wrapped());
        }
        Dek dek = Dek.takeOwnershipOf(dekId, jca.random(Dek.BYTES), jca.named());
        try {
            return new Generated(dek, wrap(dek, keyContext, deadline));
        } catch (RuntimeException | Error e) {
            dek.close();
            throw e;
        }
    }

    private Dek own(Dek dek) {
        try (dek) {
            return dek.withBytes(bytes -> Dek.takeOwnershipOf(dek.id(), bytes.clone(), jca.named()));
        }
    }

    @Override
    <T> T call(Operation operation, Deadline deadline, Supplier<T> action) {
        return action.get();
    }
}
