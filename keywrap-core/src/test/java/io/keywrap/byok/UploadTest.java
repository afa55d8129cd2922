package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.Dek;
import io.keywrap.byok.UploadRefusedException.Reason;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.RsaOaep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What customers upload, made by openssl and by attackers. */
class UploadTest {
    private static final String PASSPHRASE = "correct horse battery staple ";
    private static final byte[] SECRET = Jca.platform().random(Dek.BYTES);

    @TempDir
    Path folder;

    private TransportFixture vendor;
    private TransportKeys keys;

    @BeforeEach
    void makeAVendor() {
        vendor = new TransportFixture(folder);
        keys = vendor.builder().create();
    }

    /** One of the files that a release of openssl has made with the scripts. */
    private static byte[] made(String release, String file) throws Exception {
        return Files.readAllBytes(
                TransportFixture.RESOURCES.resolve("openssl-" + release).resolve(file));
    }

    private static byte[] base64(byte[] line) {
        return Base64.getDecoder().decode(new String(line, StandardCharsets.US_ASCII).strip());
    }

    private static Reason reason(Attempt attempt) {
        UploadRefusedException refused = catchThrowableOfType(UploadRefusedException.class, attempt::run);
        assertThat(refused).as("a refusal").isNotNull().hasNoCause();
        return refused.reason();
    }

    private interface Attempt {
        void run() throws Exception;
    }

    @Nested
    class OfASecret {
        @ParameterizedTest
        @ValueSource(strings = {"1.1.1w", "3.0.19"})
        void opensAsOpensslMadeIt(String release) throws Exception {
            Upload upload = Upload.ofSecret(
                    Upload.read(new ByteArrayInputStream(made(release, "encrypted_secret.bin"))),
                    new String(made(release, "secret_digest.txt"), StandardCharsets.US_ASCII));

            assertThat(TransportFixture.opened(upload, keys)).isEqualTo(base64(made(release, "secret.txt")));
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.byok.UploadTest#bits")
        void isRefusedWithAnyBitOfTheFileChanged(int bit) {
            byte[] file = TransportFixture.flipped(TransportFixture.encrypted("one", SECRET), bit);
            Upload upload = Upload.ofSecret(file, TransportFixture.digestOf(SECRET));
            assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.NOT_DECRYPTED);
        }

        /** In the text, all of them where base64 has bits that mean nothing, and in what it means. */
        @Test
        void isRefusedWithABitOfTheDigestChanged() {
            byte[] file = TransportFixture.encrypted("one", SECRET);
            byte[] digest = TransportFixture.digestOf(SECRET).getBytes(StandardCharsets.US_ASCII);
            for (int bit = 0; bit < 8 * digest.length; bit += bit < 8 * (digest.length - 2) ? 3 : 1) {
                String changed = new String(TransportFixture.flipped(digest, bit), StandardCharsets.ISO_8859_1);
                assertThat(reason(() -> Upload.ofSecret(file, changed).secret(keys)))
                        .as(changed)
                        .isIn(Reason.MALFORMED_DIGEST, Reason.DIGEST_MISMATCH);
            }
            byte[] meant = Base64.getDecoder().decode(digest);
            for (int bit = 0; bit < 8 * meant.length; bit += 11) {
                String changed = Base64.getEncoder().encodeToString(TransportFixture.flipped(meant, bit));
                assertThat(reason(() -> Upload.ofSecret(file, changed).secret(keys)))
                        .isEqualTo(Reason.DIGEST_MISMATCH);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 31, 33, 44, 64, 446})
        void isRefusedIfItHasNot256Bits(int length) {
            byte[] other = new byte[length];
            Upload upload = Upload.ofSecret(TransportFixture.encrypted("one", other), TransportFixture.digestOf(other));
            assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.NOT_DECRYPTED);
        }

        @Test
        void isRefusedIfItIsForAnotherRegionOrNoRsaAtAll() {
            for (byte[] file : new byte[][] {
                TransportFixture.encrypted("three", SECRET),
                filled(0x00),
                filled(0xff),
                TransportFixture.modulusOf("one").toByteArray()
            }) {
                byte[] exact = Arrays.copyOfRange(file, file.length - Upload.ENCRYPTED_BYTES, file.length);
                Upload upload = Upload.ofSecret(exact, TransportFixture.digestOf(SECRET));
                assertThatThrownBy(() -> upload.secret(keys))
                        .isInstanceOf(UploadRefusedException.class)
                        .hasMessageContaining("region eu-west-1")
                        .hasNoCause();
            }
        }

        private byte[] filled(int with) {
            byte[] bytes = new byte[Upload.ENCRYPTED_BYTES];
            Arrays.fill(bytes, (byte) with);
            return bytes;
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "=",
                    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF=",
                    "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
                    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
                    "47DEQpj8HBSa+/TImW+5JCeu\nQeRkm5NMpJWZG3hSuFU=",
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                })
        void needsADigestInBase64(String digest) {
            assertThat(reason(() -> Upload.ofSecret(new byte[512], digest))).isEqualTo(Reason.MALFORMED_DIGEST);
            assertThat(reason(() -> Upload.ofSecret(new byte[512], digest + " ".repeat(100_000))))
                    .isEqualTo(Reason.MALFORMED_DIGEST);
        }

        @Test
        void mayHaveSomeWhiteSpaceAroundItsDigest() {
            byte[] file = TransportFixture.encrypted("one", SECRET);
            String most = " ".repeat(10) + TransportFixture.digestOf(SECRET) + "\n".repeat(10);
            assertThat(TransportFixture.opened(Upload.ofSecret(file, most), keys))
                    .isEqualTo(SECRET);
            assertThat(reason(() -> Upload.ofSecret(file, most + "\n"))).isEqualTo(Reason.MALFORMED_DIGEST);
        }

        @Test
        void isWipedWhenItIsClosed() {
            Upload upload = Upload.ofSecret(
                    TransportFixture.encrypted("one", SECRET), TransportFixture.digestOf(SECRET) + "\r\n");
            Dek secret = upload.secret(keys);
            assertThat(secret.<byte[]>withBytes(byte[]::clone)).isEqualTo(SECRET);
            secret.close();
            assertThat(secret.isClosed()).isTrue();
            assertThat(upload.secret(keys).id())
                    .as("an id of its own each time")
                    .isNotEqualTo(secret.id());
        }
    }

    @Nested
    class OfAKeyFile {
        @ParameterizedTest
        @ValueSource(strings = {"1.1.1w", "3.0.19"})
        void opensAsOpensslMadeIt(String release) throws Exception {
            Upload upload =
                    Upload.ofKeyFile(made(release, "encrypted_key.bin"), made(release, "encrypted_passphrase.bin"));

            assertThat(TransportFixture.opened(upload, keys)).isEqualTo(base64(made(release, "key-file-secret.txt")));
        }

        /** Salt, secret, digest and padding; the padding fails as everything else does, word for word. */
        @ParameterizedTest
        @ValueSource(ints = {64, 127, 128, 300, 384, 511, 520, 630, 640, 767})
        void isRefusedWithABitOfTheFileChanged(int bit) throws Exception {
            byte[] file = TransportFixture.flipped(made("3.0.19", "encrypted_key.bin"), bit);
            Upload upload = Upload.ofKeyFile(file, made("3.0.19", "encrypted_passphrase.bin"));
            assertThatThrownBy(() -> upload.secret(keys))
                    .isInstanceOfSatisfying(
                            UploadRefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.KEY_FILE_MISMATCH))
                    .hasMessageStartingWith("the passphrase does not open the key file; to do: ")
                    .hasNoCause();
        }

        @Test
        void isRefusedWithAnyBitOfItsBeginningChanged() throws Exception {
            byte[] passphrase = made("3.0.19", "encrypted_passphrase.bin");
            for (int bit = 0; bit < 64; bit++) {
                byte[] file = TransportFixture.flipped(made("3.0.19", "encrypted_key.bin"), bit);
                assertThat(reason(() -> Upload.ofKeyFile(file, passphrase))).isEqualTo(Reason.MALFORMED_FILE);
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.byok.UploadTest#bits")
        void isRefusedWithAnyBitOfThePassphraseChanged(int bit) throws Exception {
            Upload upload = Upload.ofKeyFile(
                    made("3.0.19", "encrypted_key.bin"),
                    TransportFixture.flipped(made("3.0.19", "encrypted_passphrase.bin"), bit));
            assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.NOT_DECRYPTED);
        }

        @Test
        void isRefusedUnderThePassphraseOfAnotherOne() throws Exception {
            for (String other : new String[] {PASSPHRASE + "1.1.1w", PASSPHRASE + "3.0.19 ", "a".repeat(128)}) {
                Upload upload = Upload.ofKeyFile(
                        made("3.0.19", "encrypted_key.bin"),
                        TransportFixture.encrypted("one", other.getBytes(StandardCharsets.US_ASCII)));
                assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.KEY_FILE_MISMATCH);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "fifteen charact",
                    "sixteen char\u00e4cter",
                    "a line\nand another one",
                    "tab\tis a sign too",
                    "sixteen and DEL \u007f"
                })
        void isRefusedUnderWhatIsNoPassphrase(String other) throws Exception {
            Upload upload = Upload.ofKeyFile(
                    made("3.0.19", "encrypted_key.bin"),
                    TransportFixture.encrypted("one", other.getBytes(StandardCharsets.UTF_8)));
            assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.NOT_DECRYPTED);
        }

        /** The shortest one, and the first and the last characters that one may have. */
        @ParameterizedTest
        @ValueSource(strings = {"sixteen letters~", "~~~~~~~~~~~~~~~~", "                "})
        void isTriedUnderWhateverIsAPassphrase(String other) throws Exception {
            Upload upload = Upload.ofKeyFile(
                    made("3.0.19", "encrypted_key.bin"),
                    TransportFixture.encrypted("one", other.getBytes(StandardCharsets.US_ASCII)));
            assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.KEY_FILE_MISMATCH);
        }

        @Test
        void isRefusedUnderAPassphraseThatIsTooLong() throws Exception {
            Upload upload = Upload.ofKeyFile(
                    made("3.0.19", "encrypted_key.bin"),
                    TransportFixture.encrypted("one", "a".repeat(129).getBytes(StandardCharsets.US_ASCII)));
            assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.NOT_DECRYPTED);
        }

        @Test
        void opensWithTheProviderThatTheVendorNames() throws Exception {
            TransportKeys others =
                    vendor.builder().cryptoProvider(new BouncyCastleProvider()).open(keys.toBytes());
            Upload upload =
                    Upload.ofKeyFile(made("1.1.1w", "encrypted_key.bin"), made("1.1.1w", "encrypted_passphrase.bin"));
            try (Dek secret = upload.secret(others)) {
                assertThat(secret.cryptoProvider())
                        .map(java.security.Provider::getName)
                        .contains("BC");
                assertThat(secret.<byte[]>withBytes(byte[]::clone))
                        .isEqualTo(base64(made("1.1.1w", "key-file-secret.txt")));
            }
            Upload changed = Upload.ofKeyFile(made("1.1.1w", "encrypted_key.bin"), new byte[512]);
            assertThat(reason(() -> changed.secret(others))).isEqualTo(Reason.NOT_DECRYPTED);
        }

        @Test
        void opensWithTheProvidersOfTheJdkByName() throws Exception {
            TransportKeys others = vendor.builder()
                    .cryptoProvider(Security.getProvider("SunJCE"))
                    .open(keys.toBytes());
            Upload upload =
                    Upload.ofKeyFile(made("3.0.19", "encrypted_key.bin"), made("3.0.19", "encrypted_passphrase.bin"));
            assertThat(TransportFixture.opened(upload, others))
                    .isEqualTo(base64(made("3.0.19", "key-file-secret.txt")));
        }
    }

    /** Every 97th, and those at the ends. */
    static Stream<Integer> bits() {
        return IntStream.concat(IntStream.iterate(1, bit -> bit < 4096, bit -> bit + 97), IntStream.of(0, 7, 4095))
                .boxed();
    }

    @Nested
    class OfAnyLength {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 95, 97, 511, 513, 1 << 20})
        void butItsOwnIsRefused(int length) {
            String digest = TransportFixture.digestOf(SECRET);
            assertThat(reason(() -> Upload.ofSecret(new byte[length], digest))).isEqualTo(Reason.MALFORMED_FILE);
            assertThat(reason(() -> Upload.ofKeyFile(new byte[length], new byte[512])))
                    .isEqualTo(Reason.MALFORMED_FILE);
            byte[] keyFile = Arrays.copyOf("Salted__".getBytes(StandardCharsets.US_ASCII), 96);
            assertThat(reason(() -> Upload.ofKeyFile(keyFile, new byte[length])))
                    .isEqualTo(Reason.MALFORMED_FILE);
        }

        @Test
        void isReadNoFurtherThanItMayBe() {
            long[] read = {0};
            InputStream endless = new InputStream() {
                @Override
                public int read() {
                    read[0]++;
                    return 'x';
                }
            };
            assertThat(reason(() -> Upload.read(endless))).isEqualTo(Reason.MALFORMED_FILE);
            assertThat(read[0]).isLessThan(1024);
        }
    }

    @Nested
    class Refusals {
        @Test
        void tellNoByteOfWhatWasUploaded() {
            byte[] other = new byte[Dek.BYTES];
            new Random(3).nextBytes(other);
            Upload upload =
                    Upload.ofSecret(TransportFixture.encrypted("one", SECRET), TransportFixture.digestOf(other));
            UploadRefusedException refused =
                    catchThrowableOfType(UploadRefusedException.class, () -> upload.secret(keys));
            for (byte[] bytes : new byte[][] {SECRET, other, Jca.platform().sha256(SECRET)}) {
                assertThat(refused.toString())
                        .doesNotContain(HexFormat.of().formatHex(bytes, 0, 4))
                        .doesNotContain(
                                Base64.getEncoder().encodeToString(bytes).substring(0, 6));
            }
            assertThat(upload).hasToString("Upload[secret]");
            byte[] keyFile = Arrays.copyOf("Salted__".getBytes(StandardCharsets.US_ASCII), Upload.KEY_FILE_BYTES);
            assertThat(Upload.ofKeyFile(keyFile, new byte[Upload.ENCRYPTED_BYTES]))
                    .hasToString("Upload[key file]");
        }

        @Test
        void surviveSerialization() throws Exception {
            UploadRefusedException refused = new UploadRefusedException(Reason.NOT_DECRYPTED, "no");
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(refused);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                UploadRefusedException read = (UploadRefusedException) in.readObject();
                assertThat(read).hasMessage("no");
                assertThat(read.reason()).isEqualTo(Reason.NOT_DECRYPTED);
                assertThat(read.retryable()).isFalse();
            }
        }
    }

    /** The parameters of OAEP are said, and no others are taken. */
    @Nested
    class UnderOaep {
        @ParameterizedTest
        @ValueSource(strings = {"SHA-1", "SHA-512"})
        void isRefusedIfMgf1HasAnotherDigest(String digest) throws Exception {
            Upload upload = Upload.ofSecret(
                    OtherOaep.encrypt(TransportFixture.pair("one").getPublic(), "SHA-256", digest, SECRET),
                    TransportFixture.digestOf(SECRET));
            assertThat(reason(() -> upload.secret(keys))).isEqualTo(Reason.NOT_DECRYPTED);
        }

        @Test
        void isTheSameAsOfAnotherImplementation() throws Exception {
            byte[] file = OtherOaep.encrypt(TransportFixture.pair("one").getPublic(), "SHA-256", "SHA-256", SECRET);
            assertThat(RsaOaep.of(Jca.platform())
                            .decrypt(TransportFixture.pair("one").getPrivate(), file))
                    .hasValueSatisfying(opened -> assertThat(opened).isEqualTo(SECRET));
        }
    }
}
