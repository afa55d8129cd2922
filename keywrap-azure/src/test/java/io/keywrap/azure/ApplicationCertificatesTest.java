package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DataException;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.KeychainException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the vendor keeps: states, files, damage. */
class ApplicationCertificatesTest extends CertificateFixture {
    private void advanceDays(int days) {
        vault.time.advance(Duration.ofDays(days));
    }

    @Nested
    class States {
        private final ApplicationCertificates first = builder().create();

        @Test
        void beginWithOneCertificate() {
            assertThat(first.next()).isEmpty();
            assertThat(first.previous()).isEmpty();
            assertThat(first.daysLeft()).isEqualTo(365);
            assertSame(builder().open(first.toBytes()), first);
        }

        @Test
        void haveANextOneAfterARenewalAndKeepTheCurrent() {
            advanceDays(300);
            ApplicationCertificates renewed = builder().open(first.toBytes()).renew();
            assertThat(renewed.current()).isEqualTo(first.current());
            assertThat(renewed.next()).isPresent();
            assertThat(renewed.daysLeft()).isEqualTo(365);
            assertThat(first.next()).as("the object before is as it was").isEmpty();
            assertSame(builder().open(renewed.toBytes()), renewed);
        }

        @Test
        void keepThePreviousOneAfterAnActivation() {
            ApplicationCertificates renewed = first.renew();
            ApplicationCertificates activated = renewed.activate();
            assertThat(activated.current()).isEqualTo(renewed.next().orElseThrow());
            assertThat(activated.previous()).contains(first.current());
            assertThat(activated.next()).isEmpty();
            assertSame(builder().open(activated.toBytes()), activated);
        }

        @Test
        void loseACertificateOnlyWhereThatIsAskedFor() {
            ApplicationCertificates renewed = first.renew();
            assertSame(renewed.without(renewed.next().orElseThrow()), first);
            ApplicationCertificates activated = renewed.activate();
            ApplicationCertificates alone = activated.without(first.current());
            assertThat(alone.current()).isEqualTo(activated.current());
            assertThat(alone.previous()).isEmpty();
            assertSame(builder().open(alone.toBytes()), alone);
            assertThatIllegalStateException().isThrownBy(() -> renewed.without(renewed.current()));
            assertThatIllegalStateException()
                    .isThrownBy(() -> renewed.without(builder().create().current()));
            assertThatIllegalStateException().isThrownBy(first::activate);
        }

        @Test
        void refuseAThirdCertificateSinceNobodyKnowsWhichOneIsUploaded() {
            ApplicationCertificates renewed = first.renew();
            assertThatIllegalStateException().isThrownBy(renewed::renew).withMessageContaining("to do: ");
            assertThatIllegalStateException()
                    .isThrownBy(renewed.activate()::renew)
                    .withMessageContaining("to do: ");
        }

        @Test
        void dropWhatHasExpiredAtTheNextRenewal() {
            advanceDays(300);
            ApplicationCertificates renewed = first.renew();
            advanceDays(66);
            ApplicationCertificates again = renewed.renew();
            assertThat(again.current()).isEqualTo(renewed.next().orElseThrow());
            assertThat(again.next()).isPresent();
            ApplicationCertificates activated = renewed.activate();
            assertThat(activated.renew().previous()).isEmpty();
        }

        @Test
        void goBackToThePreviousOneIfTheCurrentHasExpiredBefore() {
            ApplicationCertificates shortLived =
                    builder().validityDays(30).open(first.toBytes()).renew().activate();
            advanceDays(31);
            ApplicationCertificates again = shortLived.renew();
            assertThat(again.current()).isEqualTo(first.current());
            assertThat(again.next()).isPresent();
            assertThat(again.previous()).isEmpty();
        }

        @Test
        void canBeRenewedAfterEverythingHasExpired() {
            advanceDays(366);
            assertThat(first.daysLeft()).isEqualTo(-1);
            ApplicationCertificates renewed = first.renew();
            assertThat(renewed.current())
                    .as("nobody knows what Entra's clock says")
                    .isEqualTo(first.current());
            assertThat(renewed.daysLeft()).isEqualTo(365);
        }

        private void assertSame(ApplicationCertificates one, ApplicationCertificates other) {
            assertThat(one.current()).isEqualTo(other.current());
            assertThat(one.next()).isEqualTo(other.next());
            assertThat(one.previous()).isEqualTo(other.previous());
        }
    }

    @Nested
    class AFile {
        @TempDir
        Path folder;

        @Test
        void isWrittenOnceAndOpenedAgain() throws IOException {
            Path file = folder.resolve("app.kwrp");
            ApplicationCertificates made = builder().create();
            made.save(file);
            byte[] written = Files.readAllBytes(file);
            made.save(file);
            assertThat(Files.readAllBytes(file)).as("not written again").isEqualTo(written);
            assertThat(builder().open(file).current()).isEqualTo(made.current());
            assertThat(folder)
                    .isDirectoryContaining("glob:**/app.kwrp")
                    .isDirectoryContaining("glob:**/.app.kwrp.lock");
            try (var files = Files.list(folder)) {
                assertThat(files).hasSize(2);
            }
        }

        @Test
        void neverReplacesAnother() throws IOException {
            Path file = Files.writeString(folder.resolve("app.kwrp"), "something else");
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> builder().create().save(file));
            assertThat(file).hasContent("something else");
            Path other = folder.resolve("other.kwrp");
            builder().create().save(other);
            byte[] before = Files.readAllBytes(other);
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> builder().create().save(other));
            assertThat(Files.readAllBytes(other)).isEqualTo(before);
        }

        @Test
        void takesAChangeOfWhatItHasAndOfNothingElse() throws IOException {
            Path file = folder.resolve("app.kwrp");
            ApplicationCertificates made = builder().create();
            made.save(file);
            ApplicationCertificates mine = builder().open(file).renew();
            ApplicationCertificates theirs = builder().open(file).renew();
            theirs.activate().save(file);
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> mine.save(file))
                    .withMessageContaining("changed by others");
            assertThat(builder().open(file).previous()).contains(made.current());
            assertThat(builder().open(file).current()).isEqualTo(theirs.next().orElseThrow());
            Files.delete(file);
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> mine.save(file))
                    .withMessageContaining("is gone");
            assertThat(file).doesNotExist();
        }

        @Test
        void thatIsMissingOrTooLongIsRefused() throws IOException {
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(() -> builder().open(folder.resolve("missing")));
            Path huge = Files.write(folder.resolve("huge"), new byte[CertificateFile.MOST_BYTES + 1]);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> builder().open(huge));
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> builder().open(new byte[CertificateFile.MOST_BYTES + 1]));
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(() -> builder().open(new byte[0]));
        }
    }

    @Nested
    class Damage {
        private final ApplicationCertificates made = builder().create().renew();
        private final byte[] sealed = made.toBytes();

        @Test
        void ofAnyByteIsNoticed() {
            ApplicationCertificates.Builder builder = builder();
            for (int i = 0; i < sealed.length; i++) {
                byte[] damaged = sealed.clone();
                damaged[i] ^= (byte) (1 << (i % 8));
                int at = i;
                assertThatThrownBy(() -> builder.open(damaged))
                        .as("byte %s", at)
                        .isInstanceOfAny(DataException.class, KeychainException.class);
            }
        }

        @Test
        void byACutAnywhereOrByMoreAtTheEndIsNoticed() {
            ApplicationCertificates.Builder builder = builder();
            for (int length = 0; length < sealed.length; length++) {
                byte[] cut = Arrays.copyOf(sealed, length);
                assertThatThrownBy(() -> builder.open(cut))
                        .as("%s bytes", length)
                        .isInstanceOf(DataException.class);
            }
            assertThatThrownBy(() -> builder.open(Arrays.copyOf(sealed, sealed.length + 1)))
                    .isInstanceOf(DataException.class);
        }

        @Test
        void ofAnotherTenantClientOrKeychainIsRefused() {
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> builder()
                            .clientId("77777777-6666-4666-8666-666666666666")
                            .open(sealed))
                    .withMessageContaining("another application");
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> builder().tenantId(CLIENT).open(sealed));
            Keychain other = keywrap.keychains()
                    .create("other", spec -> spec.control(keywrap.vendorKek().id()));
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> builder(EnvelopeCipher.using(other)).open(sealed));
        }

        @Test
        void withoutTheKekNothingOpens() {
            keywrap.kek().disable();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> builder().open(sealed));
        }
    }

    /** Envelopes that somebody with the keychain has made, and that are wrong all the same. */
    @Nested
    class Forgeries {
        private final KeyPair own = pairs.getFirst();
        private final ApplicationCertificates made = builder().create();
        private final Map<String, String> pairsOfContext = new TreeMap<>(
                EnvelopeHeader.parse(headerOf(made.toBytes())).objectContext().asMap());

        @Test
        void withTheKeyOfAnotherCertificate() {
            assertThat(builder().open(sealed(keyBytes(own))).current()).isEqualTo(made.current());
            assertRefused(
                    MalformedEnvelopeException.class, sealed(keyBytes(pairs.getFirst())), "not that of certificate");
        }

        @Test
        void withACertificateThatWasSwapped() {
            ApplicationCertificates other = builder().create();
            pairsOfContext.put(
                    "current",
                    java.util.Base64.getEncoder().encodeToString(other.current().toDer()));
            assertRefused(MalformedEnvelopeException.class, sealed(keyBytes(own)), "not that of certificate");
        }

        @Test
        void withKeysThatAreNone() {
            assertRefused(MalformedEnvelopeException.class, sealed(new byte[0]), "private key");
            assertRefused(MalformedEnvelopeException.class, sealed(new byte[] {0, 0}), "private key");
            assertRefused(MalformedEnvelopeException.class, sealed(new byte[] {0, 1, 7}), "not that of");
            assertRefused(MalformedEnvelopeException.class, sealed(new byte[] {-1, -1, 7}), "too long");
            byte[] more = Arrays.copyOf(keyBytes(own), keyBytes(own).length + 1);
            assertRefused(MalformedEnvelopeException.class, sealed(more), "more follows");
        }

        @Test
        void withAnotherPublicPart() {
            pairsOfContext.put("format", "something");
            assertRefused(
                    MalformedEnvelopeException.class, sealed(keyBytes(own)), "not one of application certificates");
            pairsOfContext.put("format", "keywrap-azure-certificates");
            pairsOfContext.put("version", "2");
            assertRefused(UnsupportedEnvelopeException.class, sealed(keyBytes(own)), "version");
            pairsOfContext.put("version", "1");
            pairsOfContext.put("extra", "pair");
            assertRefused(MalformedEnvelopeException.class, sealed(keyBytes(own)), "too much");
            pairsOfContext.remove("extra");
            String good = pairsOfContext.put("current", "AAAA");
            assertRefused(MalformedEnvelopeException.class, sealed(keyBytes(own)), "cannot be read");
            pairsOfContext.put("current", "!");
            assertRefused(MalformedEnvelopeException.class, sealed(keyBytes(own)), "cannot be read");
            pairsOfContext.put("current", "A".repeat(4096));
            assertRefused(MalformedEnvelopeException.class, sealed(keyBytes(own)), "too long");
            pairsOfContext.put("current", good);
            pairsOfContext.put("next", good);
            pairsOfContext.put("previous", good);
            assertRefused(MalformedEnvelopeException.class, sealed(keyBytes(own)), "too much");
        }

        private byte[] sealed(byte[] payload) {
            return cipher().encrypt(payload, EncryptionContext.of(pairsOfContext));
        }

        private byte[] keyBytes(KeyPair pair) {
            byte[] pkcs8 = pair.getPrivate().getEncoded();
            return ByteBuffer.allocate(2 + pkcs8.length)
                    .putShort((short) pkcs8.length)
                    .put(pkcs8)
                    .array();
        }

        private void assertRefused(Class<? extends Throwable> type, byte[] forged, String words) {
            assertThatExceptionOfType(type)
                    .isThrownBy(() -> builder().open(forged))
                    .withMessageContaining(words);
        }

        private byte[] headerOf(byte[] envelope) {
            try {
                return EnvelopeHeader.read(new ByteArrayInputStream(envelope)).toBytes();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
