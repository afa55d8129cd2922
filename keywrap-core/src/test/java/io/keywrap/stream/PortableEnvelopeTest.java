package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Envelopes that carry their wraps: they open with a KEK alone, and only under the KEKs that the reader allows. */
class PortableEnvelopeTest {
    private static final byte[] DATA = "some data".getBytes(StandardCharsets.US_ASCII);
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a.csv");

    @TempDir
    static Path folder;

    private static TestTenant tenant;
    private static byte[] envelope;
    private static byte[] underTwo;

    @BeforeAll
    static void setUp() {
        tenant = TestTenant.in(folder);
        envelope = EnvelopeCipher.using(tenant.keychain("one", spec -> spec.portable()))
                .encrypt(DATA, CONTEXT);
        underTwo = EnvelopeCipher.using(
                        tenant.keychain("two", spec -> spec.portable().control(TestTenant.OTHER_CUSTOMER)))
                .encrypt(DATA, CONTEXT);
    }

    private static EnvelopeCipher opening(KekId... allowed) {
        return EnvelopeCipher.portable(tenant.providers(), Set.of(allowed));
    }

    @Nested
    class WithTheKekAlone {
        @Test
        void opens() {
            assertThat(opening(TestTenant.CUSTOMER).decrypt(envelope, CONTEXT)).isEqualTo(DATA);
        }

        @Test
        void opensUnderEitherOfTwo() {
            assertThat(opening(TestTenant.CUSTOMER).decrypt(underTwo, CONTEXT)).isEqualTo(DATA);
            assertThat(opening(TestTenant.OTHER_CUSTOMER).decrypt(underTwo, CONTEXT))
                    .isEqualTo(DATA);
        }

        @Test
        void opensThroughProvidersThatNeverSawTheKeychain() {
            try (KeyProviders elsewhere = KeyProviders.builder()
                    .register(Keystores.builder()
                            .pkcs12("main", tenant.keyStore(), TestTenant::password)
                            .build())
                    .build()) {
                assertThat(EnvelopeCipher.portable(elsewhere, Set.of(TestTenant.CUSTOMER))
                                .decrypt(envelope, CONTEXT))
                        .isEqualTo(DATA);
            }
        }

        @Test
        @FormatRule("H10")
        void isHeldAgainstTheExpectedKeychain() {
            EnvelopeCipher one = opening(TestTenant.CUSTOMER).withExpectedKeychain("one");
            assertThat(one.decrypt(envelope, CONTEXT)).isEqualTo(DATA);
            assertThat(refusal(one, underTwo).check()).isEqualTo(Check.KEYCHAIN);
        }

        @Test
        void cannotEncrypt() {
            assertThatIllegalStateException()
                    .isThrownBy(() -> opening(TestTenant.CUSTOMER).encrypt(DATA, CONTEXT))
                    .withMessageContaining("keychain");
        }
    }

    @Nested
    class WithoutTheRightKek {
        @Test
        @FormatRule("H13")
        void isRefusedWhereTheKekIsNotAllowed() {
            assertThat(refusal(opening(TestTenant.OTHER_CUSTOMER), envelope).check())
                    .isEqualTo(Check.DEK);
            assertThat(refusal(opening(), envelope).check()).isEqualTo(Check.DEK);
        }

        @Test
        void isRefusedWhereItCarriesNoWraps() {
            byte[] bare = EnvelopeCipher.using(tenant.keychain("bare")).encrypt(DATA, CONTEXT);
            assertThat(EnvelopeHeader.parse(Arrays.copyOf(bare, bare.length - 74 - 32 - DATA.length))
                            .recipients())
                    .isEmpty();
            assertThat(refusal(opening(TestTenant.CUSTOMER), bare).check()).isEqualTo(Check.DEK);
        }

        @Test
        void saysSoWhereTheKeyStoreIsNotRegistered() {
            KekId unknown = KekId.of("keystore:unknown#customer");
            byte[] moved = withRecipients(envelope, wraps -> List.of(copyUnder(unknown, wraps.get(0))));
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> opening(unknown).decrypt(moved, CONTEXT))
                    .matches(e -> e.kekId().orElseThrow().equals(unknown));
        }
    }

    @Nested
    class WithOtherRecipients {
        @Test
        void opensWhereOneOfItsWrapsIsDamaged() {
            byte[] damaged = withRecipients(underTwo, wraps -> List.of(flipped(wraps.get(0)), wraps.get(1)));
            assertThat(opening(TestTenant.CUSTOMER, TestTenant.OTHER_CUSTOMER).decrypt(damaged, CONTEXT))
                    .isEqualTo(DATA);
        }

        @Test
        void isRefusedWhereAllOfThemAreDamaged() {
            byte[] damaged = withRecipients(
                    underTwo, wraps -> wraps.stream().map(w -> flipped(w)).toList());
            AuthenticationFailedException refusal =
                    refusal(opening(TestTenant.CUSTOMER, TestTenant.OTHER_CUSTOMER), damaged);
            assertThat(refusal.check()).isEqualTo(Check.DEK);
            assertThat(refusal.getSuppressed()).hasOnlyElementsOfType(InvalidWrappedDekException.class);
        }

        @Test
        void opensInAnyOrderAndWithStrangersAmongThem() {
            byte[] changed = withRecipients(underTwo, wraps -> {
                List<WrappedDek> more = new ArrayList<>(wraps);
                more.add(copyUnder(KekId.of("aws-kms://arn:aws:kms:eu-west-1:111122223333:key/evil"), wraps.get(0)));
                Collections.reverse(more);
                return more;
            });
            assertThat(opening(TestTenant.CUSTOMER).decrypt(changed, CONTEXT)).isEqualTo(DATA);
        }

        @Test
        @FormatRule("P3")
        void isRefusedWithAKeyThatSomebodyElseWrapped() throws IOException {
            // Whoever may use the KEK can wrap a key of his own; the header's tag commits to the true one.
            EncryptionContext keyContext;
            EnvelopeHeader header = EnvelopeHeader.read(new ByteArrayInputStream(envelope));
            keyContext = EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
            WrappedDek planted = tenant.providers()
                    .provider(TestTenant.CUSTOMER)
                    .generate(header.dekId(), keyContext, tenant.providers().foregroundDeadline())
                    .wrapped();
            byte[] changed = withRecipients(envelope, wraps -> List.of(planted));
            assertThat(refusal(opening(TestTenant.CUSTOMER), changed).check()).isEqualTo(Check.HEADER);
        }

        @Test
        @FormatRule("H13")
        void isRefusedWithTheWrapOfAnotherDek() {
            byte[] swapped = withRecipients(envelope, wraps -> recipients(underTwo));
            assertThat(refusal(opening(TestTenant.CUSTOMER), swapped).check()).isEqualTo(Check.DEK);
        }

        @Test
        void stillOpensWithItsKeychain() {
            byte[] stripped = withRecipients(envelope, wraps -> List.of());
            assertThat(EnvelopeCipher.using(tenant.keychains().open("one")).decrypt(stripped, CONTEXT))
                    .isEqualTo(DATA);
        }
    }

    private static AuthenticationFailedException refusal(EnvelopeCipher cipher, byte[] bytes) {
        AuthenticationFailedException refusal =
                catchThrowableOfType(AuthenticationFailedException.class, () -> cipher.decrypt(bytes, CONTEXT));
        assertThat(refusal).as("is refused").isNotNull();
        return refusal;
    }

    private static List<WrappedDek> recipients(byte[] bytes) {
        try {
            return EnvelopeHeader.read(new ByteArrayInputStream(bytes)).recipients();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What anybody can do to the unbound part of an envelope. */
    private static byte[] withRecipients(byte[] bytes, UnaryOperator<List<WrappedDek>> change) {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        try {
            EnvelopeHeader header = EnvelopeHeader.read(in);
            ByteArrayOutputStream changed = new ByteArrayOutputStream();
            changed.writeBytes(EnvelopeHeader.builder(header.keychainId(), header.dekId())
                    .keyContext(header.keyContext())
                    .objectContext(header.objectContext())
                    .recipients(change.apply(header.recipients()))
                    .build()
                    .toBytes());
            in.transferTo(changed);
            return changed.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static WrappedDek flipped(WrappedDek wrap) {
        byte[] bytes = wrap.wrappedBytes();
        bytes[bytes.length - 1] ^= 1;
        return WrappedDek.builder(wrap.dekId(), wrap.kekId()).build(wrap.algorithm(), bytes);
    }

    private static WrappedDek copyUnder(KekId kekId, WrappedDek wrap) {
        return WrappedDek.builder(wrap.dekId(), kekId).build(wrap.algorithm(), wrap.wrappedBytes());
    }
}
