package io.keywrap.testkit;

import static io.keywrap.testkit.RewrapBench.assertComplete;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ends of a run that nobody wishes for: what is told then, and that nothing goes on. */
class RewrapEndsTest {
    private final RewrapBench bench = new RewrapBench();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void nothingGoesOnAfterAnErrorHasEndedTheRun() throws InterruptedException {
        bench.keychain("a", 60);
        CountDownLatch ended = new CountDownLatch(1);
        Rewrap job = bench.move()
                .rate(10)
                .listener(progress -> {
                    bench.onEvent = event -> await(ended); // What is under way then lasts a while.
                    throw new InternalError("a listener that is broken");
                })
                .build();
        assertThatExceptionOfType(InternalError.class).isThrownBy(job::run);
        int calls = bench.from.calls() + bench.to.calls();
        bench.onEvent = event -> {};
        ended.countDown();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("keywrap-rewrap")) {
                thread.join(10_000);
            }
        }
        assertThat(bench.from.calls() + bench.to.calls()).isEqualTo(calls);
        assertComplete(bench.move().build().run());
        bench.assertMoved("a");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(200, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void kekThatIsRotatedDuringTheRunIsTold() {
        bench.keychain("a", 6);
        bench.from.rotate();
        AtomicInteger wraps = new AtomicInteger();
        bench.onEvent = event -> {
            if (event instanceof CallEnded call && call.operation() == Operation.WRAP && wraps.incrementAndGet() == 3) {
                bench.from.rotate();
            }
        };
        RewrapReport report =
                bench.job().renew(bench.from.id()).concurrency(1).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 3L, Outcome.CONFLICT, 3L));
        assertThat(report.items()).allSatisfy(item -> assertThat(item.message()).contains("another version"));
        bench.onEvent = event -> {};
        assertComplete(bench.job().renew(bench.from.id()).build().run());
        bench.assertAllOpen("a");
    }

    @Test
    void wrapThatIsReplacedWhileOthersAreProvenKeepsTheOldOne() {
        bench.keychain("a", 1);
        bench.move().retain(Duration.ofDays(1)).build().run();
        bench.time.advance(Duration.ofDays(2));
        AtomicInteger tries = new AtomicInteger();
        ForwardingStore store = new ForwardingStore(bench.store) {
            @Override
            public void replace(KeychainRecord record, long expectedRevision) {
                if (tries.incrementAndGet() == 1) {
                    bench.to.rotate();
                    assertThat(bench.job().renew(bench.to.id()).build().run().count(Outcome.MOVED))
                            .isEqualTo(1);
                }
                super.replace(record, expectedRevision);
            }
        };
        RewrapReport report =
                bench.job(store, bench.providers).dropRetained().build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.CONFLICT, 1L));
        DekEntry entry = bench.record("a").deks().get(0);
        assertThat(entry.wraps()).extracting(Wrap::role).containsExactlyInAnyOrder(Role.CONTROL, Role.RETAINED);
        assertThat(bench.job().dropRetained().build().run().outcomes()).isEqualTo(Map.of(Outcome.DROPPED, 1L));
        bench.assertMoved("a");
    }
}
