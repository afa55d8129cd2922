package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.byok.UploadRefusedException.Reason;
import io.keywrap.crypto.OneShotCipher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.BadPaddingException;
import javax.crypto.IllegalBlockSizeException;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a provider of cryptography has decrypted of an upload is wiped, unless it is the secret that is given out. */
class PlaintextsOfUploadsTest {
    @TempDir
    Path folder;

    private final Keeping provider = new Keeping();
    private TransportKeys keys;

    @BeforeEach
    void makeKeys() {
        keys = new TransportFixture(folder).builder().cryptoProvider(provider).create();
    }

    private void assertRefused(Reason reason, Upload upload) {
        assertThatExceptionOfType(UploadRefusedException.class)
                .isThrownBy(() -> upload.secret(keys))
                .matches(refusal -> refusal.reason() == reason);
    }

    private static byte[] secret(int length) {
        byte[] secret = new byte[length];
        Arrays.fill(secret, (byte) 7);
        return secret;
    }

    private static byte[] made(String file) throws Exception {
        return Files.readAllBytes(
                TransportFixture.RESOURCES.resolve("openssl-3.0.19").resolve(file));
    }

    @Test
    void aSecretIsWipedWhenItIsClosed() {
        byte[] secret = secret(Dek.BYTES);
        Dek opened = Upload.ofSecret(TransportFixture.encrypted("one", secret), TransportFixture.digestOf(secret))
                .secret(keys);
        assertThat(provider.given).singleElement().isEqualTo(secret);
        opened.close();
        assertThat(provider.given).singleElement().isEqualTo(new byte[Dek.BYTES]);
    }

    @Test
    void aSecretIsWipedThatIsNotTheOneThatWasMeant() {
        byte[] secret = secret(Dek.BYTES);
        assertRefused(
                Reason.DIGEST_MISMATCH,
                Upload.ofSecret(
                        TransportFixture.encrypted("one", secret), TransportFixture.digestOf(new byte[Dek.BYTES])));
        assertThat(provider.given).singleElement().isEqualTo(new byte[Dek.BYTES]);
    }

    @Test
    void whatIsNoSecretIsWiped() {
        byte[] other = secret(Dek.BYTES - 1);
        assertRefused(
                Reason.NOT_DECRYPTED,
                Upload.ofSecret(TransportFixture.encrypted("one", other), TransportFixture.digestOf(other)));
        assertThat(provider.given).singleElement().isEqualTo(new byte[Dek.BYTES - 1]);
    }

    /** With the passphrase of a key file, and what it was tried on. */
    @Test
    void aPassphraseIsWipedAndWhatItOpens() throws Exception {
        Upload upload = Upload.ofKeyFile(made("encrypted_key.bin"), made("encrypted_passphrase.bin"));
        upload.secret(keys).close();
        assertThat(provider.given)
                .hasSize(2)
                .allSatisfy(bytes -> assertThat(bytes)
                        .hasSizeGreaterThan(Upload.MIN_PASSPHRASE)
                        .containsOnly(0));
    }

    /** Bouncy Castle, and every array that it has given for what was uploaded. */
    private static final class Keeping extends Provider {
        private static final long serialVersionUID = 1L;

        private final transient Provider real = new BouncyCastleProvider();
        final transient List<byte[]> given = new CopyOnWriteArrayList<>();

        Keeping() {
            super("Keeping", "1", "for tests");
            for (String transformation : List.of("RSA/ECB/OAEPPadding", "AES/CBC/NoPadding")) {
                putService(
                        new Service(this, "Cipher", transformation, getClass().getName(), null, null) {
                            @Override
                            public Object newInstance(Object parameter) {
                                return new KeepingCipher(transformation, real, given);
                            }
                        });
            }
        }

        @Override
        public Service getService(String type, String algorithm) {
            Service own = super.getService(type, algorithm);
            return own == null ? real.getService(type, algorithm) : own;
        }

        @Override
        public Set<Service> getServices() {
            return real.getServices();
        }
    }

    private static final class KeepingCipher extends OneShotCipher {
        private final List<byte[]> given;

        KeepingCipher(String transformation, Provider real, List<byte[]> given) {
            super(transformation, real);
            this.given = given;
        }

        @Override
        protected void engineInit(int mode, Key key, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            cipher.init(mode, key, parameters);
        }

        @Override
        protected byte[] engineDoFinal(byte[] in, int from, int length)
                throws IllegalBlockSizeException, BadPaddingException {
            byte[] plaintext = cipher.doFinal(in, from, length);
            given.add(plaintext);
            return plaintext;
        }
    }
}
