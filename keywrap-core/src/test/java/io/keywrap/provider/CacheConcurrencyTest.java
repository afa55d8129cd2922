package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads at the cache at once. */
@Timeout(60)
class CacheConcurrencyTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final WrappedDek wrapped = FakeKms.wrapped();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch answer = new CountDownLatch(1);
    private final CountDownLatch asked = new CountDownLatch(1);
    private KeyProviders providers = providers(time);

    private KeyProviders providers(TimeSource clock) {
        return KeyProviders.builder()
                .time(clock)
                .register(kms)
                .cacheDeadline(DEADLINE)
                .build();
    }

    @AfterEach
    void close() {
        answer.countDown();
        threads.shutdownNow();
        providers.close();
    }

    private boolean use(Deadline deadline) {
        try (DekLease lease = providers.lease(wrapped, EncryptionContext.empty(), deadline)) {
            return Arrays.equals(wrapped.wrappedBytes(), lease.withBytes(byte[]::clone));
        }
    }

    private boolean use() {
        return use(providers.foregroundDeadline());
    }

    private void hang() {
        kms.duringUnwrap = () -> {
            asked.countDown();
            awaited(answer);
        };
    }

    @Test
    void aThousandThatMissTogetherMakeOneCall() throws Exception {
        CountDownLatch all = new CountDownLatch(1_000);
        kms.duringUnwrap = () -> awaited(all);
        List<Future<Boolean>> leased = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            leased.add(threads.submit(() -> {
                all.countDown();
                return use();
            }));
        }
        for (Future<Boolean> one : leased) {
            assertThat(one.get()).isTrue();
        }
        assertThat(kms.unwraps).hasValue(1);
    }

    @Test
    void aVerdictHoldsForAllThatWaitForIt() throws Exception {
        CountDownLatch all = new CountDownLatch(100);
        kms.duringUnwrap = () -> awaited(all);
        kms.faults.put(FakeKms.KEK, failure -> new KekRevokedException(failure, Reason.DISABLED));
        List<Future<Boolean>> leased = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            leased.add(threads.submit(() -> {
                all.countDown();
                return use();
            }));
        }
        for (Future<Boolean> one : leased) {
            assertThat(one)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(KekRevokedException.class);
        }
        assertThat(kms.unwraps).hasValue(1);
    }

    @Test
    void nobodyWaitsForARefreshWhileWhatIsKeptMayBeUsed() throws Exception {
        assertThat(use()).isTrue();
        hang();
        time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
        for (int i = 0; i < 10_000; i++) {
            assertThat(use()).isTrue();
        }
        asked.await();
        for (int i = 0; i < 10_000; i++) {
            assertThat(use()).isTrue();
        }
        assertThat(kms.unwraps).hasValue(2);
    }

    @Test
    void whoHasTimeLeftIsNotFailedByTheImpatienceOfAnother() throws Exception {
        providers.close();
        providers = providers(TimeSource.system());
        kms.faults.put(FakeKms.KEK, KekUnreachableException::new);
        hang();
        Future<Boolean> impatient =
                threads.submit(() -> use(Deadline.after(Duration.ofMillis(200), TimeSource.system())));
        asked.await();
        Future<Boolean> patient =
                threads.submit(() -> use(Deadline.after(Duration.ofSeconds(30), TimeSource.system())));
        kms.duringUnwrap = () -> kms.faults.clear();
        answer.countDown();
        assertThat(patient.get()).isTrue();
        assertThat(impatient.isDone() || impatient.get()).isTrue();
    }

    @Test
    void whoWaitsForTheCallOfAnotherWaitsNoLongerThanItsDeadline() throws Exception {
        providers.close();
        providers = providers(TimeSource.system());
        hang();
        Future<Boolean> first = threads.submit(() -> use(Deadline.after(Duration.ofSeconds(30), TimeSource.system())));
        asked.await();
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> use(Deadline.after(Duration.ofMillis(20), TimeSource.system())))
                .matches(KekException::retryable);
        answer.countDown();
        assertThat(first.get()).isTrue();
    }

    @Test
    void anInterruptEndsTheWaitForAnotherAndStays() throws Exception {
        hang();
        Future<Boolean> first = threads.submit(() -> use());
        asked.await();
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(this::use);
        assertThat(Thread.interrupted()).isTrue();
        answer.countDown();
        assertThat(first.get()).isTrue();
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
