package io.keywrap.byok;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.Dek;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.crypto.PassphraseCbc;
import io.keywrap.crypto.PassphraseCbc.Derivation;
import io.keywrap.crypto.RsaOaep;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Base64;

/** What a customer uploads is refused with its typed exception, or is the key whose digest came with it. */
class UploadFuzzTest {
    private static final int SALT = 8;

    /** The file first, the digest behind it, against real transport keys. */
    @FuzzTest(maxDuration = "60m")
    void secretAndDigest(byte[] input) throws Exception {
        Cost.of(input, () -> {
            int length = Math.min(input.length, Upload.ENCRYPTED_BYTES);
            String digest = Same.text(Arrays.copyOfRange(input, length, input.length));
            try {
                Upload upload = Upload.ofSecret(Arrays.copyOf(input, length), digest);
                try (Dek secret = upload.secret(TransportFiles.KEYS)) {
                    byte[] found = secret.withBytes(Jca.platform()::sha256);
                    Same.bytes(Base64.getDecoder().decode(digest.strip()), found);
                }
            } catch (UploadRefusedException refused) {
                // As it should be.
            }
        });
    }

    /** The key file first, behind it the passphrase, which is encrypted here as the script does. Rounds cost more than parsers may. */
    @FuzzTest(maxDuration = "60m")
    void keyFileAndPassphrase(byte[] input) {
        int length = Math.min(input.length, Upload.KEY_FILE_BYTES);
        byte[] passphrase = Arrays.copyOfRange(input, length, Math.min(input.length, length + 400));
        byte[] encrypted = RsaOaep.of(Jca.platform()).encrypt(TransportFiles.PAIR.getPublic(), passphrase);
        try {
            Upload.ofKeyFile(Arrays.copyOf(input, length), encrypted)
                    .secret(TransportFiles.KEYS)
                    .close();
        } catch (UploadRefusedException refused) {
            // As it should be.
        }
    }

    /** Without the rounds that make the target above slow; it never fails, so that it tells nothing. */
    @FuzzTest(maxDuration = "60m")
    void passphraseCbc(byte[] input) throws Exception {
        Cost.of(input, () -> {
            byte[] salt = Arrays.copyOf(input, SALT);
            byte[] blocks = Arrays.copyOf(input, input.length - input.length % PassphraseCbc.BLOCK_BYTES);
            byte[] passphrase = input.length == 0 ? new byte[] {1} : input;
            byte[] plain = PassphraseCbc.decrypt(Jca.platform(), new Derivation(passphrase, salt, 1), Slice.of(blocks));
            Same.value(plain.length, blocks.length);
            try {
                Same.bytes(Upload.read(new ByteArrayInputStream(input)), input);
            } catch (UploadRefusedException tooLong) {
                Same.value(input.length > Upload.ENCRYPTED_BYTES, true);
            }
        });
    }
}
