package io.keywrap.testkit;

import static io.keywrap.testkit.RewrapBench.assertComplete;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KeychainConflictException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapPlan;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens between the wraps of a keychain and their commit: nothing is told as done that is not. */
class RewrapCommitTest {
    private final RewrapBench bench = new RewrapBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private OvertakenStore overtaken(Runnable meanwhile) {
        return new OvertakenStore(bench.store, 1, meanwhile);
    }

    private RewrapReport run(ForwardingStore store, KeyProviders process) {
        return bench.job(store, process)
                .move(bench.from.id(), bench.to.id())
                .build()
                .run();
    }

    private RewrapReport run(ForwardingStore store) {
        return run(store, bench.providers);
    }

    @Test
    void keychainThatIsGoneMeanwhileNeedsNothing() {
        bench.keychain("a", 2);
        bench.keychain("b", 1);
        boolean[] gone = new boolean[1];
        RewrapReport report = run(new ForwardingStore(bench.store) {
            @Override
            public void replace(KeychainRecord record, long expectedRevision) {
                if (record.keychainId().equals("a")) {
                    gone[0] = true;
                    throw new KeychainConflictException("a");
                }
                super.replace(record, expectedRevision);
            }

            @Override
            public Optional<KeychainRecord> load(String keychainId) {
                return gone[0] && keychainId.equals("a") ? Optional.empty() : super.load(keychainId);
            }
        });
        assertComplete(report);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 1L));
        bench.assertMoved("b");
    }

    @Test
    void recordThatSomebodyPlantedMeanwhileIsNotWrittenOver() {
        bench.keychain("a", 2);
        KeychainRecord planted = bench.record("a")
                .next()
                .recipients(List.of(
                        new Recipient(Role.CONTROL, bench.from.id()), new Recipient(Role.REPLICA, bench.to.id())))
                .build(body -> new byte[KeychainRecord.SEAL_BYTES]);
        RewrapReport report = run(overtaken(() -> bench.store.overwrite("a", planted)));
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.SEAL_BROKEN, 2L));
        assertThat(report.items()).allSatisfy(item -> assertThat(item.dekId()).isPresent());
        assertThat(bench.record("a").toBytes()).isEqualTo(planted.toBytes());
    }

    @Test
    void kekOfTheSealThatFailsAtTheCommitIsToldOfEachDek() {
        try (KeyProviders forgetful = KeyProviders.builder()
                .register(bench.kms)
                .cacheDeadline(Duration.ZERO)
                .time(bench.time)
                .build()) {
            Keychains.builder(bench.store, forgetful)
                    .seal(KeychainSeal.wrappedBy(bench.vendor.id()))
                    .build()
                    .create("a", spec -> spec.control(bench.from.id()))
                    .rotate();
            byte[] before = bench.record("a").toBytes();
            RewrapReport report = run(overtaken(bench.vendor::disable), forgetful);
            assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_SEAL_KEK, 2L));
            assertThat(report.items()).extracting(Item::kekId).containsOnly(Optional.of(bench.vendor.id()));
            assertThat(report.items())
                    .allSatisfy(item -> assertThat(item.dekId()).isPresent());
            assertThat(bench.record("a").toBytes()).isEqualTo(before);
        }
    }

    @Test
    void recordThatTheStoreHasNoRoomForIsToldOfEachDek() {
        bench.keychain("a", 2);
        RewrapReport report = run(new ForwardingStore(bench.store) {
            @Override
            public void replace(KeychainRecord record, long expectedRevision) {
                throw new IllegalArgumentException("a record is too long");
            }
        });
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.NO_ROOM, 2L));
        assertThat(report.items()).extracting(Item::message).containsOnly("a record is too long");
    }

    @Test
    void dekThatHasFailedKeepsItsOwnReasonWhereTheCommitFailsToo() {
        Keychain keychain = bench.keychain("a", 2);
        bench.from.faults(FaultPlan.ofGenerates().answerWithAnotherDek());
        keychain.rotate();
        RewrapReport report = run(new OvertakenStore(bench.store, 1_000, () -> {}));
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.CONFLICT, 2L, Outcome.CORRUPT_WRAP, 1L));
        assertThat(report.items())
                .filteredOn(item -> item.outcome() == Outcome.CONFLICT)
                .allSatisfy(item -> assertThat(item.message()).contains("always faster", "run the job again"));
    }

    @Test
    void whatAnotherProcessHasMovedMeanwhileIsNotTakenForOwnWork() {
        bench.keychain("a", 2);
        RewrapReport report =
                run(overtaken(() -> assertComplete(bench.move().build().run())));
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.ALREADY, 2L));
        bench.assertMoved("a");
    }

    @Test
    void deksThatWereNotBegunAreToldWhereTheRunIsCancelled() {
        bench.keychain("a", 20);
        Rewrap job = bench.move().concurrency(1).build();
        AtomicInteger calls = new AtomicInteger();
        bench.onEvent = event -> {
            if (event instanceof CallEnded && calls.incrementAndGet() == 12) {
                job.cancel();
            }
        };
        RewrapReport report = job.run();
        bench.onEvent = event -> {};
        long moved = report.count(Outcome.MOVED);
        assertThat(moved).isBetween(1L, 19L);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, moved, Outcome.CANCELLED, 20 - moved));
        assertThat(report.items()).extracting(Item::message).containsOnly("the job ended before; run it again");
    }

    @Test
    void deksThatAreMeantForOthersAreCountedOnceAndTheRestIsMoved() {
        InMemoryKek second = bench.kms.kek("second");
        Keychain keychain = bench.keychain("a", 1);
        keychain.changeRecipients(r -> r.control(bench.replica.id()));
        assertThat(keychain.record().deks()).hasSize(2);
        RewrapReport report =
                bench.move().move(bench.replica.id(), second.id()).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.NOT_RECIPIENT, 1L, Outcome.MOVED, 2L));
        assertThat(bench.record("a").deks())
                .allSatisfy(entry -> assertThat(entry.wrapUnder(second.id())).isPresent());
    }

    @Test
    void planCountsADekOnceThatIsMeantForOthersAndNeedsWorkToo() {
        InMemoryKek second = bench.kms.kek("second");
        Keychain keychain = bench.keychain("a", 1);
        keychain.changeRecipients(r -> r.control(bench.replica.id()));
        second.faults(FaultPlan.ofWraps().deny(1));
        Rewrap.Builder job = bench.move().move(bench.replica.id(), second.id()).concurrency(1);
        assertThat(job.build().run().outcomes())
                .isEqualTo(Map.of(Outcome.NOT_RECIPIENT, 1L, Outcome.FAILED_NEW_KEK, 1L, Outcome.MOVED, 1L));
        RewrapPlan plan = job.build().plan();
        assertThat(plan.problems()).hasSize(1);
        assertThat(plan.deks()).isEqualTo(1);
        assertThat(plan.already()).isEqualTo(1);
    }

    @Test
    void keychainWithRoomForJustOneMoreRecipientIsMoved() {
        bench.keychain("a", 1, r -> {
            r.control(bench.from.id());
            for (int i = 2; i < KeychainRecord.MAX_WRAPS; i++) {
                r.retained(bench.kms.kek("former-" + i).id());
            }
        });
        assertComplete(bench.move().build().run());
        assertThat(bench.record("a").recipients()).hasSize(KeychainRecord.MAX_WRAPS);
        bench.assertMoved("a");
    }

    @Test
    void dekWithoutRoomIsToldAndTheOthersAreMoved() {
        Keychain keychain = bench.keychain("a", 1);
        for (int i = 1; i < KeychainRecord.MAX_WRAPS; i++) {
            InMemoryKek former = bench.kms.kek("former-" + i);
            keychain.changeRecipients(r -> r.control(bench.from.id()).replica(former.id()));
            keychain.repair(Set.of(former.id()));
        }
        keychain.changeRecipients(r -> r.control(bench.from.id()));
        keychain.rotate();
        bench.remember(keychain);
        DekEntry full = keychain.record().deks().get(0);
        assertThat(full.wraps()).hasSize(KeychainRecord.MAX_WRAPS);
        long others = keychain.record().deks().stream()
                .filter(entry -> entry.wraps().size() < KeychainRecord.MAX_WRAPS)
                .count();
        RewrapReport report = bench.move().build().run();
        assertThat(report.outcomes())
                .isEqualTo(Map.of(
                        Outcome.MOVED,
                        others,
                        Outcome.NO_ROOM,
                        keychain.record().deks().size() - others));
        assertThat(bench.record("a").deks().get(0)).isEqualTo(full);
        bench.assertAllOpen("a");
    }

    @Test
    void secondRunDoesNotEvenCheckTheSealsOfWhatNeedsNothing() {
        bench.keychain("a", 2);
        bench.move().build().run();
        int seals = bench.vendor.calls();
        try (KeyProviders process = bench.providers()) {
            RewrapReport again = bench.job(bench.store, process)
                    .move(bench.from.id(), bench.to.id())
                    .build()
                    .run();
            assertComplete(again);
            assertThat(again.keychains()).isEqualTo(1);
        }
        assertThat(bench.vendor.calls()).isEqualTo(seals);
    }
}
