package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of a monitor: how many, for how long, and what they do after a failure. */
@Timeout(60)
class MonitorThreadsTest {
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final List<Thread> made = new CopyOnWriteArrayList<>();
    private MonitorThreads threads = threads(2, () -> FOR_EVER);

    @AfterEach
    void close() {
        threads.close();
    }

    private MonitorThreads threads(int concurrency, LongSupplier launch) {
        return new MonitorThreads(concurrency, launch, task -> {
            Thread thread = new Thread(task);
            made.add(thread);
            return thread;
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void asManyCallsAsAreAllowedAreUnderWayAndOnePieceOfWorkWithTheStore() {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger onStore = new AtomicInteger();
        threads.run(() -> await(end));
        assertThat(threads.hasRoom()).isTrue();
        threads.run(() -> await(end));
        assertThat(threads.hasRoom()).isFalse();
        for (int i = 0; i < 3; i++) {
            threads.runOnStore(() -> {
                onStore.incrementAndGet();
                await(end);
            });
        }
        end.countDown();
        assertThat(threads.awaitAll()).isEqualTo(3);
        assertThat(onStore).hasValue(1);
        assertThat(threads.hasRoom()).isTrue();
        assertThat(threads.awaitAll()).isZero();
        threads.runOnStore(onStore::incrementAndGet);
        assertThat(threads.awaitAll()).isEqualTo(1);
        assertThat(onStore).hasValue(2);
    }

    @Test
    void oneThreadMoreThanCallsKeepsTheStoreFromWaiting() {
        CountDownLatch calls = new CountDownLatch(1);
        CountDownLatch store = new CountDownLatch(1);
        threads.run(() -> await(calls));
        threads.run(() -> await(calls));
        threads.runOnStore(store::countDown);
        await(store);
        calls.countDown();
        assertThat(threads.awaitAll()).isEqualTo(3);
    }

    @Test
    void theyAreDaemonsWithNamesOfTheirOwn() {
        threads.run(() -> {});
        threads.runOnStore(() -> {});
        threads.awaitAll();
        threads.start();
        assertThat(made).extracting(Thread::getName).contains("keywrap-monitor", "keywrap-monitor-1");
        assertThat(made).extracting(Thread::getName).doesNotHaveDuplicates();
        assertThat(made).allMatch(Thread::isDaemon);
    }

    @Test
    void oneThreadKeepsTheTimeHoweverOftenItIsStarted() {
        threads.start();
        threads.start();
        assertThat(made).hasSize(1);
    }

    @Test
    void aTaskThatFailsHasEndedAndTakesNoRoom() {
        threads.run(() -> {
            throw new IllegalStateException("told to fail");
        });
        threads.runOnStore(() -> {
            throw new IllegalStateException("told to fail");
        });
        assertThat(threads.awaitAll()).isEqualTo(2);
        threads.run(() -> {});
        threads.runOnStore(() -> {});
        assertThat(threads.awaitAll()).isEqualTo(2);
    }

    @Test
    void aTaskThatCouldNotBeginTakesNoRoom() {
        MonitorThreads none = new MonitorThreads(1, () -> FOR_EVER, task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> none.run(() -> {}));
            assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> none.runOnStore(() -> {}));
            assertThat(none.hasRoom()).isTrue();
        }
        none.close();
    }

    @Test
    void itIsLookedAgainAsSoonAsACallHasEnded() throws InterruptedException {
        Semaphore looked = new Semaphore(0);
        threads = threads(2, () -> {
            looked.release();
            return FOR_EVER;
        });
        threads.start();
        for (int i = 0; i < 100; i++) { // By itself it would look again each second.
            looked.acquire();
            threads.run(() -> {});
        }
        looked.acquire();
    }

    @Test
    void itIsLookedAgainByItselfWithinASecondOrSoonerIfThatIsMeant() {
        for (long wait : new long[] {FOR_EVER, 1, 0}) {
            CountDownLatch looked = new CountDownLatch(wait == FOR_EVER ? 2 : 200);
            MonitorThreads some = threads(2, () -> {
                looked.countDown();
                return wait;
            });
            some.start();
            await(looked);
            some.close();
        }
    }

    @Test
    void aFailureDoesNotEndTheWatch() {
        CountDownLatch looked = new CountDownLatch(3);
        threads = threads(2, () -> {
            looked.countDown();
            if (looked.getCount() == 2) {
                throw new IllegalStateException("told to fail");
            }
            if (looked.getCount() == 1) {
                throw new OutOfMemoryError("told to fail");
            }
            return FOR_EVER;
        });
        threads.start();
        await(looked);
    }

    @Test
    void whoeverClosesItInterruptsWhatIsUnderWayAndWaitsForIt() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        ConcurrentLinkedQueue<String> ended = new ConcurrentLinkedQueue<>();
        threads.start();
        threads.run(() -> {
            begun.countDown();
            await(new CountDownLatch(1));
            ended.add("interrupted");
        });
        await(begun);
        assertThat(threads.close()).isTrue();
        assertThat(ended).containsExactly("interrupted");
        assertThat(threads.close()).as("it was closed before").isFalse();
        assertThat(threads.hasRoom()).isFalse();
        threads.runOnStore(() -> ended.add("too late"));
        assertThat(ended).hasSize(1);
        assertThatIllegalStateException().isThrownBy(threads::start);
        assertThatIllegalStateException().isThrownBy(threads::awaitAll);
        for (Thread thread : made) {
            thread.join();
        }
    }

    @Test
    void anInterruptEndsTheWaitForAllAndStays() {
        CountDownLatch end = new CountDownLatch(1);
        threads.run(() -> await(end));
        Thread.currentThread().interrupt();
        assertThat(threads.awaitAll()).isZero();
        assertThat(Thread.interrupted()).isTrue();
        end.countDown();
        assertThat(threads.awaitAll()).isEqualTo(1);
    }

    @Test
    void anInterruptWhileItIsClosedStays() {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        threads.run(() -> {
            begun.countDown();
            boolean over = false;
            while (!over) {
                try {
                    end.await();
                    over = true;
                } catch (InterruptedException e) {
                    // Goes on, as a client does that does not care.
                }
            }
        });
        await(begun);
        Thread.currentThread().interrupt();
        assertThat(threads.close()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
        end.countDown();
    }
}
