package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Deadline;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.provider.KeyProvider.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Only so many calls of one KEK are under way at once; a KEK that hangs disturbs no other. */
class BulkheadTest {
    private static final int MOST = 3;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BulkheadKeyProvider provider = bulkhead("odd:key");
    private final CountDownLatch arrived = new CountDownLatch(MOST);
    private final CountDownLatch answers = new CountDownLatch(1);

    private static BulkheadKeyProvider bulkhead(String kek) {
        return new BulkheadKeyProvider(new OddFactory().create(KekId.of(kek)), MOST);
    }

    @AfterEach
    void letGo() {
        answers.countDown();
        threads.shutdownNow();
    }

    private static Status ask(BulkheadKeyProvider provider, Duration budget) {
        return provider.call(Deadline.after(budget, TimeSource.system()), Status::unknown);
    }

    private List<Future<Status>> hang() throws InterruptedException {
        List<Future<Status>> hanging = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            hanging.add(threads.submit(() -> provider.call(Deadline.after(LONG, TimeSource.system()), () -> {
                arrived.countDown();
                awaited(answers);
                return Status.unknown();
            })));
        }
        arrived.await();
        return hanging;
    }

    @Test
    void neverMoreThanTheMostAreUnderWay() throws Exception {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger highest = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(16);
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            done.add(threads.submit(() -> {
                awaited(start);
                for (int round = 0; round < 200; round++) {
                    provider.call(Deadline.after(LONG, TimeSource.system()), () -> {
                        highest.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                        Thread.yield();
                        underWay.decrementAndGet();
                        return Status.unknown();
                    });
                }
            }));
        }
        for (Future<?> one : done) {
            one.get();
        }
        assertThat(highest).hasValueBetween(2, MOST);
    }

    @Test
    void whoGetsNoTurnInTimeIsRefusedWithoutACall() throws Exception {
        hang();
        assertThatExceptionOfType(KekThrottledException.class)
                .isThrownBy(() -> ask(provider, Duration.ofMillis(5)))
                .withMessageContainingAll("odd:key", "3 calls", "was not called", "to do: ")
                .satisfies(e -> assertThat(e.retryable()).isTrue());
    }

    @Test
    void aKekThatHangsDisturbsNoOther() throws Exception {
        hang();
        assertThat(ask(bulkhead("odd:other"), Duration.ofMillis(5))).isNotNull();
    }

    @Test
    void whoWaitsIsServedOnceATurnIsFree() throws Exception {
        List<Future<Status>> hanging = hang();
        Future<Status> waiting = threads.submit(() -> ask(provider, LONG));
        answers.countDown();
        assertThat(waiting.get()).isNotNull();
        for (Future<Status> one : hanging) {
            assertThat(one.get()).isNotNull();
        }
    }

    @Test
    void aFailureGivesItsTurnBack() {
        for (int i = 0; i < 2 * MOST; i++) {
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> provider.call(Deadline.after(LONG, TimeSource.system()), () -> {
                        throw new KekUnreachableException(Failure.of(provider.kekId(), "told to fail"));
                    }));
        }
        assertThat(ask(provider, Duration.ofMillis(5))).isNotNull();
    }

    @Test
    void anInterruptedThreadWorksWhereNobodyWaitsAndFailsWhereItWouldHaveTo() throws Exception {
        Thread.currentThread().interrupt();
        assertThat(ask(provider, LONG)).isNotNull();
        assertThat(Thread.interrupted()).isTrue();
        hang();
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> ask(provider, LONG))
                .withCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void theMostIsAnOptionWithLimits() {
        KeyProviders.Builder builder = KeyProviders.builder();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxCallsPerKek(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxCallsPerKek(10_001));
        assertThat(builder.maxCallsPerKek(1).maxCallsPerKek(10_000)).isSameAs(builder);
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaited(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
