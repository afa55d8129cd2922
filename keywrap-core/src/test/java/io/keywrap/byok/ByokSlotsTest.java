package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be done to a slot in each of its states, and that a refusal leaves nothing behind. */
class ByokSlotsTest {
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

    private void assertRefused(Reason reason, ThrowingCallable call) {
        Optional<Note> before = product.notes.note(Slots.noteOf(SLOT));
        assertThatThrownBy(call).isInstanceOfSatisfying(SlotRefusedException.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(reason);
            assertThat(refusal.kekId()).contains(ByokKms.kekId(SLOT));
            assertThat(refusal.operatorAction()).isNotBlank();
            assertThat(refusal.retryable()).isEqualTo(reason == Reason.CONFLICT);
        });
        assertThat(product.notes.note(Slots.noteOf(SLOT))).as("what is stored").isEqualTo(before);
    }

    private String states() {
        StringBuilder states = new StringBuilder();
        product.slots
                .status(SLOT)
                .orElseThrow()
                .versions()
                .forEach(version -> states.append(version.number())
                        .append(' ')
                        .append(version.state())
                        .append("; "));
        return states.toString();
    }

    private void assertOpens(WrappedDek wrapped) {
        try (Dek back = product.unwrap(wrapped)) {
            assertThat(back.checkValue()).isEqualTo(dek.checkValue());
        }
    }

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
            assertOpens(product.wrap(dek));
            assertThat(product.slots.activate(SLOT, 1)).as("again").isEqualTo(status);
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

        @Test
        void isNotReplacedByItself() {
            assertRefused(Reason.SAME_KEY, () -> product.validate(SLOT, 1));
        }

        @Test
        void isNeitherDroppedNorRestored() {
            assertRefused(Reason.IS_ACTIVE, () -> product.slots.drop(SLOT, 1, ByokSlots.DROP));
            assertRefused(Reason.NOT_REVOKED, () -> product.restore(1));
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
    class Archived {
        private WrappedDek first;
        private WrappedDek second;

        @BeforeEach
        void archive() {
            product.roll(1);
            first = product.wrap(dek);
            product.roll(2);
            second = product.wrap(dek);
        }

        @Test
        void unwrapsUntilItIsDropped() {
            assertOpens(first);
            assertRefused(Reason.NOT_CONFIRMED, () -> product.slots.drop(SLOT, 1, "revoke"));
            assertRefused(Reason.NO_SUCH_VERSION, () -> product.slots.drop(SLOT, 3, ByokSlots.DROP));
            SlotStatus status = product.slots.drop(SLOT, 1, ByokSlots.DROP);
            assertThat(states()).isEqualTo("2 ACTIVE; ");
            assertThat(product.slots.drop(SLOT, 1, ByokSlots.DROP)).isEqualTo(status);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> product.unwrap(first))
                    .matches(refusal -> refusal.reason() == KekRevokedException.Reason.DELETED);
            assertOpens(second);
        }

        @Test
        void isNeitherActivatedNorUploadedAgain() {
            assertRefused(Reason.NOT_PENDING, () -> product.slots.activate(SLOT, 1));
            assertRefused(Reason.NOT_PENDING, () -> product.slots.archive(SLOT, 1));
            assertRefused(Reason.SAME_KEY, () -> product.validate(SLOT, 1));
        }

        @Test
        void areOneHundredAtTheMost() {
            for (int number = 3; number <= SlotRecord.MAX_VERSIONS; number++) {
                product.roll(number);
            }
            assertRefused(Reason.FULL, () -> product.validate(SLOT, 101));
            assertThat(product.note().content().length).isLessThan(StoreNotes.MAX_NOTE_BYTES);
            assertOpens(first);
        }
    }

    @Nested
    class Revoked {
        private WrappedDek first;
        private WrappedDek second;

        @BeforeEach
        void revoke() {
            product.roll(1);
            first = product.wrap(dek);
            product.roll(2);
            second = product.wrap(dek);
            product.revoke();
        }

        @Test
        @FormatRule("B7")
        void hasNoMaterialAndOpensNothing() throws Exception {
            assertThat(states()).isEqualTo("1 REVOKED; 2 REVOKED; ");
            byte[] content = product.note().content();
            SlotRecord record = SlotRecord.parse(Arrays.copyOf(content, content.length - 48));
            assertThat(record.versions()).allMatch(version -> version.secret() == null);
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> product.unwrap(first),
                    () -> product.unwrap(second),
                    () -> product.wrap(dek),
                    () -> product.slot.status(product.providers.foregroundDeadline()))) {
                assertThatExceptionOfType(KekRevokedException.class)
                        .isThrownBy(call)
                        .matches(KekRevokedException::recoverable)
                        .matches(refusal -> !refusal.presumed())
                        .withMessageContaining("uploading the same key again");
            }
        }

        @Test
        void isHarmlessToRevokeAgain() {
            Note before = product.note();
            product.revoke();
            assertThat(product.note()).isEqualTo(before);
        }

        @Test
        void acceptsNoOtherKey() {
            assertRefused(Reason.OTHER_KEY, () -> product.restore(3));
            assertRefused(Reason.IS_REVOKED, () -> product.validate(SLOT, 3));
            assertRefused(Reason.IS_REVOKED, () -> product.validate(SLOT, 2));
            assertRefused(Reason.NOT_PENDING, () -> product.slots.activate(SLOT, 2));
        }

        @Test
        void isRestoredByItsKeysEachToWhatItWas() {
            product.restore(2);
            assertThat(states()).isEqualTo("1 REVOKED; 2 ACTIVE; ");
            assertOpens(second);
            assertOpens(product.wrap(dek));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> product.unwrap(first));
            assertRefused(Reason.SAME_KEY, () -> product.restore(2));
            assertRefused(Reason.IS_REVOKED, () -> product.validate(SLOT, 3));
            product.restore(1);
            assertThat(states()).isEqualTo("1 ARCHIVED; 2 ACTIVE; ");
            assertOpens(first);
        }

        @Test
        void isRestoredToAnArchivedKeyThatWrapsNothing() {
            product.restore(1);
            assertOpens(first);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> product.wrap(dek));
        }

        @Test
        void isRevokedAgainWhole() {
            product.restore(2);
            product.revoke();
            assertThat(states()).isEqualTo("1 REVOKED; 2 REVOKED; ");
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> product.unwrap(second));
        }

        @Test
        void startsAnewWithoutWhatWasDropped() {
            product.restore(1);
            product.slots.drop(SLOT, 2, ByokSlots.DROP);
            product.roll(3);
            assertThat(states()).isEqualTo("1 ARCHIVED; 3 ACTIVE; ");
            assertOpens(first);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> product.unwrap(second))
                    .matches(refusal -> !refusal.recoverable());
        }

        @Test
        void isGoneForGoodWhenAllIsDropped() {
            product.slots.drop(SLOT, 1, ByokSlots.DROP);
            product.slots.drop(SLOT, 2, ByokSlots.DROP);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> product.wrap(dek))
                    .matches(refusal -> !refusal.recoverable());
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
