package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.DekLease;
import io.keywrap.FormatRule;
import io.keywrap.KekId;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.rewrap.PortableRewrap.Rewrapped;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeReference;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Portable envelopes under other KEKs: which wraps they get, and that no other byte changes. */
class PortableRewrapTest extends PortableFixture {
    @Nested
    class ToKeksThatAreNamed {
        @Test
        void opensWithTheNewKekAloneAndNotWithTheOld() throws IOException {
            Rewrapped rewrapped = to(NEW).rewrap(envelope);

            assertThat(rewrapped.changed()).isTrue();
            assertThat(openedWith(envelope, NEW)).isEqualTo(DATA);
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> openedWith(envelope, OLD))
                    .matches(e -> e.check() == Check.DEK);
        }

        @Test
        @FormatRule("H8")
        void everyByteButTheRecipientsIsAsItWas() throws IOException {
            to(NEW).rewrap(envelope);

            byte[] after = Files.readAllBytes(envelope);
            assertThat(payload(after)).isEqualTo(payload(before));
            assertThat(header(after).associatedData()).isEqualTo(header(before).associatedData());
            assertThat(recipients(after)).containsExactly(NEW);
            assertThat(content()).containsExactly("a.csv.kwrp");
        }

        @Test
        void opensWithItsKeychainAsBefore() throws IOException {
            to(NEW).rewrap(envelope);
            assertThat(EnvelopeCipher.using(keychain).decrypt(Files.readAllBytes(envelope), CONTEXT))
                    .isEqualTo(DATA);
        }

        @Test
        void aReaderThatKnowsNothingOfThisReadsIt() throws Exception {
            to(OLD, NEW).rewrap(envelope);
            byte[] dek;
            try (DekLease lease = keychain.lease(header(before).dekId(), Usage.ENVELOPES)) {
                dek = lease.withBytes(byte[]::clone);
            }
            EnvelopeReference read = EnvelopeReference.read(Files.readAllBytes(envelope), dek);
            assertThat(read.plaintext()).isEqualTo(DATA);
            assertThat(read.recipients()).isEqualTo(2);
        }

        @Test
        void mayKeepTheOldKekAndThenLoseIt() throws IOException {
            to(OLD, NEW).rewrap(envelope);
            byte[] both = Files.readAllBytes(envelope);
            assertThat(header(both).recipients().get(0))
                    .isEqualTo(header(before).recipients().get(0));
            assertThat(openedWith(both, OLD)).isEqualTo(DATA);
            assertThat(openedWith(both, NEW)).isEqualTo(DATA);

            to(NEW).rewrap(envelope);
            byte[] one = Files.readAllBytes(envelope);
            assertThat(header(one).recipients())
                    .containsExactly(header(both).recipients().get(1));
        }

        @Test
        void theSecondRunFindsNothingToDo() throws IOException {
            to(NEW).rewrap(envelope);
            byte[] first = Files.readAllBytes(envelope);
            Object file = Files.getAttribute(envelope, "unix:ino");

            PortableRewrap again = PortableRewrap.to(tenant.providers(), Set.of(NEW), List.of(NEW));
            assertThat(again.rewrap(envelope).changed()).isFalse();
            assertThat(envelope).hasBinaryContent(first);
            assertThat(Files.getAttribute(envelope, "unix:ino")).isEqualTo(file);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 65_503, 65_504, 65_505, 131_008, 300_000})
        void payloadsOfAllLengthsAreCopiedByteForByte(int length) throws IOException {
            byte[] data = random(length);
            Path file = write("sized.kwrp", data);
            byte[] old = Files.readAllBytes(file);

            to(NEW).rewrap(file);

            byte[] after = Files.readAllBytes(file);
            assertThat(payload(after)).isEqualTo(payload(old));
            assertThat(openedWith(after, NEW)).isEqualTo(data);
        }

        @Test
        void recipientsAreOneToSixteenAndDistinct() {
            assertThatIllegalArgumentException().isThrownBy(() -> to());
            assertThatIllegalArgumentException().isThrownBy(() -> to(NEW, OLD, NEW));
            KekId[] many = IntStream.rangeClosed(1, 17)
                    .mapToObj(i -> KekId.of("keystore:main#k" + i))
                    .toArray(KekId[]::new);
            assertThatIllegalArgumentException().isThrownBy(() -> to(many)).withMessageContaining("16");
        }

        @Test
        void anEnvelopeOfAnotherTenantIsNotOpenedToThem() throws IOException {
            Keychain other = tenant.keychain("tenant-43", spec -> spec.portable());
            byte[] foreign = EnvelopeCipher.using(other).encrypt(DATA, CONTEXT);
            Files.write(envelope, foreign);

            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> to(NEW).withExpectedKeychain("tenant-42").rewrap(envelope))
                    .matches(e -> e.check() == Check.KEYCHAIN);
            assertThat(envelope).hasBinaryContent(foreign);
            to(NEW).withExpectedKeychain("tenant-43").rewrap(envelope);
            assertThat(openedWith(envelope, NEW)).isEqualTo(DATA);
        }
    }

    @Nested
    class OfAKeychain {
        @Test
        void envelopesGetTheWrapsOfTheRecord() throws IOException {
            changeRecipients();

            PortableRewrap.of(tenant.providers(), keychain).rewrap(envelope);

            assertThat(recipients(Files.readAllBytes(envelope))).containsExactly(NEW);
            assertThat(openedWith(envelope, NEW)).isEqualTo(DATA);
            assertThat(PortableRewrap.of(tenant.providers(), keychain)
                            .rewrap(envelope)
                            .changed())
                    .isFalse();
        }

        @Test
        void whatAnotherProcessHasDoneIsSeen() throws IOException {
            Keychain stale = tenant.keychains().open("tenant-42");
            changeRecipients();

            PortableRewrap.of(tenant.providers(), stale).rewrap(envelope);
            assertThat(recipients(Files.readAllBytes(envelope))).containsExactly(NEW);
        }

        @Test
        void wrapsThatSomebodyTookAwayComeBack() throws IOException {
            Files.write(envelope, withRecipients(before, wraps -> List.of()));

            PortableRewrap.of(tenant.providers(), keychain).rewrap(envelope);
            assertThat(envelope).hasBinaryContent(before);
        }

        @Test
        void envelopesOfOthersAreRefused() throws IOException {
            Keychain other = tenant.keychain("tenant-43", spec -> spec.portable());
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(
                            () -> PortableRewrap.of(tenant.providers(), other).rewrap(envelope))
                    .matches(e -> e.check() == Check.KEYCHAIN);
            requireAsItWas();
        }

        @Test
        void aKeychainThatHoldsItsWrapsHasNoneToGive() {
            Keychain held = tenant.keychain("held");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PortableRewrap.of(tenant.providers(), held))
                    .withMessageContaining("re-wrap the keychain");
        }

        @Test
        void itIsTheKeychainThatSaysHow() {
            PortableRewrap rewrap = PortableRewrap.of(tenant.providers(), keychain);
            assertThatIllegalStateException().isThrownBy(() -> rewrap.withExpectedKeychain("tenant-42"));
            assertThatIllegalStateException().isThrownBy(rewrap::withRenewal);
        }

        private void changeRecipients() {
            keychain.changeRecipients(recipients -> recipients.control(NEW));
            assertThat(keychain.repair(Set.of(NEW))).isEqualTo(1);
        }
    }

    @Nested
    class InFiles {
        @Test
        void permissionsStayAndTheTimeIsNew() throws IOException {
            FileTime old = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
            Files.setLastModifiedTime(envelope, old);
            Files.setPosixFilePermissions(envelope, PosixFilePermissions.fromString("rw-r-----"));

            to(NEW).rewrap(envelope);

            assertThat(Files.getPosixFilePermissions(envelope)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
            assertThat(Files.getLastModifiedTime(envelope)).isGreaterThan(old);
        }

        @Test
        void theTimeStaysIfThatIsWanted() throws IOException {
            FileTime old = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
            Files.setLastModifiedTime(envelope, old);

            to(NEW).withTimesKept().rewrap(envelope);
            assertThat(Files.getLastModifiedTime(envelope)).isEqualTo(old);
            to(NEW).withTimesKept().rewrap(write("b.kwrp", DATA), work.resolve("c.kwrp"));
            assertThat(Files.getLastModifiedTime(work.resolve("c.kwrp"))).isGreaterThan(old);
        }

        @Test
        void aLinkStaysALink() throws IOException {
            Path link = Files.createSymbolicLink(work.resolve("link"), envelope.getFileName());

            to(NEW).rewrap(link);
            assertThat(link).isSymbolicLink();
            assertThat(envelope).isRegularFile();
            assertThat(openedWith(envelope, NEW)).isEqualTo(DATA);
        }

        @Test
        void anotherFileGetsPermissionsOfTheFirstWhichStaysAsItIs() throws IOException {
            Files.setPosixFilePermissions(envelope, PosixFilePermissions.fromString("r--r-----"));
            Path target = work.resolve("b.kwrp");

            to(NEW).rewrap(envelope, target);

            assertThat(envelope).hasBinaryContent(before);
            assertThat(openedWith(target, NEW)).isEqualTo(DATA);
            assertThat(payload(Files.readAllBytes(target))).isEqualTo(payload(before));
            assertThat(Files.getPosixFilePermissions(target)).isEqualTo(PosixFilePermissions.fromString("r--r-----"));
        }

        @Test
        void anotherFileIsReplacedAndKeepsItsPermissions() throws IOException {
            Path target = Files.writeString(work.resolve("b.kwrp"), "older");
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-rw-r--"));

            to(NEW).rewrap(envelope, target);
            assertThat(openedWith(target, NEW)).isEqualTo(DATA);
            assertThat(Files.getPosixFilePermissions(target)).isEqualTo(PosixFilePermissions.fromString("rw-rw-r--"));
        }

        @Test
        void anotherFileIsWrittenAlsoWhereNothingChanges() throws IOException {
            Path target = work.resolve("b.kwrp");
            assertThat(to(OLD).rewrap(envelope, target).changed()).isFalse();
            assertThat(target).hasBinaryContent(before);
        }

        @Test
        void progressIsThePayload() throws IOException {
            long[] bytes = new long[1];
            to(NEW).withProgress(n -> bytes[0] += n).rewrap(envelope);
            assertThat(bytes[0]).isEqualTo(payload(before).length);
        }
    }

    @Nested
    class HeadersAlone {
        @Test
        void headerAndOldPayloadAreTheNewEnvelope() throws IOException {
            Rewrapped rewrapped = to(NEW).header(Arrays.copyOf(before, PortableRewrap.START_BYTES));

            ByteArrayOutputStream object = new ByteArrayOutputStream();
            object.writeBytes(rewrapped.toBytes());
            object.write(before, rewrapped.payloadOffset(), before.length - rewrapped.payloadOffset());
            assertThat(openedWith(object.toByteArray(), NEW)).isEqualTo(DATA);
            assertThat(rewrapped.lengthOf(before.length)).isEqualTo(object.size());
            assertThat(rewrapped.header().recipients()).hasSize(1);
            assertThat(rewrapped.changed()).isTrue();
        }

        @Test
        void aStreamIsReadNoFurtherThanThePayloadsHeader() throws IOException {
            InputStream in = new ByteArrayInputStream(before);
            Rewrapped rewrapped = to(NEW).header(in);
            assertThat(before.length - in.available()).isEqualTo(rewrapped.payloadOffset() + 74);
        }

        @Test
        void lengthsBeyondFourGibibytesAreRight() {
            Rewrapped rewrapped = to(OLD, NEW).header(before);
            int more = rewrapped.toBytes().length - rewrapped.payloadOffset();
            assertThat(more).isPositive();
            assertThat(rewrapped.lengthOf(5L << 40)).isEqualTo((5L << 40) + more);
            assertThatIllegalArgumentException().isThrownBy(() -> rewrapped.lengthOf(rewrapped.payloadOffset()));
            assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> rewrapped.lengthOf(Long.MAX_VALUE));
        }

        @Test
        void aStartThatIsTooShortIsTruncated() {
            int enough = header(before).toBytes().length + 74;
            to(NEW).header(Arrays.copyOf(before, enough));
            for (int length : new int[] {0, 12, 13, enough - 75, enough - 74, enough - 1}) {
                assertThatExceptionOfType(TruncatedEnvelopeException.class)
                        .as("%s bytes", length)
                        .isThrownBy(() -> to(NEW).header(Arrays.copyOf(before, length)));
            }
        }

        @Test
        void namesNoValueOfAContext() {
            assertThat(to(NEW).header(before).toString())
                    .contains("changed", "tenant-42")
                    .doesNotContain("acme", "a.csv");
        }

        @Test
        void theirBoundPartIsThatOfTheEnvelope() {
            EnvelopeHeader header = to(NEW).header(before).header();
            assertThat(header.objectContext()).isEqualTo(CONTEXT);
            assertThat(header.associatedData()).isEqualTo(header(before).associatedData());
        }
    }
}
