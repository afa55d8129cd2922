package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An envelope opens as what it is and as nothing else: not as another keychain's, nor as another object. */
class EnvelopeIdentityTest {
    private static final byte[] DATA = "some data".getBytes(StandardCharsets.US_ASCII);
    private static final EncryptionContext A =
            EncryptionContext.of("object", "secret-name-a").with("day", "7");
    private static final EncryptionContext B =
            EncryptionContext.of("object", "secret-name-b").with("day", "7");

    @TempDir
    static Path folder;

    private static TestTenant tenant;
    private static Keychain keychain;
    private static EnvelopeCipher cipher;
    private static EnvelopeCipher other;

    private Decrypting.Output out;

    @BeforeAll
    static void setUp() {
        tenant = TestTenant.in(folder);
        keychain = tenant.keychain("tenant-42");
        cipher = EnvelopeCipher.using(keychain);
        other = EnvelopeCipher.using(tenant.keychain("tenant-43"));
    }

    @BeforeEach
    void outputs() throws IOException {
        out = new Decrypting.Output(folder);
    }

    @Nested
    class OfAKeychain {
        @ParameterizedTest
        @EnumSource
        @FormatRule("H10")
        void isRefusedByAnother(Decrypting verb) {
            AuthenticationFailedException refusal = refusal(verb, other, cipher.encrypt(DATA, A), A);
            assertThat(refusal.check()).isEqualTo(Check.KEYCHAIN);
            assertThat(refusal).hasMessageContaining("'tenant-42'").hasMessageContaining("'tenant-43'");
        }

        @ParameterizedTest
        @EnumSource
        @FormatRule({"H12", "P3"})
        void isRefusedUnderAnotherKeychainsName(Decrypting verb) throws IOException {
            byte[] envelope = cipher.encrypt(DATA, A);
            // The same length, so that only the name changes; the other keychain has no such DEK.
            byte[] renamed = replaced(envelope, "tenant-42", "tenant-43");
            assertThat(refusal(verb, other, renamed, A).check()).isEqualTo(Check.DEK);

            // And with a DEK that it has, the header's tag does not fit.
            byte[] otherEnvelope = other.encrypt(DATA, A);
            byte[] withItsDek = replaced(
                    renamed, dekId(envelope).toBytes(), dekId(otherEnvelope).toBytes());
            assertThat(refusal(verb, other, withItsDek, A).check()).isEqualTo(Check.HEADER);
        }

        @ParameterizedTest
        @EnumSource
        @FormatRule({"H12", "K11"})
        void isNotOpenedByTheKeyOfOutsideUse(Decrypting verb) throws IOException {
            byte[] envelope = cipher.encrypt(DATA, A);
            DekId outside;
            try (DekLease lease = keychain.primary()) {
                outside = lease.dekId();
            }
            byte[] changed = replaced(envelope, dekId(envelope).toBytes(), outside.toBytes());
            assertThat(refusal(verb, cipher, changed, A).check()).isEqualTo(Check.DEK);
        }

        /** Others are held against what is remembered, so it must be genuine, and say nothing of an object. */
        @Test
        void isRememberedOnlyOnceItsHeaderIsGenuine() throws IOException {
            KeychainKeys keys = new KeychainKeys(keychain);
            byte[] envelope = cipher.encrypt(DATA, A);
            byte[] changed = replaced(envelope, "secret-name-a", "secret-name-b");
            refusal(Decrypting.BYTES, EnvelopeCipher.of(keys), changed, B);
            assertThat(keys.known()).isEmpty();
            for (byte[] each : new byte[][] {envelope, afterARotation()}) {
                EnvelopeCipher.of(keys).decrypt(each, A);
                EnvelopeHeader known = keys.known().orElseThrow();
                assertThat(known.dekId()).isEqualTo(dekId(each));
                assertThat(known.keychainId()).isEqualTo("tenant-42");
                assertThat(known.keyContext()).isEqualTo(keychain.record().keyContext());
                assertThat(known.objectContext()).isEqualTo(EncryptionContext.empty());
            }
        }

        private byte[] afterARotation() {
            keychain.rotate();
            return cipher.encrypt(DATA, A);
        }

        @Test
        void opensAfterRotationsByAKeychainThatWasOpenedBefore() {
            Keychain before = tenant.keychains().open("tenant-42");
            byte[] first = cipher.encrypt(DATA, A);
            keychain.rotate();
            byte[] second = cipher.encrypt(DATA, A);
            assertThat(keychain.record().primary(Usage.ENVELOPES).orElseThrow().id())
                    .isEqualTo(dekIdUnchecked(second))
                    .isNotEqualTo(dekIdUnchecked(first));
            assertThat(EnvelopeCipher.using(before).decrypt(first, A)).isEqualTo(DATA);
            assertThat(EnvelopeCipher.using(before).decrypt(second, A)).isEqualTo(DATA);
        }
    }

    @Nested
    class OfAKeychainThatIsGone {
        @Test
        void isNotCalledWrong() throws IOException {
            Keychain stale = tenant.keychain("gone");
            Keychain newer = tenant.keychains().open("gone");
            newer.rotate();
            byte[] envelope = EnvelopeCipher.using(newer).encrypt(DATA, A);
            try (Stream<Path> records = Files.walk(tenant.storeFolder())) {
                for (Path record : records.filter(file -> file.toString().endsWith(".keychain"))
                        .toList()) {
                    if (KeychainRecord.parse(Files.readAllBytes(record))
                            .keychainId()
                            .equals("gone")) {
                        Files.delete(record);
                    }
                }
            }
            assertThatExceptionOfType(KeychainNotFoundException.class)
                    .isThrownBy(() -> EnvelopeCipher.using(stale).decrypt(envelope, A))
                    .matches(e -> e.dekId().isEmpty());
        }
    }

    @Nested
    class OfAnObject {
        @ParameterizedTest
        @EnumSource
        @FormatRule("H11")
        void isRefusedAsAnother(Decrypting verb) {
            AuthenticationFailedException refusal = refusal(verb, cipher, cipher.encrypt(DATA, A), B);
            assertThat(refusal.check()).isEqualTo(Check.OBJECT_CONTEXT);
            assertThat(refusal)
                    .hasMessageContaining("day, object")
                    .hasMessageContaining("these have other values: EncryptionContext[object]")
                    .hasMessageNotContaining("secret-name")
                    .hasMessageContaining("to do:");
        }

        @ParameterizedTest
        @EnumSource
        @FormatRule("P3")
        void isRefusedWithItsHeaderRewrittenToAnother(Decrypting verb) {
            byte[] changed = replaced(cipher.encrypt(DATA, A), "secret-name-a", "secret-name-b");
            assertThat(refusal(verb, cipher, changed, B).check()).isEqualTo(Check.HEADER);
        }

        @ParameterizedTest
        @EnumSource
        void isRefusedWithTheHeaderOfAnother(Decrypting verb) {
            byte[] a = cipher.encrypt(DATA, A);
            byte[] b = cipher.encrypt(DATA, B);
            int header = a.length - 74 - 32 - DATA.length;
            byte[] mixed = b.clone();
            System.arraycopy(a, header, mixed, header, a.length - header);
            assertThat(refusal(verb, cipher, mixed, B).check()).isEqualTo(Check.HEADER);
        }
    }

    @Nested
    class TheExpectedContext {
        private final byte[] envelope = cipher.encrypt(DATA, A);
        private final byte[] without = cipher.encrypt(DATA, EncryptionContext.empty());

        @Test
        void mayBeAPartOfTheEnvelopes() {
            assertThat(cipher.decrypt(envelope, EncryptionContext.of("day", "7")))
                    .isEqualTo(DATA);
            refusal(Decrypting.BYTES, cipher, envelope, EncryptionContext.of("day", "8"));
            refusal(Decrypting.BYTES, cipher, envelope, A.with("more", ""));
        }

        @Test
        @FormatRule("H11")
        void thatIsEmptyAcceptsOnlyAnEnvelopeWithoutContext() {
            assertThat(cipher.decrypt(without, EncryptionContext.empty())).isEqualTo(DATA);
            refusal(Decrypting.BYTES, cipher, envelope, EncryptionContext.empty());
            refusal(Decrypting.BYTES, cipher, without, A);
        }

        @Test
        void mayHaveToBeExact() {
            EnvelopeCipher exact = cipher.withContextMatch(ContextMatch.EXACT);
            assertThat(exact.decrypt(envelope, A)).isEqualTo(DATA);
            refusal(Decrypting.BYTES, exact, envelope, EncryptionContext.of("day", "7"));
        }

        @Test
        void isNotLookedAtOnlyWhenThatWasAskedFor() throws IOException {
            EnvelopeCipher any = cipher.withContextMatch(ContextMatch.ANY);
            assertThat(any.decrypt(envelope, B)).isEqualTo(DATA);
            Path file = Files.write(folder.resolve("any.kwrp"), envelope);
            EnvelopeHeader header = any.decrypt(file, folder.resolve("any"), EncryptionContext.empty());
            assertThat(header.objectContext()).isEqualTo(A);
        }

        @Test
        @FormatRule("H14")
        void isHeldAgainstTheHeaderBeforeAnyKeyIsAskedFor() {
            byte[] unknownDek = replaced(envelope, dekIdUnchecked(envelope).toBytes(), new byte[16]);
            assertThat(refusal(Decrypting.BYTES, cipher, unknownDek, B).check()).isEqualTo(Check.OBJECT_CONTEXT);
            assertThat(refusal(Decrypting.BYTES, cipher, unknownDek, A).check()).isEqualTo(Check.DEK);
        }
    }

    @Nested
    class AtTheLimits {
        @Test
        void theLargestContextsAreWrittenAndRead() {
            EncryptionContext largest = EncryptionContext.of("k", "v".repeat(EncryptionContext.MAX_BYTES - 7));
            assertThat(cipher.decrypt(cipher.encrypt(DATA, largest), largest)).isEqualTo(DATA);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.of("k", "v".repeat(EncryptionContext.MAX_BYTES - 6)));
        }

        @Test
        void anotherSegmentLengthIsNoOption() {
            assertThatIllegalArgumentException().isThrownBy(() -> cipher.withSegmentLength(4096));
        }

        @Test
        void inspectionNeedsNoKeyAndProvesNothing() throws IOException {
            Path file = Files.write(folder.resolve("inspected.kwrp"), replaced(cipher.encrypt(DATA, A), "-a", "-z"));
            EnvelopeCipher.Inspection inspection = EnvelopeCipher.inspect(file);
            assertThat(inspection.header().objectContext().asMap()).containsEntry("object", "secret-name-z");
            assertThat(inspection.segmentLength()).isEqualTo(65_536);
            assertThat(inspection.plaintextLength()).isEqualTo(DATA.length);
        }
    }

    private AuthenticationFailedException refusal(
            Decrypting verb, EnvelopeCipher reader, byte[] envelope, EncryptionContext expected) {
        AuthenticationFailedException refusal = catchThrowableOfType(
                AuthenticationFailedException.class, () -> verb.decrypt(reader, envelope, expected, out));
        assertThat(refusal).as("%s refuses", verb).isNotNull();
        assertThat(out.released.size()).isZero();
        return refusal;
    }

    private static DekId dekId(byte[] envelope) throws IOException {
        return EnvelopeHeader.read(new ByteArrayInputStream(envelope)).dekId();
    }

    private static DekId dekIdUnchecked(byte[] envelope) {
        try {
            return dekId(envelope);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] replaced(byte[] bytes, String from, String to) {
        return replaced(bytes, from.getBytes(StandardCharsets.US_ASCII), to.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] replaced(byte[] bytes, byte[] from, byte[] to) {
        byte[] changed = bytes.clone();
        for (int at = 0; at + from.length <= bytes.length; at++) {
            if (Arrays.equals(changed, at, at + from.length, from, 0, from.length)) {
                System.arraycopy(to, 0, changed, at, to.length);
                return changed;
            }
        }
        throw new AssertionError("not there");
    }
}
