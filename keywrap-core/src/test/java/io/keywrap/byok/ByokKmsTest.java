package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotVersion.Secret;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.StoreNotes.Note;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the factory of slots refuses, whom it distrusts, and what it keeps in memory. */
class ByokKmsTest {
    @TempDir
    Path folder;

    private Product product;
    private final Dek dek = Dek.random(DekId.random());

    @BeforeEach
    void open() {
        product = new Product(folder);
    }

    @AfterEach
    void close() {
        dek.close();
        product.close();
    }

    private SlotRecord record(Product of) throws Exception {
        byte[] content = of.note().content();
        return SlotRecord.parse(Arrays.copyOf(content, content.length - SlotRecord.SEAL_BYTES));
    }

    @Nested
    class Options {
        @ParameterizedTest
        @ValueSource(longs = {0, 999, 300_001})
        void refuseAPollIntervalOutOfItsLimits(long millis) {
            ByokKms.Builder builder = ByokKms.builder(product.notes, TestTenant.VENDOR);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.poll(Duration.ofMillis(millis)))
                    .withMessageContaining("PT1S to PT5M");
            builder.poll(Duration.ofSeconds(1)).poll(Duration.ofMinutes(5));
        }

        @Test
        void refuseAnUploadedKeyAsTheVendorsKek() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ByokKms.builder(product.notes, KekId.of("byok://other")));
        }

        @ParameterizedTest
        @ValueSource(strings = {"byok:x", "byok://", "byok://a/b", "byok://-a", "byok://a?b"})
        void refuseAnIdOfAnotherForm(String uri) {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> product.byok.create(KekId.of(uri)))
                    .withMessageContaining("byok://<slot>");
        }

        @Test
        void bindToOneRegistryAlone() {
            assertThat(product.byok.slots(product.providers)).isSameAs(product.slots);
            try (KeyProviders other = KeyProviders.builder().build()) {
                assertThatIllegalStateException().isThrownBy(() -> product.byok.slots(other));
            }
            product.byok.close();
            product.byok.close();
            assertThatIllegalStateException().isThrownBy(() -> product.byok.slots(product.providers));
            ByokKms unbound = ByokKms.builder(product.notes, TestTenant.VENDOR).build();
            assertThatIllegalStateException().isThrownBy(unbound::step);
        }

        @Test
        void setThePollInterval() {
            ByokKms byok = ByokKms.builder(product.notes, TestTenant.VENDOR)
                    .poll(Duration.ofSeconds(3))
                    .build();
            ManualTime time = new ManualTime();
            try (KeyProviders providers = KeyProviders.builder().time(time).build()) {
                byok.slots(providers);
                time.advance(Duration.ofSeconds(2));
                assertThat(byok.step()).isEqualTo(Duration.ofSeconds(1));
                time.advance(Duration.ofSeconds(1));
                assertThat(byok.step()).isEqualTo(Duration.ofSeconds(3));
            }
        }
    }

    @Nested
    class TheVendorsKek {
        private final LyingKeks keks = new LyingKeks();
        private ByokKms byok;
        private KeyProviders providers;
        private ByokSlots slots;

        @BeforeEach
        void openAnother() {
            byok = ByokKms.builder(FileKeychainStore.open(folder.resolve("other-store")), LyingKeks.KEK)
                    .build();
            providers = KeyProviders.builder()
                    .register(keks)
                    .register(byok)
                    .cacheDeadline(Duration.ZERO)
                    .build();
            slots = byok.slots(providers);
        }

        @AfterEach
        void close() {
            byok.close();
            providers.close();
        }

        private SlotStatus validate(int number) {
            try (Dek secret = Product.secret(number)) {
                return slots.validate(SLOT, secret);
            }
        }

        @Test
        @FormatRule("B9")
        void isNotBelievedWhenItUnwrapsAnUploadedKeyToAnother() {
            validate(1);
            slots.activate(SLOT, 1);
            EncryptionContext context = Product.contextOf(dek.id());
            WrappedDek wrapped =
                    providers.provider(ByokKms.kekId(SLOT)).wrap(dek, context, providers.foregroundDeadline());
            keks.lies = true;
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() ->
                            providers.provider(ByokKms.kekId(SLOT)).wrap(dek, context, providers.foregroundDeadline()))
                    .withCauseInstanceOf(InvalidWrappedDekException.class);
            keks.lies = false;
            providers
                    .provider(ByokKms.kekId(SLOT))
                    .unwrap(wrapped, context, providers.foregroundDeadline())
                    .close();
        }

        @Test
        void isNotTrustedWithAKeyThatItDoesNotGiveBack() {
            keks.lies = true;
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> validate(1));
            keks.lies = false;
            assertThat(slots.status(SLOT)).as("nothing is left").isEmpty();
        }
    }

    @Nested
    class InMemory {
        private Optional<DekLease> kept(Secret secret) {
            return product.providers
                    .deks()
                    .leaseKept(
                            List.of(secret.wrapped()),
                            EncryptionContext.ofSlotSecret(
                                    SLOT, secret.wrapped().dekId()),
                            InFlight.ABORT);
        }

        @Test
        void aKeyThatWasRevokedElsewhereIsKeptUntilTheNoteIsReadAndNoLonger() throws Exception {
            product.roll(1);
            product.wrap(dek);
            Secret secret =
                    Objects.requireNonNull(record(product).versions().get(0).secret());
            kept(secret).orElseThrow().close();
            try (Product other = new Product(folder)) {
                other.revoke();
            }
            kept(secret).orElseThrow().close();
            product.slots.status(SLOT);
            assertThat(kept(secret)).isEmpty();
        }

        @Test
        void aRestoredKeyIsKeptUnderAnIdOfItsOwn() throws Exception {
            product.roll(1);
            WrappedDek wrapped = product.wrap(dek);
            product.revoke();
            product.restore(1);
            product.unwrap(wrapped).close();
            product.revoke();
            product.restore(1);
            product.unwrap(wrapped).close();
            assertThat(record(product).versions()).hasSize(1);
        }
    }

    @Nested
    class Said {
        @Test
        void holdsNoKey() throws Exception {
            byte[] key = new byte[Dek.BYTES];
            Arrays.fill(key, (byte) 0x41);
            SlotStatus status = product.roll(0x41);
            assertThat(record(product).versions()).singleElement().hasToString("SlotVersion[1, ACTIVE]");
            String all = status + " " + record(product) + product.byok + product.slots + product.slot;
            assertThat(all).doesNotContain("AAAA", "41414141");
            Note note = product.note();
            assertThat(new String(note.content(), ISO_8859_1)).doesNotContain("AAAA");
        }
    }
}
