package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is told when a lease ends, where, and how often; and who does not wait any longer. */
class LeaseEndTest extends CacheFixture {
    private DekLease lease() {
        return providers.lease(wrapped, CONTEXT, providers.foregroundDeadline());
    }

    private DekLease finishing() {
        DekWraps wraps = new DekWraps(List.of(wrapped), List.of(), CONTEXT, checkValue(wrapped));
        return providers.deks().lease(wraps, providers::foregroundDeadline, InFlight.FINISH);
    }

    /** Somebody else hears of it. */
    private void revoke() {
        fail(CacheFixture::disabled);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(
                        () -> providers.provider(FakeKms.KEK).unwrap(wrapped, CONTEXT, providers.foregroundDeadline()));
    }

    @Nested
    class WhoeverAsked {
        @Test
        void isToldOnceOnADaemonThreadOfOurs() throws Exception {
            CompletableFuture<Thread> told = new CompletableFuture<>();
            AtomicInteger times = new AtomicInteger();
            try (DekLease lease = lease()) {
                lease.onEnd(() -> {
                    times.incrementAndGet();
                    told.complete(Thread.currentThread());
                });
                lease.ensureUsable();
                revoke();
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
                Thread thread = told.get(30, TimeUnit.SECONDS);
                assertThat(thread).isNotSameAs(Thread.currentThread());
                assertThat(thread.isDaemon()).isTrue();
                assertThat(thread.getName()).startsWith("keywrap-ends-");
                assertThat(thread.getContextClassLoader()).isNull();
                settle();
                assertThat(times).hasValue(1);
            }
        }

        @Test
        void isToldAtOnceWhereItHasEndedAlready() throws Exception {
            CountDownLatch told = new CountDownLatch(2);
            try (DekLease lease = lease()) {
                revoke();
                lease.onEnd(told::countDown);
                lease.onEnd(told::countDown);
                assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            }
        }

        @Test
        void isNotToldOfALeaseThatWasClosed() throws Exception {
            AtomicInteger times = new AtomicInteger();
            DekLease closed = lease();
            closed.onEnd(times::incrementAndGet);
            closed.close();
            closed.onEnd(times::incrementAndGet);
            DekLease open = lease();
            CountDownLatch told = new CountDownLatch(1);
            open.onEnd(told::countDown);
            revoke();
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            settle();
            assertThat(times).hasValue(0);
            open.close();
        }

        @Test
        void isToldAlsoWhereAnotherFails() throws Exception {
            CountDownLatch told = new CountDownLatch(1);
            try (DekLease lease = lease()) {
                lease.onEnd(() -> {
                    throw new IllegalStateException("on purpose");
                });
                lease.onEnd(told::countDown);
                revoke();
                assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            }
        }

        @Test
        void isToldOfWhatTheLeaseFindsOutByItself() throws Exception {
            CountDownLatch told = new CountDownLatch(1);
            try (DekLease lease = lease()) {
                lease.onEnd(told::countDown);
                fail(CacheFixture::denied);
                time.advance(DEADLINE);
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
                assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            }
        }

        @Test
        void isToldOfADekThatTheCacheHasLetGoOf() throws Exception {
            CountDownLatch told = new CountDownLatch(1);
            try (DekLease lease = lease()) {
                lease.onEnd(told::countDown);
                time.advance(DEADLINE);
                assertThat(providers.statistics().entries()).isZero();
                revoke();
                assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            }
        }

        @Test
        void isNotToldOfAnOutage() {
            AtomicInteger times = new AtomicInteger();
            try (DekLease lease = lease()) {
                lease.onEnd(times::incrementAndGet);
                fail(KekUnreachableException::new);
                time.advance(Duration.ofDays(8));
                assertThatExceptionOfType(KekException.class).isThrownBy(lease::ensureUsable);
                kms.faults.clear();
                time.advance(DEADLINE);
                lease.ensureUsable();
                assertThat(times).hasValue(0);
            }
        }

        /** Everything that was to be told by now was. */
        private void settle() throws InterruptedException {
            CountDownLatch last = new CountDownLatch(1);
            Tellers.SHARED.execute(last::countDown);
            assertThat(last.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Nested
    class WorkThatMayFinish {
        @Test
        void endsByAKmsThatGivesAnotherKey() {
            try (DekLease lease = finishing()) {
                kms.answersWithAnotherKey = true;
                time.advance(DEADLINE);
                assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(lease::ensureUsable);
                assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(lease::ensureUsable);
            }
        }

        @Test
        void goesOnThroughADenialAtTheDeadline() {
            try (DekLease lease = finishing()) {
                fail(CacheFixture::denied);
                time.advance(DEADLINE);
                lease.ensureUsable();
                int asked = kms.unwraps.get();
                lease.ensureUsable();
                assertThat(kms.unwraps).as("nothing is asked any more").hasValue(asked);
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> finishing());
            }
        }

        @Test
        void endsWhereTheSameDekOfAnotherUserEnds() {
            try (DekLease lease = finishing();
                    DekLease other = lease()) {
                revoke();
                lease.ensureUsable();
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(other::ensureUsable);
                lease.ensureUsable();
            }
        }
    }

    @Nested
    class OneOfSeveralKeksOfADek {
        private final KekId second = KekId.of("fake:second");

        /** Both are CONTROL KEKs, so each of them ends the lease. */
        private DekLease leaseOfBoth() {
            WrappedDek other =
                    WrappedDek.builder(wrapped.dekId(), second).kekVersion("1").build("COPY", wrapped.wrappedBytes());
            DekWraps wraps = new DekWraps(List.of(wrapped, other), List.of(), CONTEXT, checkValue(wrapped));
            return providers.deks().lease(wraps);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void endsWhatTheCacheHasLetGoOfMeanwhile(boolean first) throws Exception {
            CountDownLatch told = new CountDownLatch(1);
            try (DekLease lease = leaseOfBoth()) {
                lease.onEnd(told::countDown);
                time.advance(DEADLINE); // Nobody uses it: whoever has it waits in a stream of its own.
                assertThat(providers.statistics().entries()).isZero();
                revoke(first ? FakeKms.KEK : second);
                assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
                kms.faults.clear();
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
            }
        }

        private void revoke(KekId kekId) {
            kms.faults.put(kekId, CacheFixture::disabled);
            WrappedDek any = FakeKms.wrapped(kekId);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> providers.provider(kekId).unwrap(any, CONTEXT, providers.foregroundDeadline()));
        }
    }

    @Nested
    class WhoeverWaitsForTheSameDek {
        @Test
        void isToldAsSoonAsAnybodyHears() throws Exception {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch answer = new CountDownLatch(1);
            kms.duringUnwrap = () -> {
                asked.countDown();
                await(answer);
            };
            List<CompletableFuture<Throwable>> waiting = new ArrayList<>();
            waiting.add(failureOf());
            asked.await();
            Thread[] second = new Thread[1];
            waiting.add(failureOf(second));
            while (second[0] == null || second[0].getState() != Thread.State.TIMED_WAITING) {
                Thread.yield();
            }
            kms.duringUnwrap = () -> {};
            revoke();
            assertThat(waiting.get(1).get(30, TimeUnit.SECONDS)).isInstanceOf(KekRevokedException.class);
            assertThat(waiting.get(0)).as("its call is not answered yet").isNotDone();
            answer.countDown();
            assertThat(waiting.get(0).get(30, TimeUnit.SECONDS)).isInstanceOf(KekRevokedException.class);
            kms.faults.clear();
            time.advance(REFUSALS);
            use();
        }

        @Test
        void isNotToldOfAnotherKek() throws Exception {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch answer = new CountDownLatch(1);
            kms.duringUnwrap = () -> {
                asked.countDown();
                await(answer);
            };
            CompletableFuture<Throwable> first = failureOf();
            asked.await();
            Thread[] thread = new Thread[1];
            CompletableFuture<Throwable> second = failureOf(thread);
            while (thread[0].getState() != Thread.State.TIMED_WAITING) {
                Thread.yield();
            }
            kms.duringUnwrap = () -> {};
            KekId another = KekId.of("fake:another");
            kms.faults.put(another, CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(
                            () -> providers.lease(FakeKms.wrapped(another), CONTEXT, providers.foregroundDeadline()));
            answer.countDown();
            assertThat(first.get(30, TimeUnit.SECONDS)).hasMessage("a lease was given");
            assertThat(second.get(30, TimeUnit.SECONDS)).hasMessage("a lease was given");
        }

        private CompletableFuture<Throwable> failureOf() {
            return failureOf(new Thread[1]);
        }

        private CompletableFuture<Throwable> failureOf(Thread[] whose) {
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    lease().close();
                    failure.complete(new AssertionError("a lease was given"));
                } catch (KekException e) {
                    failure.complete(e);
                }
            });
            thread.start();
            whose[0] = thread;
            return failure;
        }

        private void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
