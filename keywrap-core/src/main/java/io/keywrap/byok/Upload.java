package io.keywrap.byok;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.byok.UploadRefusedException.Reason;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.crypto.PassphraseCbc;
import io.keywrap.crypto.PassphraseCbc.Derivation;
import io.keywrap.crypto.RsaOaep;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a customer uploads: a key of 256 bits, made on a machine of theirs by one of the scripts in docs/byok.
 *
 * <pre>{@code
 * Upload upload = Upload.ofSecret(Upload.read(file), digest);
 * try (Dek secret = upload.secret(transportKeys)) {
 *     slots.validate("tenant-42", secret);
 * }
 * }</pre>
 *
 * <p><b>Shape and units:</b> in one variant, the secret encrypted under a {@link TransportKey} ({@value #ENCRYPTED_BYTES} bytes),
 * and its SHA-256 digest in base64 (44 characters). In the other, a key file of {@value #KEY_FILE_BYTES} bytes ({@code Salted__},
 * a salt of 8 bytes, and under AES-256-CBC with a key from PBKDF2 of {@value #ROUNDS} rounds the secret, its SHA-256 digest and
 * the padding), and its passphrase (16 to 128 characters of ASCII) encrypted under a transport key.
 *
 * <p><b>Security:</b> an upload is an attacker's file. Lengths are fixed, and checked before anything is done; nothing in it
 * chooses an algorithm or a number of rounds. Whatever fails in a decryption gives the same answer, digests are compared in
 * constant time, and padding together with the digest. Both variants are as good as the transport key that the customer has used,
 * so the customer compares its {@link TransportKey#fingerprint() fingerprint}. Who has these files and may upload can give
 * a revoked slot back: authenticate whoever uploads, and limit how often; a key file costs some tenths of a second of CPU.
 *
 * <p><b>Thread safety:</b> immutable; it holds what is encrypted alone.
 *
 * <p><b>Source:</b> docs/customers/byok.md; OAEP (RFC 8017, 7.1), PBKDF2 (RFC 8018, 5.2).
 */
public final class Upload {
    /** Length of a secret or a passphrase under a transport key. */
    public static final int ENCRYPTED_BYTES = RsaOaep.ENCRYPTED_BYTES;

    /** Length of a key file. */
    public static final int KEY_FILE_BYTES = 96;

    /** Rounds of PBKDF2 in a key file. */
    public static final int ROUNDS = 600_000;

    static final int MIN_PASSPHRASE = 16;
    static final int MAX_PASSPHRASE = 128;

    private static final byte[] SALTED = "Salted__".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_BYTES = SALTED.length + PassphraseCbc.SALT_BYTES;
    private static final int DIGEST_BYTES = 32;
    private static final int DIGEST_CHARACTERS = 44;
    private static final int MOST_DIGEST_CHARACTERS = 64; // With white space around it.

    private final byte[] encrypted;
    private final byte[] digest;
    private final byte @Nullable [] keyFile;

    private Upload(byte[] encrypted, byte[] digest, byte @Nullable [] keyFile) {
        this.encrypted = encrypted;
        this.digest = digest;
        this.keyFile = keyFile;
    }

    /**
     * An encrypted secret and its digest, as {@code make-key.sh} makes them.
     *
     * @param encryptedSecret the content of {@code encrypted_secret.bin}; copied
     * @param digest the content of {@code secret_digest.txt}; white space around it does not matter
     * @return the upload
     * @throws UploadRefusedException MALFORMED_FILE, MALFORMED_DIGEST
     */
    public static Upload ofSecret(byte[] encryptedSecret, String digest) {
        requireLength("encrypted_secret.bin", encryptedSecret, ENCRYPTED_BYTES);
        return new Upload(encryptedSecret.clone(), parseDigest(digest), null);
    }

    /**
     * A key file and its encrypted passphrase, as {@code make-key-passphrase.sh} makes them.
     *
     * @param keyFile the content of {@code encrypted_key.bin}; copied
     * @param encryptedPassphrase the content of {@code encrypted_passphrase.bin}; copied
     * @return the upload
     * @throws UploadRefusedException MALFORMED_FILE
     */
    public static Upload ofKeyFile(byte[] keyFile, byte[] encryptedPassphrase) {
        requireLength("encrypted_key.bin", keyFile, KEY_FILE_BYTES);
        requireLength("encrypted_passphrase.bin", encryptedPassphrase, ENCRYPTED_BYTES);
        if (!Arrays.equals(keyFile, 0, SALTED.length, SALTED, 0, SALTED.length)) {
            throw malformed("encrypted_key.bin is no key file that openssl has encrypted under a passphrase");
        }
        return new Upload(encryptedPassphrase.clone(), new byte[0], keyFile.clone());
    }

    /**
     * Reads an uploaded file, and no more of it than one may have.
     *
     * @param in the file; stays the caller's to close
     * @return its bytes
     * @throws IOException if it cannot be read
     * @throws UploadRefusedException MALFORMED_FILE, if it is longer than any file of an upload
     */
    public static byte[] read(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(ENCRYPTED_BYTES + 1);
        if (bytes.length > ENCRYPTED_BYTES) {
            throw malformed("the file has more than " + ENCRYPTED_BYTES + " bytes");
        }
        return bytes;
    }

    private static void requireLength(String name, byte[] file, int bytes) {
        if (file.length != bytes) {
            throw malformed(name + " has " + bytes + " bytes, and what was uploaded has " + file.length);
        }
    }

    /** In its one form: bits of base64 that mean nothing must be zero. */
    private static byte[] parseDigest(String text) {
        String line = text.length() <= MOST_DIGEST_CHARACTERS ? text.strip() : "";
        if (line.length() == DIGEST_CHARACTERS) {
            try {
                byte[] bytes = Base64.getDecoder().decode(line);
                if (bytes.length == DIGEST_BYTES
                        && Base64.getEncoder().encodeToString(bytes).equals(line)) {
                    return bytes;
                }
            } catch (IllegalArgumentException e) {
                // Not base64, and no cause: it would quote it.
            }
        }
        throw new UploadRefusedException(
                Reason.MALFORMED_DIGEST,
                "the digest is no SHA-256 digest in base64, which has " + DIGEST_CHARACTERS
                        + " characters; to do: paste the whole line of secret_digest.txt");
    }

    /**
     * Decrypts the secret and proves that it is the one that was meant. Blocks on the KMS of the keychain that the transport keys
     * are kept under.
     *
     * @param keys the transport keys of the customer's region; the current one, the next one and the previous one are tried
     * @return the secret, under a random id; to be closed, which wipes it
     * @throws UploadRefusedException NOT_DECRYPTED, DIGEST_MISMATCH, KEY_FILE_MISMATCH
     */
    public Dek secret(TransportKeys keys) {
        Jca jca = keys.jca();
        byte[] secret = keyFile == null ? plainSecret(jca, keys) : secretInKeyFile(jca, keys, keyFile);
        return Dek.takeOwnershipOf(DekId.random(), secret, jca.named());
    }

    private byte[] plainSecret(Jca jca, TransportKeys keys) {
        byte[] secret = decrypt(keys, "secret", bytes -> bytes.length == Dek.BYTES);
        if (!MessageDigest.isEqual(jca.sha256(secret), digest)) {
            Arrays.fill(secret, (byte) 0);
            throw new UploadRefusedException(
                    Reason.DIGEST_MISMATCH,
                    "the secret is not the one that the digest is of; to do: upload encrypted_secret.bin and"
                            + " secret_digest.txt of one run of the script");
        }
        return secret;
    }

    private byte[] secretInKeyFile(Jca jca, TransportKeys keys, byte[] file) {
        byte[] passphrase = decrypt(keys, "passphrase", Upload::isPassphrase);
        byte[] content = new byte[0];
        try {
            byte[] salt = Arrays.copyOfRange(file, SALTED.length, HEAD_BYTES);
            content = PassphraseCbc.decrypt(
                    jca,
                    new Derivation(passphrase, salt, ROUNDS),
                    new Slice(file, HEAD_BYTES, KEY_FILE_BYTES - HEAD_BYTES));
            return proven(jca, content);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
            Arrays.fill(content, (byte) 0);
        }
    }

    /** Digest and padding in one comparison: which of them is wrong would be a padding oracle. */
    private static byte[] proven(Jca jca, byte[] content) {
        byte[] secret = Arrays.copyOf(content, Dek.BYTES);
        byte[] expected = Arrays.copyOf(jca.sha256(secret), content.length - Dek.BYTES);
        Arrays.fill(expected, DIGEST_BYTES, expected.length, (byte) PassphraseCbc.BLOCK_BYTES);
        byte[] found = Arrays.copyOfRange(content, Dek.BYTES, content.length);
        if (!MessageDigest.isEqual(expected, found)) {
            Arrays.fill(secret, (byte) 0);
            throw new UploadRefusedException(
                    Reason.KEY_FILE_MISMATCH,
                    "the passphrase does not open the key file; to do: upload encrypted_key.bin and an"
                            + " encrypted_passphrase.bin that the script has made for it");
        }
        return secret;
    }

    private static boolean isPassphrase(byte[] bytes) {
        boolean printable = true;
        for (byte one : bytes) {
            printable &= one >= ' ' && one <= '~';
        }
        return printable && bytes.length >= MIN_PASSPHRASE && bytes.length <= MAX_PASSPHRASE;
    }

    private byte[] decrypt(TransportKeys keys, String what, Predicate<byte[]> form) {
        return keys.decrypt(encrypted, form)
                .orElseThrow(() -> new UploadRefusedException(
                        Reason.NOT_DECRYPTED,
                        "no transport key of region " + keys.region() + " opens the encrypted " + what
                                + "; to do: download the transport key of this region again, compare its fingerprint,"
                                + " and run the script with it"));
    }

    private static UploadRefusedException malformed(String what) {
        return new UploadRefusedException(
                Reason.MALFORMED_FILE, what + "; to do: upload the files as the script has made them, unchanged");
    }

    /**
     * Which variant.
     *
     * @return nothing of what was uploaded
     */
    @Override
    public String toString() {
        return keyFile == null ? "Upload[secret]" : "Upload[key file]";
    }
}
