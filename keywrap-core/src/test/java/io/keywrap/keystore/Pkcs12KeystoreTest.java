package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TestTenant;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** KEKs in a real PKCS#12 file. */
class Pkcs12KeystoreTest {
    private static final DekId DEK_ID = DekId.random();
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme-secretive");
    private static final String DERIVED = "HKDF-SHA384-AES-256-GCM";

    @TempDir
    Path folder;

    private Path file;
    private KekFile keks;
    private KeyProvider provider;
    private KeyProvider other;
    private final Dek dek =
            Dek.takeOwnershipOf(DEK_ID, "a DEK of exactly 32 bytes length".getBytes(StandardCharsets.US_ASCII));

    @BeforeEach
    void makeTheFile() {
        file = TestTenant.in(folder).keyStore();
        keks = new KekFile(file);
        Keystores keystores =
                Keystores.builder().pkcs12("main", file, TestTenant::password).build();
        provider = keystores.create(TestTenant.CUSTOMER);
        other = keystores.create(TestTenant.OTHER_CUSTOMER);
    }

    @Test
    void isWithdrawnByWhoeverHasTheKeystore() {
        assertThat(provider.place()).isEqualTo(new KeyProvider.Place("keystore/main", "main"));
    }

    @Nested
    class AStatus {
        @Test
        void isGivenOfAKekThatCanBeUsed() {
            assertThat(provider.status(deadline()).currentVersion()).isEmpty();
        }

        @Test
        void isRefusedLikeAWrapOnceTheKekIsGone() {
            Key key = keks.remove("customer");
            assertFails(KekNotFoundException.class, () -> provider.status(deadline()));

            keks.put("customer", key);
            provider.status(deadline());
        }

        @Test
        void isRefusedOfAKeyOfAnotherKind() {
            keks.put("customer", "AES", 16);
            assertFails(KekConfigurationException.class, () -> provider.status(deadline()));
        }

        @Test
        void isNotLookedUpOnceTheTimeIsOver() {
            Deadline over = Deadline.after(Duration.ZERO, TimeSource.system());
            assertFails(KekUnreachableException.class, () -> provider.status(over));
        }
    }

    @Nested
    class AWrap {
        @Test
        void isUnwrappedAgain() {
            WrappedDek wrapped = wrap();
            assertThat(wrapped.dekId()).isEqualTo(DEK_ID);
            assertThat(wrapped.kekId()).isEqualTo(TestTenant.CUSTOMER);
            assertThat(wrapped.kekVersion()).isEmpty();
            assertThat(wrapped.algorithm()).isEqualTo(DERIVED);
            assertThat(wrapped.wrappedBytes()).hasSize(92);
            assertUnwraps(wrapped);
        }

        @Test
        void isNeitherMadeNorOpenedOnceTheTimeIsOver() {
            WrappedDek wrapped = wrap();
            Deadline over = Deadline.after(Duration.ZERO, TimeSource.system());
            assertFails(KekUnreachableException.class, () -> provider.wrap(dek, CONTEXT, over));
            assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, CONTEXT, over));
        }

        @Test
        void isTheDocumentedConstructionComputedIndependently() throws Exception {
            WrappedDek wrapped = wrap();
            byte[] bytes = wrapped.wrappedBytes();
            byte[] plain = independently(
                            Cipher.DECRYPT_MODE, Arrays.copyOf(bytes, 32), Arrays.copyOfRange(bytes, 32, 44))
                    .doFinal(bytes, 44, 48);
            assertThat(plain).isEqualTo(dek.withBytes(byte[]::clone));
        }

        @Test
        void madeIndependentlyIsUnwrapped() throws Exception {
            byte[] salt = new byte[32];
            byte[] iv = new byte[12];
            byte[] sealed = independently(Cipher.ENCRYPT_MODE, salt, iv).doFinal(dek.withBytes(byte[]::clone));
            byte[] bytes = new byte[92];
            System.arraycopy(sealed, 0, bytes, 44, 48);
            assertUnwraps(WrappedDek.builder(DEK_ID, TestTenant.CUSTOMER).build(DERIVED, bytes));
        }

        @Test
        void differsFromEveryOtherOfTheSameDek() {
            byte[] one = wrap().wrappedBytes();
            byte[] two = wrap().wrappedBytes();
            assertThat(Arrays.copyOf(one, 32)).isNotEqualTo(Arrays.copyOf(two, 32));
            assertThat(Arrays.copyOfRange(one, 32, 44)).isNotEqualTo(Arrays.copyOfRange(two, 32, 44));
        }

        @Test
        @FormatRule("W8")
        void isRefusedWithAnyOtherContext() {
            WrappedDek wrapped = wrap();
            for (EncryptionContext wrong : new EncryptionContext[] {
                EncryptionContext.empty(), CONTEXT.with("more", ""), EncryptionContext.of("tenant", "acme-secretivf")
            }) {
                assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, wrong, deadline()));
            }
        }

        @Test
        @FormatRule("W5")
        void isRefusedUnderAnotherKekWhateverItIsLabelled() {
            WrappedDek wrapped = wrap();
            assertFailsFor(TestTenant.OTHER_CUSTOMER, () -> other.unwrap(wrapped, CONTEXT, deadline()));
            WrappedDek relabelled =
                    WrappedDek.builder(DEK_ID, TestTenant.OTHER_CUSTOMER).build(DERIVED, wrapped.wrappedBytes());
            assertFailsFor(TestTenant.OTHER_CUSTOMER, () -> other.unwrap(relabelled, CONTEXT, deadline()));
        }

        @Test
        void ofTheRightBytesUnderAForeignLabelIsRefused() {
            WrappedDek relabelled =
                    WrappedDek.builder(DEK_ID, TestTenant.OTHER_CUSTOMER).build(DERIVED, wrap().wrappedBytes());
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> provider.unwrap(relabelled, CONTEXT, deadline()))
                    .withMessageContaining("under another KEK");
        }

        @ParameterizedTest
        @ValueSource(strings = {"AES-256-GCM", "hkdf-sha384-aes-256-gcm", "none", "HKDF-SHA384-AES-256-GCM "})
        @FormatRule("W6")
        void isRefusedUnderAnotherAlgorithm(String algorithm) {
            WrappedDek wrapped =
                    WrappedDek.builder(DEK_ID, TestTenant.CUSTOMER).build(algorithm, wrap().wrappedBytes());
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> provider.unwrap(wrapped, CONTEXT, deadline()))
                    .withMessageContaining("algorithm");
        }

        @Test
        @FormatRule("W7")
        void isRefusedInEveryOtherLength() {
            byte[] bytes = wrap().wrappedBytes();
            for (int length = 1; length < 200; length++) {
                if (length != bytes.length) {
                    WrappedDek wrapped = WrappedDek.builder(DEK_ID, TestTenant.CUSTOMER)
                            .build(DERIVED, Arrays.copyOf(bytes, length));
                    assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, CONTEXT, deadline()));
                }
            }
        }

        @Test
        @FormatRule("W8")
        void isRefusedWithAnyByteChanged() {
            byte[] bytes = wrap().wrappedBytes();
            for (int i = 0; i < bytes.length; i++) {
                byte[] changed = bytes.clone();
                changed[i] ^= (byte) (1 << i % 8);
                WrappedDek wrapped =
                        WrappedDek.builder(DEK_ID, TestTenant.CUSTOMER).build(DERIVED, changed);
                assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, CONTEXT, deadline()));
            }
        }

        /** Javadoc of Keystores: HKDF-Expand-SHA-384 of the KEK, one block, then AES-256-GCM. */
        private Cipher independently(int mode, byte[] salt, byte[] iv) throws Exception {
            Mac mac = Mac.getInstance("HmacSHA384");
            mac.init(new SecretKeySpec(keks.get("customer").getEncoded(), "HmacSHA384"));
            mac.update("keywrap-keystore-wrap".getBytes(StandardCharsets.US_ASCII));
            mac.update(salt);
            byte[] block = mac.doFinal(new byte[] {1});
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(block, 0, 32, "AES"), new GCMParameterSpec(128, iv));
            cipher.updateAAD(CONTEXT.toBytes());
            return cipher;
        }
    }

    @Nested
    class AFileThatChanges {
        @Test
        void losesAKeyAndGetsItBack() {
            WrappedDek wrapped = wrap();
            Key key = keks.remove("customer");
            assertFails(KekNotFoundException.class, () -> provider.unwrap(wrapped, CONTEXT, deadline()));
            assertFails(KekNotFoundException.class, () -> wrap());
            keks.put("customer", key);
            assertUnwraps(wrapped);
        }

        @Test
        void isReadAgainSoThatAnotherKeyIsNotTheOldOne() {
            WrappedDek wrapped = wrap();
            keks.remove("customer");
            keks.put("customer", "AES", 32);
            assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, CONTEXT, deadline()));
            assertUnwraps(wrap());
        }

        @Test
        void isMissed() throws Exception {
            WrappedDek wrapped = wrap();
            Files.delete(file);
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> provider.unwrap(wrapped, CONTEXT, deadline()))
                    .withMessageContainingAll("does not exist", file.toString(), "KEK " + TestTenant.CUSTOMER);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "this is no key store"})
        void intoSomethingElseCannotBeRead(String content) throws Exception {
            Files.writeString(file, content);
            assertFails(KekConfigurationException.class, () -> wrap());
        }
    }

    @Nested
    class AKeyThatDoesNotFit {
        @ParameterizedTest
        @CsvSource({"AES, 16", "AES, 24", "AES, 31", "AES, 33", "HmacSHA256, 32", "DESede, 24"})
        void ofSizeOrKindIsRefused(String algorithm, int bytes) {
            keks.put("customer", algorithm, bytes);
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> wrap())
                    .withMessageContainingAll("not an AES key of 256 bits", "KEK " + TestTenant.CUSTOMER, "to do: ")
                    .withMessageNotContaining("5A5A")
                    .withMessageNotContaining("5a5a");
        }

        @Test
        void becauseItIsUnderNoAliasOfThatNameIsNotFound() {
            KeyProvider missing = Keystores.builder()
                    .pkcs12("main", file, TestTenant::password)
                    .build()
                    .create(KekId.of("keystore:main#nobody"));
            assertThatExceptionOfType(KekNotFoundException.class)
                    .isThrownBy(() -> missing.wrap(dek, CONTEXT, deadline()))
                    .withMessageContainingAll("KEK keystore:main#nobody", "to do: check the alias");
        }

        @Test
        void becauseThePasswordIsWrongIsOurConfiguration() {
            KeyProvider wrong = Keystores.builder()
                    .pkcs12("main", file, () -> "another password".toCharArray())
                    .build()
                    .create(TestTenant.CUSTOMER);
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> wrong.wrap(dek, CONTEXT, deadline()))
                    .withMessageContaining("password")
                    .withMessageNotContaining("another password");
        }

        @Test
        void wipesEveryPasswordItWasGiven() {
            List<char[]> given = new ArrayList<>();
            KeyProvider asking = Keystores.builder()
                    .pkcs12("main", file, () -> {
                        char[] password = TestTenant.password();
                        given.add(password);
                        return password;
                    })
                    .build()
                    .create(TestTenant.CUSTOMER);
            asking.wrap(dek, CONTEXT, deadline());
            assertThat(given)
                    .isNotEmpty()
                    .allSatisfy(password -> assertThat(password).containsOnly('\0'));
        }
    }

    @Nested
    class AKekId {
        @ParameterizedTest
        @ValueSource(strings = {"keystore:main", "keystore:#a", "keystore:main#", "keystore:ma/in#a", "aws-kms:main#a"})
        void ofAnotherFormIsRefused(String uri) {
            Keystores keystores = Keystores.builder()
                    .pkcs12("main", file, TestTenant::password)
                    .build();
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> keystores.create(KekId.of(uri)))
                    .withMessageContaining("keystore:<name>#<alias>");
        }

        @Test
        void ofANameThatIsNotRegisteredIsRefused() {
            Keystores keystores = Keystores.builder()
                    .pkcs12("main", file, TestTenant::password)
                    .build();
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> keystores.create(KekId.of("keystore:spare#customer")))
                    .withMessageContaining("[main]");
        }

        @Test
        void hasANameThatIsRegisteredOnce() {
            Keystores.Builder builder = Keystores.builder().pkcs12("main", file, TestTenant::password);
            assertThatIllegalArgumentException().isThrownBy(() -> builder.pkcs12("main", file, TestTenant::password));
            assertThatIllegalArgumentException().isThrownBy(() -> builder.pkcs12("a b", file, TestTenant::password));
        }
    }

    @Test
    void opensNoFileBeforeTheFirstCall() {
        KeyProvider provider = Keystores.builder()
                .pkcs12("main", folder.resolve("missing.p12"), TestTenant::password)
                .build()
                .create(TestTenant.CUSTOMER);
        assertThat(provider.kekId()).isEqualTo(TestTenant.CUSTOMER);
    }

    private WrappedDek wrap() {
        return provider.wrap(dek, CONTEXT, deadline());
    }

    private void assertUnwraps(WrappedDek wrapped) {
        try (Dek back = provider.unwrap(wrapped, CONTEXT, deadline())) {
            assertThat(back.id()).isEqualTo(DEK_ID);
            assertThat(back.<byte[]>withBytes(byte[]::clone)).isEqualTo(dek.withBytes(byte[]::clone));
        }
    }

    private void assertFailsFor(KekId kekId, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.kekId()).contains(kekId));
    }

    private void assertFails(Class<? extends KekException> type, ThrowingCallable call) {
        String dekHex = dek.withBytes(bytes -> HexFormat.of().formatHex(bytes));
        assertThatExceptionOfType(type)
                .isThrownBy(call)
                .withMessageContainingAll("KEK " + TestTenant.CUSTOMER, "to do: ")
                .withMessageNotContaining("acme-secretive")
                .withMessageNotContaining("exactly 32 bytes")
                .withMessageNotContaining(dekHex);
    }

    private static Deadline deadline() {
        return Deadline.after(Duration.ofMinutes(1), TimeSource.system());
    }
}
