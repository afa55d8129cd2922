package io.keywrap.testkit;

import static io.keywrap.testkit.RewrapBench.assertComplete;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KeychainConflictException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapProgress;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs that are disturbed, ended, repeated and run beside each other. */
class RewrapRunsTest {
    private final RewrapBench bench = new RewrapBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private Rewrap over(ForwardingStore store) {
        return bench.job(store, bench.providers)
                .move(bench.from.id(), bench.to.id())
                .build();
    }

    @Test
    void keychainThatIsChangedMeanwhileIsLookedAtAgain() {
        Keychain keychain = bench.keychain("a", 5);
        int wraps = bench.to.wraps();
        AtomicInteger tries = new AtomicInteger();
        RewrapReport report = over(new ForwardingStore(bench.store) {
                    @Override
                    public void replace(KeychainRecord record, long expectedRevision) {
                        if (tries.incrementAndGet() == 1) {
                            keychain.rotate();
                            bench.remember(keychain);
                        }
                        super.replace(record, expectedRevision);
                    }
                })
                .run();
        assertComplete(report);
        assertThat(report.count(Outcome.MOVED)).isEqualTo(6);
        assertThat(bench.to.wraps() - wraps).as("no wrap is made twice").isEqualTo(6);
        bench.assertMoved("a");
    }

    @Test
    void kekThatHasBecomeControlMeanwhileIsNotTakenOutUnasked() {
        Keychain keychain = bench.keychain(
                "a",
                2,
                r -> r.control(bench.from.id()).replica(bench.replica.id()).replica(bench.to.id()));
        keychain.repair(Set.of(bench.replica.id())); // So one DEK is opened by it in the run, and the other is not.
        AtomicInteger tries = new AtomicInteger();
        ForwardingStore store = new ForwardingStore(bench.store) {
            @Override
            public void replace(KeychainRecord record, long expectedRevision) {
                if (tries.incrementAndGet() == 1) {
                    keychain.changeRecipients(r -> r.control(bench.from.id())
                            .control(bench.replica.id())
                            .replica(bench.to.id()));
                }
                super.replace(record, expectedRevision);
            }
        };
        RewrapReport report = bench.job(store, bench.providers)
                .move(bench.replica.id(), bench.to.id())
                .build()
                .run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 1L, Outcome.CONFLICT, 1L));
        DekEntry unasked = bench.record("a")
                .dek(report.items().get(0).dekId().orElseThrow())
                .orElseThrow();
        assertThat(unasked.wrapUnder(bench.replica.id()).orElseThrow().role()).isEqualTo(Role.CONTROL);
        RewrapReport again =
                bench.job().move(bench.replica.id(), bench.to.id()).build().run();
        assertComplete(again);
    }

    @Test
    void othersAreAlwaysFaster() {
        bench.keychain("a", 3);
        byte[] before = bench.record("a").toBytes();
        RewrapReport report = over(new ForwardingStore(bench.store) {
                    @Override
                    public void replace(KeychainRecord record, long expectedRevision) {
                        throw new KeychainConflictException(record.keychainId());
                    }
                })
                .run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.CONFLICT, 3L));
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
        assertComplete(bench.move().build().run());
    }

    @Test
    void commitOfWhichTheAnswerIsLostIsFoundOut() {
        bench.keychain("a", 3);
        long revision = bench.record("a").revision();
        AtomicInteger tries = new AtomicInteger();
        RewrapReport report = over(new ForwardingStore(bench.store) {
                    @Override
                    public void replace(KeychainRecord record, long expectedRevision) {
                        super.replace(record, expectedRevision);
                        if (tries.incrementAndGet() == 1) {
                            throw new StoreUnavailableException("the answer was lost", null);
                        }
                    }
                })
                .run();
        assertComplete(report);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 3L));
        assertThat(bench.record("a").revision()).isEqualTo(revision + 1);
        bench.assertMoved("a");
    }

    @Test
    void storeThatCannotBeWrittenOrListedIsTold() {
        bench.keychain("a", 2);
        RewrapReport unwritten = over(new ForwardingStore(bench.store) {
                    @Override
                    public void replace(KeychainRecord record, long expectedRevision) {
                        throw new StoreUnavailableException("the disk is full", null);
                    }
                })
                .run();
        assertThat(unwritten.outcomes()).isEqualTo(Map.of(Outcome.STORE, 2L));
        RewrapReport unlisted = over(new ForwardingStore(bench.store) {
                    @Override
                    public List<Unreadable> unreadable() {
                        throw new StoreUnavailableException("it is away", null);
                    }
                })
                .run();
        assertThat(unlisted.count(Outcome.MOVED)).isEqualTo(2);
        assertThat(unlisted.count(Outcome.STORE)).isEqualTo(1);
        assertThat(unlisted.complete()).isFalse();
    }

    @Test
    void processThatDiesBetweenWrapAndCommitLosesNothing() {
        bench.keychain("a", 3);
        byte[] before = bench.record("a").toBytes();
        Rewrap dies = over(new ForwardingStore(bench.store) {
            @Override
            public void replace(KeychainRecord record, long expectedRevision) {
                throw new InternalError("the process is killed");
            }
        });
        assertThatExceptionOfType(InternalError.class).isThrownBy(dies::run);
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
        assertComplete(bench.move().build().run());
        bench.assertMoved("a");
    }

    @Test
    void cancelledRunCommitsWhatIsProvenAndTheNextDoesTheRest() {
        for (int i = 0; i < 20; i++) {
            bench.keychain("t" + i, 4);
        }
        Rewrap job = bench.move().concurrency(2).build();
        AtomicInteger calls = new AtomicInteger();
        bench.onEvent = event -> {
            if (event instanceof CallEnded && calls.incrementAndGet() == 60) {
                job.cancel();
            }
        };
        RewrapReport report = job.run();
        assertThat(report.cancelled()).isTrue();
        assertThat(report.complete()).isFalse();
        long moved = report.count(Outcome.MOVED);
        assertThat(moved).isBetween(5L, 70L);
        long there = 0;
        for (int i = 0; i < 20; i++) {
            there += bench.record("t" + i).deks().stream()
                    .filter(entry -> entry.wrapUnder(bench.to.id()).isPresent())
                    .count();
        }
        assertThat(there).isEqualTo(moved);
        assertThat(job.run().cancelled()).as("it stays so").isTrue();

        bench.onEvent = event -> {};
        RewrapReport rest = bench.move().build().run();
        assertComplete(rest);
        assertThat(rest.count(Outcome.MOVED)).isEqualTo(80 - moved);
        for (int i = 0; i < 20; i++) {
            bench.assertMoved("t" + i);
        }
    }

    @Test
    void interruptEndsARunToo() {
        bench.keychain("a", 3);
        Thread.currentThread().interrupt();
        RewrapReport report = bench.move().build().run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.cancelled()).isTrue();
    }

    @Test
    void twoJobsAtOnceLeaveOneCurrentWrapForEachDek() {
        for (int i = 0; i < 20; i++) {
            bench.keychain("t" + i, 5);
        }
        List<CompletableFuture<RewrapReport>> runs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Rewrap job = bench.job(bench.store, bench.providers())
                    .move(bench.from.id(), bench.to.id())
                    .build();
            runs.add(CompletableFuture.supplyAsync(job::run));
        }
        runs.forEach(run -> assertComplete(run.join()));
        for (int i = 0; i < 20; i++) {
            for (DekEntry entry : bench.record("t" + i).deks()) {
                bench.assertRoles(entry, Map.of(bench.to.id(), Role.CONTROL, bench.from.id(), Role.RETAINED));
            }
            bench.assertMoved("t" + i);
        }
    }

    @Test
    void largeKeychainIsOneChangeForEachThousandDeks() {
        Keychain keychain = bench.keychain("a", 1);
        KeychainRecord large = large(keychain, 1_010);
        long revision = large.revision();
        RewrapReport report = bench.move().concurrency(16).build().run();
        assertComplete(report);
        assertThat(report.count(Outcome.MOVED)).isEqualTo(1_010);
        assertThat(bench.record("a").revision()).isEqualTo(revision + 2);
    }

    private KeychainRecord large(Keychain keychain, int deks) {
        for (int i = keychain.record().deks().size(); i < deks; i++) {
            keychain.rotate();
        }
        return keychain.record();
    }

    @Test
    void progressIsToldOnceASecondAndAtTheEnd() {
        for (int i = 0; i < 10; i++) {
            bench.keychain("t" + i, 3);
        }
        List<RewrapProgress> told = new ArrayList<>();
        bench.move().rate(10).listener(told::add).build().run();
        RewrapProgress last = told.get(told.size() - 1);
        assertThat(last.deksDone()).isEqualTo(30);
        assertThat(last.deksTotal()).isEqualTo(30);
        assertThat(last.keychainsDone()).isEqualTo(10);
        assertThat(last.keychainsTotal()).isEqualTo(10);
        assertThat(last.remaining()).contains(Duration.ZERO);
        for (int i = 1; i < told.size() - 1; i++) {
            assertThat(told.get(i).elapsed().minus(told.get(i - 1).elapsed()))
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        }
        assertThat(told).hasSizeGreaterThan(3);
    }

    @Test
    void rateOfAKekIsKept() {
        assertThat(fiftyDeksAtTenCallsASecond(1)).isBetween(Duration.ofMillis(9_700), Duration.ofMillis(10_500));
    }

    @Test
    void rateOfAKekIsKeptByThreadsTogether() {
        // No upper bound: threads that wait at once may move the clock twice.
        assertThat(fiftyDeksAtTenCallsASecond(16)).isGreaterThanOrEqualTo(Duration.ofMillis(9_700));
    }

    /** How long it takes; the new KEK wraps and unwraps each. */
    private Duration fiftyDeksAtTenCallsASecond(int threads) {
        bench.keychain("a", 50);
        long began = bench.time.nanoTime();
        assertComplete(bench.move().rate(10).concurrency(threads).build().run());
        return Duration.ofNanos(bench.time.nanoTime() - began);
    }

    @Test
    void resumedRunGoesOverWhatLiesBeforeTheMarkToo() {
        for (int i = 10; i < 50; i++) {
            bench.keychain("t" + i, 2);
        }
        AtomicInteger calls = new AtomicInteger();
        Rewrap first = bench.move().concurrency(1).rate(2).build();
        bench.to.faults(FaultPlan.ofWraps().deny(1));
        bench.onEvent = event -> {
            if (event instanceof CallEnded && calls.incrementAndGet() == 100) {
                first.cancel();
            }
        };
        RewrapReport half = first.run();
        bench.onEvent = event -> {};
        assertThat(half.count(Outcome.FAILED_NEW_KEK)).isEqualTo(1);
        List<RewrapProgress> told = new ArrayList<>();
        RewrapReport rest = bench.move().resume().listener(told::add).build().run();
        assertComplete(rest);
        assertThat(rest.count(Outcome.MOVED)).isEqualTo(80 - half.count(Outcome.MOVED));
        assertThat(rest.count(Outcome.ALREADY))
                .as("of keychains that were half done")
                .isLessThanOrEqualTo(2);
        assertThat(told.get(told.size() - 1).keychainsDone()).isGreaterThanOrEqualTo(40);
        for (int i = 10; i < 50; i++) {
            bench.assertMoved("t" + i);
        }
    }
}
