package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import io.keywrap.ManualTime;
import io.keywrap.byok.ByokRewrap.Item;
import io.keywrap.byok.ByokRewrap.Outcome;
import io.keywrap.byok.ByokRewrap.Report;
import io.keywrap.store.StoreNotes.Note;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vendor's KEK is rotated, and not every wrap tells under which version it is. */
class UntoldRewrapTest {
    @TempDir
    Path folder;

    private final LyingKeks keks = new LyingKeks();
    private Product product;

    @BeforeEach
    void open() {
        product = new Product(
                folder, new ManualTime(), options -> options.register(keks), LyingKeks.KEK, options -> options);
    }

    @AfterEach
    void close() {
        product.close();
    }

    private Report run() {
        return ByokRewrap.of(product.slots).run();
    }

    @Test
    void whatTellsItsVersionIsMovedFromAnOldOneAlone() {
        keks.tells = true;
        keks.version = Optional.of("1");
        product.roll(1);
        assertThat(run().counts()).containsOnly(entry(Outcome.CURRENT, 1));
        keks.version = Optional.of("2");
        assertThat(run().counts()).containsOnly(entry(Outcome.REWRAPPED, 1));
        SlotStatus status = product.slots.status(SLOT).orElseThrow();
        assertThat(status.seal().kekVersion()).isEqualTo("2");
        assertThat(status.active().orElseThrow().wrap())
                .map(SlotStatus.Wrap::kekVersion)
                .contains("2");
        assertThat(run().counts()).containsOnly(entry(Outcome.CURRENT, 1));
    }

    @Test
    void whatDoesNotTellIsLeftAndTold() {
        product.roll(1);
        keks.version = Optional.of("2");
        Note before = product.note();
        Report report = run();
        assertThat(report.counts()).containsOnly(entry(Outcome.UNTOLD, 1));
        assertThat(report.left())
                .containsExactly(new Item(
                        SLOT,
                        Outcome.UNTOLD,
                        "2 wraps without a version; to do: after each rotation, once, have these made again too (untoldToo)",
                        Optional.empty()));
        assertThat(report.complete()).isFalse();
        assertThat(product.note()).isEqualTo(before);
    }

    @Test
    void whatDoesNotTellIsMadeAgainWheneverThatIsAskedFor() {
        product.roll(1);
        keks.version = Optional.of("2");
        ByokRewrap all = ByokRewrap.of(product.slots).untoldToo();
        assertThat(all.plan().left())
                .extracting(Item::outcome, Item::message)
                .containsExactly(tuple(Outcome.TO_DO, "2 wraps to be made again"));
        for (int revision = 3; revision <= 4; revision++) {
            Report report = all.run();
            assertThat(report.counts()).containsOnly(entry(Outcome.REWRAPPED, 1));
            assertThat(report.complete()).isTrue();
            assertThat(product.slots.status(SLOT).orElseThrow().revision()).isEqualTo(revision);
        }
    }

    @Test
    void aKekWithoutVersionsLeavesNothingToDo() {
        product.roll(1);
        Report report = ByokRewrap.of(product.slots).untoldToo().run();
        assertThat(report.counts()).containsOnly(entry(Outcome.CURRENT, 1));
        assertThat(report.complete()).isTrue();
    }

    /** Of one slot some wraps are moved, and others cannot be told to be old. */
    @Test
    void aSlotMayBeMovedInPartAlone() {
        keks.tells = true;
        keks.version = Optional.of("1");
        product.roll(1);
        keks.tells = false;
        product.validate(SLOT, 2);
        keks.tells = true;
        keks.version = Optional.of("2");
        Report plan = ByokRewrap.of(product.slots).plan();
        assertThat(plan.counts()).containsOnly(entry(Outcome.TO_DO, 1), entry(Outcome.UNTOLD, 1));
        assertThat(plan.left())
                .extracting(Item::outcome, Item::message)
                .contains(tuple(Outcome.TO_DO, "2 wraps to be made again"));
        Report report = run();
        assertThat(report.left()).as("planned").isSubsetOf(plan.left());
        assertThat(report.counts()).containsOnly(entry(Outcome.REWRAPPED, 1), entry(Outcome.UNTOLD, 1));
        assertThat(report.left()).extracting(Item::message).allMatch(text -> text.startsWith("1 wrap without"));
        SlotStatus status = product.slots.status(SLOT).orElseThrow();
        assertThat(status.pending().orElseThrow().wrap())
                .map(SlotStatus.Wrap::kekVersion)
                .contains("");
        assertThat(status.seal().kekVersion()).isEqualTo("2");
    }
}
