package io.keywrap.bench;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.util.function.Function;

/**
 * How keywrap comes to a {@link LocalKms}: KEKs named {@code local:<name>}.
 *
 * @param kekId the KEK
 * @param kms where it is
 */
public record LocalKeyProvider(KekId kekId, LocalKms kms) implements KeyProvider {
    private static final String ALGORITHM = "AES-256-GCM";

    /**
     * All KEKs in one KMS.
     *
     * @param kms the KMS
     * @return what makes the providers
     */
    public static KeyProvider.Factory factory(LocalKms kms) {
        return factory(kekId -> kms);
    }

    /** Each KEK in the KMS that it is given. */
    static KeyProvider.Factory factory(Function<KekId, LocalKms> kmsOf) {
        return new KeyProvider.Factory() {
            @Override
            public String scheme() {
                return "local";
            }

            @Override
            public KeyProvider create(KekId kekId) {
                return new LocalKeyProvider(kekId, kmsOf.apply(kekId));
            }
        };
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        byte[] sealed = dek.withBytes(key -> kms.encrypt(key, keyContext.toBytes()));
        return WrappedDek.builder(dek.id(), kekId).kekVersion("1").build(ALGORITHM, sealed);
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        return Dek.takeOwnershipOf(wrapped.dekId(), kms.decrypt(wrapped.wrappedBytes(), keyContext.toBytes()));
    }

    @Override
    public void close() {}
}
