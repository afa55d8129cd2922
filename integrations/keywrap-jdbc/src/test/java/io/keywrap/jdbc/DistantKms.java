package io.keywrap.jdbc;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A KMS whose calls take a time and next to no work, and whose KEKs are the same in every process: each is the digest
 * of its name.
 */
final class DistantKms implements KeyProvider.Factory {
    static final KekId FROM = KekId.of("distant:from");
    static final KekId TO = KekId.of("distant:to");
    static final KekId VENDOR = KekId.of("distant:vendor");

    private static final String ALGORITHM = "AES-256-GCM";
    private static final int IV_BYTES = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Duration latency;

    DistantKms(Duration latency) {
        this.latency = latency;
    }

    @Override
    public String scheme() {
        return "distant";
    }

    @Override
    public KeyProvider create(KekId kekId) {
        try {
            byte[] key = MessageDigest.getInstance("SHA-256").digest(kekId.uri().getBytes(StandardCharsets.UTF_8));
            return new Kek(kekId, new SecretKeySpec(key, "AES"), latency);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Kek(KekId kekId, SecretKeySpec key, Duration latency) implements KeyProvider {
        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            travel();
            byte[] iv = new byte[IV_BYTES];
            RANDOM.nextBytes(iv);
            byte[] sealed = dek.withBytes(bytes -> {
                try {
                    return cipher(Cipher.ENCRYPT_MODE, iv, keyContext).doFinal(bytes);
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException(e);
                }
            });
            byte[] wrapped = Arrays.copyOf(iv, IV_BYTES + sealed.length);
            System.arraycopy(sealed, 0, wrapped, IV_BYTES, sealed.length);
            return WrappedDek.builder(dek.id(), kekId).build(ALGORITHM, wrapped);
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            travel();
            byte[] bytes = wrapped.wrappedBytes();
            try {
                byte[] plain = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(bytes, IV_BYTES), keyContext)
                        .doFinal(bytes, IV_BYTES, bytes.length - IV_BYTES);
                return Dek.takeOwnershipOf(wrapped.dekId(), plain);
            } catch (GeneralSecurityException e) {
                throw new InvalidWrappedDekException(Failure.of(kekId, "it does not open"));
            }
        }

        private Cipher cipher(int mode, byte[] iv, EncryptionContext keyContext) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(128, iv));
            cipher.updateAAD(keyContext.toBytes());
            return cipher;
        }

        private void travel() {
            try {
                Thread.sleep(latency.toMillis()); // It is what is simulated.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KekUnreachableException(Failure.of(kekId, "the thread was interrupted"));
            }
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }
}
