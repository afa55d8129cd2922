package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.FormatRule;
import io.keywrap.KekRevokedException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What can be done to a slot whose keys were archived or revoked, and that a refusal leaves nothing behind. */
class RevokedSlotTest extends SlotsFixture {
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
            product.keychains().create("of-another-kek", spec -> spec.control(TestTenant.CUSTOMER));
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
            product.keychains().create("of-another-kek", spec -> spec.control(TestTenant.CUSTOMER));
            product.revoke();
        }

        @Test
        @FormatRule("B7")
        void hasNoMaterialAndOpensNothing() throws Exception {
            assertThat(states()).isEqualTo("1 REVOKED; 2 REVOKED; ");
            assertThat(status().isRevoked()).isTrue();
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
            Note before = product.note();
            product.restore(2);
            assertThat(product.note())
                    .as("nothing is written for what was done")
                    .isEqualTo(before);
            assertRefused(Reason.IS_REVOKED, () -> product.validate(SLOT, 3));
            product.restore(1);
            assertThat(states()).isEqualTo("1 ARCHIVED; 2 ACTIVE; ");
            assertThat(status().isRevoked()).isFalse();
            assertOpens(first);
        }

        private SlotStatus status() {
            return product.slots.status(SLOT).orElseThrow();
        }

        /** The store has committed, and its answer was lost: the customer's page says to try again. */
        @Test
        void isRestoredAlsoByWhoHasToAskTwice() {
            product.restore(1);
            product.notes.afterPut = () -> {
                throw new StoreUnavailableException("the answer was lost", null);
            };
            assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> product.restore(2));
            product.notes.afterPut = () -> {};
            SlotStatus again = product.restore(2);
            assertThat(states()).isEqualTo("1 ARCHIVED; 2 ACTIVE; ");
            assertThat(product.restore(2)).isEqualTo(again);
            assertOpens(second);
            assertRefused(Reason.NOT_REVOKED, () -> product.restore(3));
            assertThatExceptionOfType(SlotRefusedException.class)
                    .isThrownBy(() -> product.validate(SLOT, 2))
                    .withMessageContaining("as version 2, ACTIVE")
                    .satisfies(refusal -> assertThat(refusal.operatorAction()).contains("to give access back"));
        }

        @Test
        void isRestoredToAnArchivedKeyThatWrapsNothing() {
            product.restore(1);
            assertOpens(first);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> product.wrap(dek));
        }

        @Test
        void hasArchivedKeysAloneWithoutItsActiveOne() {
            product.restore(1);
            product.slots.drop(SLOT, 2, ByokSlots.DROP);
            assertThat(states()).isEqualTo("1 ARCHIVED; ");
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> product.wrap(dek))
                    .matches(KekRevokedException::recoverable)
                    .satisfies(refusal -> assertThat(refusal.rawCode()).contains("ARCHIVED"))
                    .withMessageContaining("archived keys alone")
                    .withMessageContaining("upload a new key");
            assertOpens(first);
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
}
