package io.keywrap.testkit;

import static io.keywrap.testkit.RewrapBench.assertComplete;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.StoreUnavailableException;
import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapPlan;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a job goes over a store: what it looks at, how often, and what it leaves behind. */
class RewrapStoreTest {
    private final RewrapBench bench = new RewrapBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private String mark() {
        return bench.store.noteNames("rewrap-", Optional.empty(), 10).stream()
                .map(name -> new String(bench.store.note(name).orElseThrow().content(), StandardCharsets.UTF_8))
                .reduce("", String::concat);
    }

    private long seals(RewrapPlan plan) {
        return plan.calls().stream()
                .filter(one -> one.kekId().equals(bench.vendor.id()))
                .mapToLong(Calls::count)
                .sum();
    }

    /** One DEK of three could not be moved. */
    private void halfMoved(String id) {
        bench.keychain(id, 3);
        bench.to.faults(FaultPlan.ofWraps().deny(1));
        assertThat(bench.move().concurrency(1).build().run().outcomes())
                .isEqualTo(Map.of(Outcome.MOVED, 2L, Outcome.FAILED_NEW_KEK, 1L));
    }

    @Test
    void keychainThatCannotBeReadIsToldAndTheOthersAreMoved() {
        bench.keychain("a", 1);
        bench.keychain("b", 2);
        RewrapReport report = bench.job(
                        new ForwardingStore(bench.store) {
                            @Override
                            public Optional<KeychainRecord> load(String keychainId) {
                                if (keychainId.equals("a")) {
                                    throw new StoreUnavailableException("a block is bad", null);
                                }
                                return super.load(keychainId);
                            }
                        },
                        bench.providers)
                .move(bench.from.id(), bench.to.id())
                .build()
                .run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.STORE, 1L, Outcome.MOVED, 2L));
        assertThat(report.items().get(0).keychainId()).isEqualTo("a");
        assertThat(report.items().get(0).message()).contains("a block is bad");
        assertThat(report.keychains()).isEqualTo(1);
    }

    @Test
    void kekOfTheSealsThatIsClosedIsAskedOnceForAllOfThem() {
        for (int i = 0; i < 20; i++) {
            bench.keychain("t" + i, 1);
        }
        bench.vendor.disable();
        try (KeyProviders process = bench.providers()) {
            RewrapReport report = bench.job(bench.store, process)
                    .move(bench.from.id(), bench.to.id())
                    .concurrency(1)
                    .build()
                    .run();
            assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_SEAL_KEK, 20L));
            assertThat(report.calls()).containsExactly(new Calls(bench.vendor.id(), Operation.UNWRAP, 1));
        }
    }

    @Test
    void keychainThatIsFoundTwiceIsPlannedAndToldOnce() {
        InMemoryKek second = bench.kms.kek("second");
        Keychain keychain =
                bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        keychain.repair(Set.of(bench.replica.id()));
        Rewrap.Builder both = bench.move().move(bench.replica.id(), second.id());
        RewrapPlan plan = both.build().plan();
        assertThat(plan.keychains()).isEqualTo(1);
        assertThat(plan.deks()).isEqualTo(2);
        assertThat(plan.already()).isZero();
        assertThat(seals(plan)).isEqualTo(1);
        RewrapReport report = both.build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 2L));
        assertThat(report.keychains()).isEqualTo(1);
        assertThat(both.build().run().outcomes()).isEqualTo(Map.of(Outcome.ALREADY, 2L));
        RewrapPlan again = both.build().plan();
        assertThat(again.already()).isEqualTo(2);
        assertThat(again.keychains()).isZero();
        assertThat(seals(again)).isZero();
    }

    @Test
    void keychainThatIsHalfMovedIsFoundAmongTheRetainedOnesAndPlannedOnce() {
        halfMoved("a");
        RewrapPlan plan = bench.move().build().plan();
        assertThat(plan.keychains()).isEqualTo(1);
        assertThat(plan.deks()).isEqualTo(1);
        assertThat(plan.already()).isEqualTo(2);
        assertThat(seals(plan)).isEqualTo(1);
        RewrapReport report = bench.move().build().run();
        assertComplete(report);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 1L, Outcome.ALREADY, 2L));
        assertThat(report.keychains()).isEqualTo(1);
        bench.assertMoved("a");
    }

    @Test
    void keychainWithTwoRenewedKeksIsToldOnce() {
        Keychain keychain =
                bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        keychain.repair(Set.of(bench.replica.id()));
        bench.from.rotate();
        bench.replica.rotate();
        RewrapReport report = bench.job()
                .renew(bench.from.id())
                .renew(bench.replica.id())
                .build()
                .run();
        assertComplete(report);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 2L));
        bench.assertAllOpen("a");
    }

    @Test
    void sealThatIsCheckedInALaterPassIsPlannedToo() {
        bench.keychain("a", 1);
        bench.move().build().run();
        Rewrap.Builder both = bench.move().renew(bench.to.id());
        RewrapPlan plan = both.build().plan();
        assertThat(plan.keychains()).isZero();
        assertThat(plan.already()).isEqualTo(1);
        assertThat(seals(plan)).isEqualTo(1);
        assertThat(both.build().run().outcomes()).isEqualTo(Map.of(Outcome.ALREADY, 1L));
    }

    @Test
    void planOfMovesInsideOfAKmsTakesTheRateOfBothKeks() {
        bench.kms.serverSideRewrap(true);
        bench.keychain("a", 8);
        // Eight re-wraps and eight proofs of the new KEK, twice as many as its own calls.
        assertThat(bench.move().rate(1).build().plan().estimate()).isEqualTo(Duration.ofSeconds(16));
        bench.from.rotate();
        assertThat(bench.job().renew(bench.from.id()).rate(1).build().plan().estimate())
                .as("its status, and of each DEK a re-wrap and a proof")
                .isEqualTo(Duration.ofSeconds(17));
    }

    @Test
    void keychainsOutsideOfAFilterAreLeftThoughTheirKekIsMoved() {
        bench.keychain("a", 1, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        bench.keychain("b", 1);
        RewrapReport report = bench.move()
                .filter(KeychainFilter.all().withKek(bench.replica.id()))
                .build()
                .run();
        assertThat(report.count(Outcome.MOVED)).isPositive();
        assertThat(bench.record("a").deks())
                .allSatisfy(entry -> assertThat(entry.wrapUnder(bench.to.id())).isPresent());
        assertThat(bench.record("b").deks())
                .allSatisfy(entry -> assertThat(entry.wrapUnder(bench.to.id())).isEmpty());
    }

    @Test
    void runThatWentToTheEndLeavesNoMarkAndAPlanNone() {
        bench.keychain("a", 1);
        bench.move().build().plan();
        assertThat(bench.store.noteNames("", Optional.empty(), 10)).isEmpty();
        bench.move().build().run();
        assertThat(mark()).isEmpty();
    }

    @Test
    void runThatIsCancelledLeavesAMarkWhichTheNextOneClears() {
        for (int i = 1; i <= 6; i++) {
            bench.keychain("t" + i, 1);
        }
        Rewrap job = bench.move().concurrency(1).build();
        AtomicInteger wraps = new AtomicInteger();
        bench.onEvent = event -> {
            if (event instanceof CallEnded call && call.operation() == Operation.WRAP && wraps.incrementAndGet() == 4) {
                job.cancel();
            }
        };
        assertThat(job.run().cancelled()).isTrue();
        bench.onEvent = event -> {};
        assertThat(mark()).startsWith("1\n").containsPattern("\nt[34]$");
        assertComplete(bench.move().resume().build().run());
        assertThat(mark()).isEmpty();
    }

    @Test
    void jobHasItsMarkUnderTheSameNameInEveryJvm() {
        Rewrap.Builder builder = bench.move().concurrency(1);
        for (int i = 0; i < 8; i++) {
            builder.renew(bench.kms.kek("renewed-" + i).id());
        }
        for (int i = 1; i <= 3; i++) {
            bench.keychain("t" + i, 1);
        }
        Rewrap job = builder.build();
        bench.onEvent = event -> {
            if (event instanceof CallEnded call && call.operation() == Operation.WRAP) {
                job.cancel();
            }
        };
        assertThat(job.run().cancelled()).isTrue();
        assertThat(bench.store.noteNames("rewrap-", Optional.empty(), 10))
                .containsExactly("rewrap-382d0d4be4a87d02f170b21e31bba240");
    }

    @Test
    void runThatGoesOnForLongLeavesMarksMeanwhile() {
        for (int i = 1; i <= 6; i++) {
            bench.keychain("t" + i, 1);
        }
        List<String> marks = new ArrayList<>();
        bench.onEvent = event -> {
            if (event instanceof CallEnded call && call.operation() == Operation.WRAP) {
                marks.add(mark());
            }
        };
        assertComplete(bench.move().concurrency(1).rate(0.1).build().run());
        bench.onEvent = event -> {};
        assertThat(marks.get(0)).isEmpty();
        assertThat(marks.get(marks.size() - 1)).contains("\nt");
    }

    @Test
    void threadsOfARunEndWithIt() throws InterruptedException {
        bench.keychain("a", 2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        bench.onEvent = event -> threads.add(Thread.currentThread());
        ForwardingStore store = new ForwardingStore(bench.store) {
            @Override
            public Optional<KeychainRecord> load(String keychainId) {
                threads.add(Thread.currentThread());
                return super.load(keychainId);
            }
        };
        assertComplete(bench.job(store, bench.providers)
                .move(bench.from.id(), bench.to.id())
                .build()
                .run());
        bench.onEvent = event -> {};
        threads.removeIf(thread -> !thread.getName().startsWith("keywrap-rewrap"));
        assertThat(threads).extracting(Thread::getName).contains("keywrap-rewrap", "keywrap-rewrap-keychain");
        for (Thread thread : threads) {
            assertThat(thread.isDaemon()).isTrue();
            thread.join(20_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }
}
