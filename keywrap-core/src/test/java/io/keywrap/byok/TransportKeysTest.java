package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DataException;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import io.keywrap.UnsupportedEnvelopeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transport keys: their states, what is stored of them, and what is refused. */
class TransportKeysTest {
    @TempDir
    Path folder;

    private TransportFixture vendor;

    @BeforeEach
    void makeAVendor() {
        vendor = new TransportFixture(folder);
    }

    @Nested
    class New {
        @Test
        void haveOneKeyThatCustomersCanRead() throws Exception {
            TransportKeys made = vendor.builder().create();

            assertThat(made.next()).isEmpty();
            assertThat(made.previous()).isEmpty();
            assertThat(made.region()).isEqualTo(TransportFixture.REGION);
            String pem = made.current().toPem();
            assertThat(pem).startsWith("-----BEGIN PUBLIC KEY-----\n").endsWith("\n-----END PUBLIC KEY-----\n");
            assertThat(pem.lines()).allMatch(line -> line.length() <= 64);
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            RSAPublicKey key = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
            assertThat(key.getModulus()).isEqualTo(TransportFixture.modulusOf("one"));
            assertThat(key.getModulus().bitLength()).isEqualTo(4096);
        }

        @Test
        void areMadeByTheJvmAtFullLength() {
            TransportKeys made =
                    TransportKeys.builder(vendor.cipher).region("us-east-1").create();
            assertThat(Base64.getMimeDecoder().decode(made.current().toPem().replaceAll("-----[A-Z ]+-----", "")))
                    .hasSize(550);
        }

        @Test
        void saveNoByteOfThePrivateKeyInTheClear() throws Exception {
            byte[] sealed = vendor.builder().create().toBytes();
            byte[] pkcs8 = TransportFixture.pair("one").getPrivate().getEncoded();
            String found = new String(sealed, StandardCharsets.ISO_8859_1);
            for (int at = 600; at + 16 <= pkcs8.length; at += 16) { // Behind the modulus, which is public.
                assertThat(found).doesNotContain(new String(pkcs8, at, 16, StandardCharsets.ISO_8859_1));
            }
        }

        @Test
        void tellNothingOfAPrivateKey() {
            TransportKeys made = vendor.builder().create();
            assertThat(made.toString())
                    .isEqualTo("TransportKeys[TransportKey[eu-west-1, "
                            + made.current().created() + ", " + made.current().fingerprint() + "]]");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "EU", "eu west", "-eu", "eu\n"})
        void needARegion(String region) {
            assertThatIllegalArgumentException().isThrownBy(() -> vendor.builder(region));
            assertThatIllegalStateException()
                    .isThrownBy(() -> TransportKeys.builder(vendor.cipher).create());
        }
    }

    @Nested
    class One {
        private final TransportKey one = publicHalf("one", 0);

        private TransportKey publicHalf(String name, long second) {
            return new TransportKey(
                    TransportFixture.REGION,
                    Instant.ofEpochSecond(second),
                    TransportFixture.pair(name).getPublic().getEncoded());
        }

        @Test
        void isTheSameIfRegionAgeAndKeyAre() {
            assertThat(one).isEqualTo(publicHalf("one", 0)).hasSameHashCodeAs(publicHalf("one", 0));
            assertThat(one)
                    .isNotEqualTo(publicHalf("two", 0))
                    .isNotEqualTo(publicHalf("one", 1))
                    .isNotEqualTo(new TransportKey("us-east-1", one.created(), one.spki()));
            assertThat(one.hashCode()).isNotEqualTo(publicHalf("two", 0).hashCode());
        }
    }

    @Nested
    class Rotated {
        @Test
        void openUploadsOfEveryKeyUntilItIsTakenAway() {
            TransportKeys first = vendor.builder().create();
            vendor.time.advance(Duration.ofDays(90));
            TransportKeys both = first.renew();
            TransportKeys second = both.activate();
            TransportKeys three = second.renew();

            assertThat(both.current()).isEqualTo(first.current());
            assertThat(second.current()).isEqualTo(both.next().orElseThrow());
            assertThat(second.previous()).contains(first.current());
            assertThat(second.current().created())
                    .isEqualTo(first.current().created().plus(Duration.ofDays(90)));
            for (String key : List.of("one", "two", "three")) {
                assertThat(opens(three, key)).as(key).isTrue();
                assertThat(opens(vendor.builder().open(three.toBytes()), key)).isTrue();
            }
            TransportKeys without = three.without(first.current());
            assertThat(opens(without, "one")).isFalse();
            assertThat(opens(without, "two")).isTrue();
            assertThat(opens(three.without(three.next().orElseThrow()), "three"))
                    .isFalse();
        }

        @Test
        void loseNoKeyUnasked() {
            TransportKeys one = vendor.builder().create();
            assertThatIllegalStateException().isThrownBy(one::activate).withMessageContaining("renew first");
            assertThatIllegalStateException().isThrownBy(() -> one.without(one.current()));
            TransportKeys two = one.renew();
            assertThatIllegalStateException().isThrownBy(two::renew);
            TransportKeys full = two.activate().renew();
            assertThatIllegalStateException().isThrownBy(full::activate).withMessageContaining("previous");
            assertThatIllegalStateException()
                    .isThrownBy(() -> full.without(one.current()).without(one.current()));
        }

        private boolean opens(TransportKeys keys, String key) {
            byte[] secret = new byte[32];
            new Random(key.hashCode()).nextBytes(secret);
            Upload upload = Upload.ofSecret(TransportFixture.encrypted(key, secret), TransportFixture.digestOf(secret));
            try {
                return Arrays.equals(TransportFixture.opened(upload, keys), secret);
            } catch (UploadRefusedException e) {
                assertThat(e.reason()).isEqualTo(UploadRefusedException.Reason.NOT_DECRYPTED);
                return false;
            }
        }
    }

    @Nested
    class InAFile {
        @Test
        void areReplacedOnlyByWhatWasMadeFromThem() throws Exception {
            Path file = folder.resolve("transport.kwrp");
            TransportKeys made = vendor.builder().create();
            made.save(file);
            Object written =
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            made.save(file);
            assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                    .as("what is there already is not written again")
                    .isEqualTo(written);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            TransportKeys mine = vendor.builder().open(file).renew();
            TransportKeys theirs = vendor.builder().open(file).renew();
            mine.save(file);
            mine.activate().save(file);

            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> theirs.save(file))
                    .withMessageContaining("changed by others");
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> vendor.builder().create().save(file));
            assertThat(vendor.builder().open(file).current())
                    .isEqualTo(mine.next().orElseThrow());
            Files.delete(file);
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> theirs.save(file))
                    .withMessageContaining("is gone");
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.endsWith(".tmp"));
            }
        }

        @Test
        void areWhateverWasNotSavedBetween() throws Exception {
            Path file = folder.resolve("transport.kwrp");
            TransportKeys made = vendor.builder().create();
            made.renew().activate().save(file);
            assertThat(vendor.builder().open(file).previous()).contains(made.current());
        }
    }

    @Nested
    class Opened {
        @Test
        void areRefusedWithAnyBitOfThemChanged() {
            byte[] sealed = vendor.builder().create().toBytes();
            Random random = new Random(7);
            for (int i = 0; i < 60; i++) {
                byte[] changed = TransportFixture.flipped(sealed, random.nextInt(8 * sealed.length));
                assertThatThrownBy(() -> vendor.builder().open(changed))
                        .isInstanceOfAny(DataException.class, KekException.class, io.keywrap.KeychainException.class);
            }
        }

        @Test
        void areRefusedInAnotherRegion() {
            byte[] sealed = vendor.builder().create().toBytes();
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> vendor.builder("us-east-1").open(sealed))
                    .withMessageContaining("us-east-1")
                    .withMessageNotContaining("eu-west-1");
        }

        @Test
        void areRefusedIfPrivateAndPublicHalvesDoNotBelongTogether() {
            EncryptionContext context = new TransportKeyStates(publicHalf("one"), null, null).toContext();
            byte[] other = TransportFixture.pair("two").getPrivate().getEncoded();
            assertMalformed(context, TransportPrivateKeys.encode(List.of(other)), "is not that of");
        }

        @Test
        void areRefusedIfTheyAreCutOrTooLong() {
            EncryptionContext context = new TransportKeyStates(publicHalf("one"), null, null).toContext();
            byte[] key = TransportFixture.pair("one").getPrivate().getEncoded();
            byte[] encoded = TransportPrivateKeys.encode(List.of(key));
            assertMalformed(context, new byte[0], "missing, cut");
            assertMalformed(context, Arrays.copyOf(encoded, encoded.length - 1), "missing, cut");
            assertMalformed(context, Arrays.copyOf(encoded, encoded.length + 1), "more follows");
        }

        @Test
        void areRefusedIfTheirContextIsNotTheirs() {
            EncryptionContext good = new TransportKeyStates(publicHalf("one"), null, null).toContext();
            byte[] encoded = TransportPrivateKeys.encode(
                    List.of(TransportFixture.pair("one").getPrivate().getEncoded()));
            String current = good.asMap().get("current");
            assertMalformed(EncryptionContext.of("object", "x"), encoded, "not one of transport keys");
            assertMalformed(good.with("more", "x"), encoded, "too much");
            assertMalformed(good.with("next", "x"), encoded, "next transport key cannot be read");
            assertMalformed(good.with("next", current + "\n"), encoded, "next transport key cannot be read");
            assertMalformed(good.with("next", current.replace(' ', '_')), encoded, "cannot be read");
            EncryptionContext later =
                    EncryptionContext.of("format", "keywrap-transport-keys").with("version", "2");
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> vendor.builder().open(vendor.cipher.encrypt(encoded.clone(), later)));
        }

        @Test
        void areRefusedBeforeTheyAreReadIfTheyAreTooLong() throws Exception {
            Path file = Files.write(folder.resolve("long"), new byte[TransportKeyFile.MOST_BYTES + 1]);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> vendor.builder().open(file))
                    .withMessageContaining("too long");
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> vendor.builder().open(new byte[TransportKeyFile.MOST_BYTES]))
                    .withMessageNotContaining("too long");
        }

        @Test
        void needTheKekOfTheVendor() {
            TransportKeys made = vendor.builder().create();
            Upload upload = Upload.ofSecret(
                    TransportFixture.encrypted("one", new byte[32]), TransportFixture.digestOf(new byte[32]));
            vendor.tenant.keks().disable(TestTenant.VENDOR);

            assertThatThrownBy(() -> upload.secret(made)).isInstanceOf(KekException.class);
        }

        private void assertMalformed(EncryptionContext context, byte[] encoded, String message) {
            byte[] sealed = vendor.cipher.encrypt(encoded.clone(), context);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> vendor.builder().open(sealed))
                    .withMessageContaining(message)
                    .withNoCause();
        }

        private TransportKey publicHalf(String name) {
            return new TransportKey(
                    TransportFixture.REGION,
                    vendor.time.now(),
                    TransportFixture.pair(name).getPublic().getEncoded());
        }
    }
}
