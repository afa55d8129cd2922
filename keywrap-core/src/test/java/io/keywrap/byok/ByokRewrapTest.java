package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.byok.ByokRewrap.Item;
import io.keywrap.byok.ByokRewrap.Outcome;
import io.keywrap.byok.ByokRewrap.Report;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekState;
import io.keywrap.store.StoreNotes.Note;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The vendor moves to another KEK: no customer's key is lost, and none is disturbed. */
class ByokRewrapTest extends SlotsFixture {
    private static final KekId NEXT = TestTenant.OTHER_CUSTOMER;

    private WrappedDek first;
    private WrappedDek second;
    private Product mover;

    @BeforeEach
    void fill() {
        product.roll(1);
        first = product.wrap(dek);
        product.roll(2);
        second = product.wrap(dek);
        product.validate(SLOT, 3);
        product.roll("another", 1);
        product.roll("revoked", 4);
        product.slots.revoke("revoked", ByokSlots.REVOKE);
        mover = new Product(folder, NEXT, options -> options.accept(TestTenant.VENDOR));
    }

    @AfterEach
    void end() {
        mover.close();
    }

    private Report run() {
        return ByokRewrap.of(mover.slots).run();
    }

    @Test
    @FormatRule("B10")
    void theOldKekMayGoAndEveryKeyIsThere() {
        Report report = run();
        assertThat(report.counts()).containsOnly(entry(Outcome.REWRAPPED, 3));
        assertThat(report.complete()).isTrue();
        assertThat(run().counts()).as("nothing is done twice").containsOnly(entry(Outcome.CURRENT, 3));
        Report plan = ByokRewrap.of(mover.slots).plan();
        assertThat(plan.counts()).as("nor planned").containsOnly(entry(Outcome.CURRENT, 3));
        assertThat(plan.complete()).isTrue();

        mover.slots.scan(
                status -> {
                    assertThat(status.seal().kekId()).isEqualTo(NEXT);
                    assertThat(status.versions())
                            .allMatch(one -> one.wrap()
                                    .map(wrap -> wrap.kekId().equals(NEXT))
                                    .orElse(true));
                },
                (place, failure) -> {
                    throw failure;
                });
        try (Product after = new Product(folder, NEXT, options -> options)) {
            after.tenant.keks().disable(TestTenant.VENDOR);
            for (WrappedDek wrapped : List.of(first, second)) {
                after.unwrap(wrapped).close();
            }
            after.slots.archive(SLOT, 3);
            after.unwrap(second).close();
            assertThatExceptionOfType(SlotRefusedException.class)
                    .isThrownBy(() -> restore(after, 5))
                    .matches(refusal -> refusal.reason() == Reason.OTHER_KEY);
            assertThat(restore(after, 4).active()).as("its key is recognised").isPresent();
        }
    }

    private static SlotStatus restore(Product by, int key) {
        try (Dek secret = Product.secret(key)) {
            return by.slots.restore("revoked", secret);
        }
    }

    @Test
    void aPlanChangesNothing() {
        Note before = mover.note();
        Report plan = ByokRewrap.of(mover.slots).plan();
        assertThat(plan.counts()).containsOnly(entry(Outcome.TO_DO, 3));
        assertThat(plan.left())
                .extracting(item -> item.place() + ": " + item.message())
                .containsExactlyInAnyOrder(
                        SLOT + ": 4 wraps to be made again",
                        "another: 2 wraps to be made again",
                        "revoked: 1 wrap to be made again");
        assertThat(plan.complete()).isFalse();
        assertThat(mover.note()).isEqualTo(before);
    }

    @Test
    void aKekThatIsNotAcceptedIsNotReadAndNothingChanges() {
        Note before = product.note();
        try (Product stranger = new Product(folder, NEXT, options -> options)) {
            Report report = ByokRewrap.of(stranger.slots).run();
            assertThat(report.counts()).containsOnly(entry(Outcome.FAILED, 3));
            assertThat(report.left()).extracting(Item::message).allMatch(text -> text.contains("have it accepted"));
            assertThat(report.stopped()).as("no KEK has failed").isFalse();
        }
        assertThat(product.note()).isEqualTo(before);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByokKms.builder(product.notes, NEXT).accept(ByokKms.kekId("a")));
    }

    /** The customer types the word while the slot is being moved: what was read before is written nowhere. */
    @Test
    void aRevocationInBetweenIsNotUndone() throws Exception {
        AtomicBoolean once = new AtomicBoolean();
        mover.notes.beforePut = () -> {
            if (!once.getAndSet(true)) {
                product.revoke();
                product.slots.revoke("another", ByokSlots.REVOKE);
            }
        };
        assertThat(run().complete()).isTrue();
        for (String slot : List.of(SLOT, "another")) {
            byte[] content =
                    product.notes.note(Slots.noteOf(slot)).orElseThrow().content();
            SlotRecord record = SlotRecord.parse(Arrays.copyOf(content, content.length - SlotRecord.SEAL_BYTES));
            assertThat(record.versions()).isNotEmpty().allMatch(version -> version.secret() == null);
            assertThat(record.sealKey().kekId()).isEqualTo(NEXT);
        }
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> mover.unwrap(first));
    }

    @Test
    void whatOthersHaveMovedMeanwhileIsNotMovedAgain() {
        List<Note> moved = new ArrayList<>();
        try (Product other = new Product(folder, NEXT, options -> options.accept(TestTenant.VENDOR))) {
            mover.notes.beforePut = () -> {
                if (moved.isEmpty()) {
                    assertThat(ByokRewrap.of(other.slots).run().count(Outcome.REWRAPPED))
                            .isEqualTo(3);
                    moved.addAll(notes());
                }
            };
            assertThat(run().complete()).isTrue();
        }
        assertThat(moved).hasSize(3).isEqualTo(notes());
    }

    private List<Note> notes() {
        return Stream.of(SLOT, "another", "revoked")
                .map(slot -> product.notes.note(Slots.noteOf(slot)).orElseThrow())
                .toList();
    }

    /** Another JVM that accepts both KEKs goes on, with what it has in memory and with what it reads. */
    @Test
    void workElsewhereIsNotDisturbed() {
        ManualTime time = new ManualTime();
        try (Product worker = new Product(
                folder,
                time,
                options -> options.refusalsFor(Duration.ZERO),
                TestTenant.VENDOR,
                options -> options.accept(NEXT))) {
            worker.unwrap(first).close();
            run();
            time.advance(ByokKms.POLL);
            worker.byok.step();
            assertThat(worker.providers
                            .states()
                            .of(worker.slot.kekId(), "1", Operation.UNWRAP)
                            .orElseThrow()
                            .state())
                    .isEqualTo(KekState.ACTIVE);
            worker.tenant.keks().disable(TestTenant.VENDOR);
            worker.unwrap(first).close();
            worker.unwrap(second).close();
            product = new Product(folder, NEXT, options -> options);
            product.revoke();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> worker.unwrap(first));
        }
    }

    /** A KMS that gives back another key than it was given would lose the customer's. */
    @Test
    @FormatRule("B10")
    void aWrapThatDoesNotComeBackReplacesNothing() {
        LyingKeks liar = new LyingKeks();
        Note before = product.note();
        try (Product to = new Product(
                folder,
                new ManualTime(),
                options -> options.register(liar),
                LyingKeks.KEK,
                options -> options.accept(TestTenant.VENDOR))) {
            liar.lies = true;
            Report report = ByokRewrap.of(to.slots).run();
            assertThat(report.count(Outcome.REWRAPPED))
                    .as("the one without a key")
                    .isEqualTo(1);
            assertThat(report.left()).extracting(Item::place).containsExactlyInAnyOrder(SLOT, "another");
            assertThat(report.left())
                    .allMatch(item -> item.failure().orElseThrow() instanceof InvalidWrappedDekException);
            assertThat(to.note()).isEqualTo(before);
            liar.lies = false;
            assertThat(ByokRewrap.of(to.slots).run().complete()).isTrue();
            to.unwrap(first).close();
        }
    }

    @Test
    void anOutageStopsItAndAnotherRunDoesTheRest() {
        for (int i = 0; i < 4; i++) {
            product.roll("more-" + i, 1);
        }
        mover.tenant.keks().silence(TestTenant.VENDOR);
        Report report = run();
        assertThat(report.counts()).containsOnly(entry(Outcome.FAILED, 3));
        assertThat(report.stopped()).isTrue();
        assertThat(report.complete()).isFalse();
        assertThat(report.left()).allMatch(item -> item.failure().orElseThrow() instanceof KekUnreachableException);
        mover.tenant.keks().enable(TestTenant.VENDOR);
        try (Product again = new Product(folder, NEXT, options -> options.accept(TestTenant.VENDOR))) {
            assertThat(ByokRewrap.of(again.slots).run().counts()).containsOnly(entry(Outcome.REWRAPPED, 7));
        }
    }

    /** Slots under a KEK or version that was destroyed fail for ever: they must not keep the others from being moved. */
    @Test
    void aKekThatIsGoneHidesNothingOfTheOthers() {
        for (int i = 0; i < 4; i++) {
            product.roll("more-" + i, 1);
        }
        try (Product third = new Product(folder, TestTenant.CUSTOMER, options -> options);
                Product all = new Product(
                        folder,
                        NEXT,
                        options -> options.accept(TestTenant.VENDOR).accept(TestTenant.CUSTOMER))) {
            for (int i = 0; i < 3; i++) {
                third.roll("third-" + i, 1);
            }
            all.tenant.keks().disable(TestTenant.VENDOR);
            Report report = ByokRewrap.of(all.slots).run();
            assertThat(report.counts()).containsOnly(entry(Outcome.FAILED, 7), entry(Outcome.REWRAPPED, 3));
            assertThat(report.stopped()).isFalse();
            List<String> believed = new ArrayList<>();
            List<KekException> refused = new ArrayList<>();
            all.slots.scan(status -> believed.add(status.slot()), (place, failure) -> refused.add(failure));
            assertThat(believed).containsExactlyInAnyOrder("third-0", "third-1", "third-2");
            assertThat(refused).hasSize(7).allMatch(KekRevokedException.class::isInstance);
        }
    }

    @Test
    void whatCannotBeBelievedIsNamedAndTheRestIsDone() {
        String nobody = "byok-" + "0".repeat(48);
        product.notes.putNote(nobody, 0, new byte[] {1, 2, 3});
        byte[] changed = product.note().content();
        changed[changed.length - 1] ^= 1;
        product.overwrite(changed);
        Report report = run();
        assertThat(report.counts()).containsOnly(entry(Outcome.FAILED, 2), entry(Outcome.REWRAPPED, 2));
        assertThat(report.left()).extracting(Item::place).containsExactlyInAnyOrder(nobody, SLOT);
        assertThat(report.stopped()).isFalse();
        assertThat(product.note().content()).isEqualTo(changed);
    }

    @Test
    void moreSlotsAreCountedThanAreNamed() {
        for (int count : new int[] {ByokRewrap.MOST_NAMED, ByokRewrap.MOST_NAMED + 1}) {
            try (ByokKms byok =
                    ByokKms.builder(NamesOfNotes.of(count), TestTenant.VENDOR).build()) {
                Report report = ByokRewrap.of(byok.slots(product.providers)).run();
                assertThat(report.counts()).containsOnly(entry(Outcome.FAILED, count));
                assertThat(report.left()).hasSize(ByokRewrap.MOST_NAMED);
            }
        }
    }

    /** Others who change a slot each time are no outage of the vendor's KEK, nor is an answer that says no. */
    @Test
    void onlyAKekOfTheVendorsCanBeOut() {
        assertThat(ByokSlots.isOutage(SlotErrors.refused(SLOT, Reason.CONFLICT, "others were first", "try again")))
                .isFalse();
        assertThat(ByokSlots.isOutage(new KekUnreachableException(Failure.of(TestTenant.VENDOR, "no answer"))))
                .isTrue();
        assertThat(ByokSlots.isOutage(new KekUnreachableException(Failure.ofUnknownKek("no answer"))))
                .isFalse();
        assertThat(ByokSlots.isOutage(new KekNotFoundException(Failure.of(TestTenant.VENDOR, "there is none"))))
                .isFalse();
    }

    @Test
    void anInterruptEndsItAfterTheSlotThatItIsAt() {
        mover.notes.afterPut = () -> Thread.currentThread().interrupt();
        Report report = run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.counts()).containsOnly(entry(Outcome.REWRAPPED, 1));
        assertThat(report.stopped()).isTrue();
        mover.notes.afterPut = () -> {};
        assertThat(run().complete()).isTrue();
    }

    @Test
    void whatWasClosedIsRefused() {
        mover.byok.close();
        for (Runnable call : List.<Runnable>of(
                this::run,
                () -> mover.slots.status(SLOT),
                () -> mover.validate(SLOT, 9),
                () -> mover.slots.activate(SLOT, 3),
                mover::revoke,
                () -> mover.slots.drop(SLOT, 1, ByokSlots.DROP),
                () -> mover.slots.scan(status -> {}, (place, failure) -> {}))) {
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(call::run)
                    .withMessageContaining("closed");
        }
        assertThat(states()).isEqualTo("1 ARCHIVED; 2 ACTIVE; 3 PENDING; ");
    }

    /** By its id it is found in the memory of every JVM when it is revoked, whatever wraps it. */
    @Test
    void aKeyKeepsItsId() throws Exception {
        DekId before = idOfTheFirst();
        run();
        assertThat(idOfTheFirst()).isEqualTo(before);
    }

    private DekId idOfTheFirst() throws Exception {
        byte[] content = product.note().content();
        SlotVersion version = SlotRecord.parse(Arrays.copyOf(content, content.length - SlotRecord.SEAL_BYTES))
                .version(1)
                .orElseThrow();
        return Objects.requireNonNull(version.secret()).id();
    }
}
