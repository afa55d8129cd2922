package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.store.StoreNotes.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be done to a slot with a new key, and that a refusal leaves nothing behind. */
class ByokSlotsTest extends SlotsFixture {
    @Nested
    class WithoutASlot {
        @Test
        void thereIsNoStatusAndNothingToDo() {
            assertThat(product.slots.status(SLOT)).isEmpty();
            assertThatExceptionOfType(KekNotFoundException.class)
                    .isThrownBy(() -> product.slots.activate(SLOT, 1))
                    .withMessageContaining("byok://tenant-42");
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(() -> product.revoke());
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(() -> product.restore(1));
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(() -> product.wrap(dek));
            assertThat(product.notes.note(Slots.noteOf(SLOT))).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "-a", "a b", "a/b", "a#b", "ä", "a\n"})
        void anotherNameIsNone(String name) {
            assertThatIllegalArgumentException().isThrownBy(() -> product.validate(name, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> product.slots.status(name));
            assertThatIllegalArgumentException().isThrownBy(() -> ByokKms.kekId("x".repeat(129)));
        }
    }

    @Nested
    class Pending {
        @BeforeEach
        void validate() {
            product.validate(SLOT, 1);
        }

        @Test
        @FormatRule("B8")
        void wrapsNothingYet() {
            assertThat(states()).isEqualTo("1 PENDING; ");
            assertThatExceptionOfType(KekNotFoundException.class)
                    .isThrownBy(() -> product.wrap(dek))
                    .withMessageContaining("not activated");
        }

        @Test
        void isActivated() {
            SlotStatus status = product.slots.activate(SLOT, 1);
            assertThat(status.active()).map(SlotStatus.Version::number).contains(1);
            assertThat(status.revision()).isEqualTo(2);
            assertThat(status.kekId()).isEqualTo(product.slot.kekId());
            assertOpens(product.wrap(dek));
            assertThat(product.slots.activate(SLOT, 1)).as("again").isEqualTo(status);
        }

        @Test
        void everyChangeGivesTheSlotAsItIsThen() {
            product.slots.activate(SLOT, 1);
            product.validate(SLOT, 2);
            assertThat(product.slots.archive(SLOT, 2)).isEqualTo(now());
            assertThat(product.slots.revoke(SLOT, ByokSlots.REVOKE)).isEqualTo(now());
            assertThat(product.slots.drop(SLOT, 1, ByokSlots.DROP_UNCHECKED)).isEqualTo(now());
        }

        private SlotStatus now() {
            return product.slots.status(SLOT).orElseThrow();
        }

        @Test
        void isReplacedByAnotherUploadUnderAnotherNumber() {
            product.validate(SLOT, 2);
            assertThat(states()).isEqualTo("2 PENDING; ");
            assertRefused(Reason.NO_SUCH_VERSION, () -> product.slots.activate(SLOT, 1));
            assertRefused(Reason.NO_SUCH_VERSION, () -> product.slots.activate(SLOT, 3));
        }

        @Test
        void isNotArchivedNorRestored() {
            assertRefused(Reason.NO_ACTIVE, () -> product.slots.archive(SLOT, 1));
            assertRefused(Reason.NOT_REVOKED, () -> product.restore(1));
        }

        @Test
        void isDropped() {
            product.slots.drop(SLOT, 1, ByokSlots.DROP);
            assertThat(states()).isEmpty();
            product.roll(1);
            assertThat(states()).isEqualTo("2 ACTIVE; ");
        }

        @Test
        void isGoneWhenTheSlotIsRevoked() {
            product.revoke();
            assertThat(states()).isEmpty();
        }

        @Test
        void isKeptOnlyWrappedAndNamesNoTenant() {
            byte[] content = product.note().content();
            assertThat(new String(content, StandardCharsets.ISO_8859_1)).doesNotContain("\1".repeat(8));
            assertThat(filesOfTheStore()).noneMatch(name -> name.contains(SLOT));
        }
    }

    private Stream<String> filesOfTheStore() {
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            return files.map(Path::toString).toList().stream().map(name -> name.replace(folder.toString(), ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Nested
    class Active {
        private WrappedDek wrapped;

        @BeforeEach
        void activate() {
            product.roll(1);
            wrapped = product.wrap(dek);
        }

        @Test
        void givesWayToANewKeyInOneStepAndStillUnwraps() {
            product.validate(SLOT, 2);
            assertRefused(Reason.HAS_ACTIVE, () -> product.slots.activate(SLOT, 2));
            SlotStatus status = product.slots.archive(SLOT, 2);
            assertThat(states()).isEqualTo("1 ARCHIVED; 2 ACTIVE; ");
            assertThat(product.slots.archive(SLOT, 2)).as("again").isEqualTo(status);
            assertOpens(wrapped);
            WrappedDek later = product.wrap(dek);
            assertThat(later.kekVersion()).isEqualTo("2");
            assertOpens(later);
            Status kek = product.slot.status(product.providers.foregroundDeadline());
            assertThat(kek.needsRewrap(wrapped)).isTrue();
            assertThat(kek.needsRewrap(later)).isFalse();
        }

        /** What stands in a record may be anybody's: only what a slot writes is looked at. */
        @Test
        void opensNothingOfAnotherShape() {
            byte[] bytes = wrapped.wrappedBytes();
            assertInvalid("its algorithm is not the one", "AES-256-GCM", bytes);
            assertInvalid("cut, or too long", wrapped.algorithm(), Arrays.copyOf(bytes, bytes.length + 1));
            assertInvalid("cut, or too long", wrapped.algorithm(), Arrays.copyOf(bytes, bytes.length - 1));
        }

        private void assertInvalid(String why, String algorithm, byte[] bytes) {
            WrappedDek other = WrappedDek.builder(dek.id(), wrapped.kekId())
                    .kekVersion("1")
                    .build(algorithm, bytes);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> product.unwrap(other))
                    .withMessageContaining(why);
        }

        @Test
        void isNotReplacedByItself() {
            assertRefused(Reason.SAME_KEY, () -> product.validate(SLOT, 1));
        }

        @Test
        void isNeitherDroppedNorRestored() {
            assertRefused(Reason.IS_ACTIVE, () -> product.slots.drop(SLOT, 1, ByokSlots.DROP));
            assertRefused(Reason.IS_ACTIVE, () -> product.slots.drop(SLOT, 1, ByokSlots.DROP_UNCHECKED));
            assertRefused(Reason.NOT_REVOKED, () -> product.restore(2));
            SlotStatus before = product.slots.status(SLOT).orElseThrow();
            assertThat(product.restore(1)).as("it has the key already").isEqualTo(before);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "Revoke", "revoke ", "yes", "drop"})
        void isNotRevokedWithoutTheWord(String typed) {
            assertRefused(Reason.NOT_CONFIRMED, () -> product.slots.revoke(SLOT, typed));
            assertOpens(wrapped);
        }

        @Test
        void isAsBeforeWhenTheVendorsKekFails() {
            product.tenant.keks().disable(TestTenant.VENDOR);
            Note before = product.note();
            assertThatExceptionOfType(KekException.class).isThrownBy(() -> product.validate(SLOT, 2));
            product.tenant.keks().enable(TestTenant.VENDOR);
            assertThat(product.note()).isEqualTo(before);
        }

        @Test
        void isAsBeforeWhenTheStoreFails() {
            Note before = product.note();
            product.notes.beforePut = () -> {
                throw new StoreUnavailableException("away", null);
            };
            assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> product.revoke());
            product.notes.beforePut = () -> {};
            assertThat(product.note()).isEqualTo(before);
            assertOpens(wrapped);
        }

        @Test
        void isNotChangedByWhoIsAlwaysLate() {
            AtomicInteger others = new AtomicInteger();
            try (Product other = new Product(folder)) {
                product.notes.beforePut = () -> other.validate(SLOT, 100 + others.incrementAndGet());
                assertThatExceptionOfType(SlotRefusedException.class)
                        .isThrownBy(() -> product.validate(SLOT, 2))
                        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.CONFLICT))
                        .matches(SlotRefusedException::retryable);
            }
            assertThat(others).hasValue(16);
        }
    }

    @Nested
    class TwoSlots {
        @Test
        void withOneKeyOpenNothingOfEachOther() {
            product.roll(1);
            product.roll("other", 1);
            WrappedDek wrapped = product.wrap(dek);
            WrappedDek relabelled = WrappedDek.builder(dek.id(), ByokKms.kekId("other"))
                    .kekVersion("1")
                    .build(wrapped.algorithm(), wrapped.wrappedBytes());
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> product.providers
                            .provider(ByokKms.kekId("other"))
                            .unwrap(relabelled, Product.contextOf(dek.id()), product.providers.foregroundDeadline()));
            product.revoke();
            assertThat(product.slots.status("other").orElseThrow().active()).isPresent();
        }

        @Test
        @FormatRule("B8")
        void ofOneVersionEachAreNotTheSame() {
            product.roll(1);
            WrappedDek wrapped = product.wrap(dek);
            product.roll(2);
            WrappedDek relabelled = WrappedDek.builder(dek.id(), wrapped.kekId())
                    .kekVersion("2")
                    .build(wrapped.algorithm(), wrapped.wrappedBytes());
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> product.unwrap(relabelled));
        }
    }
}
