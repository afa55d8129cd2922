package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whose turn it is to be refreshed in the background, and what becomes of a lease that nobody refreshes. */
class RefreshTurnsTest extends CacheFixture {
    private static final Duration NEARLY = DEADLINE.multipliedBy(9).dividedBy(10);

    private DekLease lease(WrappedDek one) {
        return providers.lease(one, CONTEXT, providers.foregroundDeadline());
    }

    @Test
    void aLeaseIsProvenAtItsDeadlineToTheTick() {
        try (DekLease lease = lease(wrapped)) {
            fail(CacheFixture::denied);
            time.advance(DEADLINE.minus(TICK));
            lease.ensureUsable();
            time.advance(TICK);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }
    }

    @Test
    void oneThatFindsNoTurnAmongThoseOfItsKekGetsTheNextOne() {
        List<DekLease> leases =
                Stream.generate(() -> lease(FakeKms.wrapped())).limit(5).toList();
        time.advance(NEARLY);
        leases.forEach(DekLease::ensureUsable);
        assertThat(background).hasSize(4);
        runBackground();
        leases.forEach(DekLease::ensureUsable);
        assertThat(background).as("the fifth").hasSize(1);
        leases.forEach(DekLease::close);
    }

    @Test
    void anExecutorThatFailsIsNotCalledAtEachUse() {
        AtomicInteger calls = new AtomicInteger();
        providers.close();
        providers = KeyProviders.builder()
                .time(time)
                .register(kms)
                .cacheDeadline(DEADLINE)
                .executor(task -> {
                    calls.incrementAndGet();
                    throw new IllegalStateException("said by the test");
                })
                .build();
        try (DekLease lease = lease(wrapped)) {
            time.advance(NEARLY);
            for (int i = 0; i < 10; i++) {
                lease.ensureUsable();
            }
            assertThat(calls).hasValue(1);
            time.advance(Duration.ofSeconds(6));
            lease.ensureUsable();
            assertThat(calls).hasValue(2);
        }
    }

    @Test
    void aProviderThatFailsInTheBackgroundIsNotCalledAtEachUse() {
        try (DekLease lease = lease(wrapped)) {
            kms.duringUnwrap = () -> {
                throw new NoClassDefFoundError("a class of its client");
            };
            time.advance(NEARLY);
            for (int i = 0; i < 10; i++) {
                lease.ensureUsable();
                runBackground();
            }
            assertThat(kms.unwraps).hasValue(2);
            time.advance(Duration.ofSeconds(6));
            lease.ensureUsable();
            runBackground();
            assertThat(kms.unwraps).hasValue(3);
        }
    }

    @Test
    void aThreadOfOursThatHangsKeepsNoJvmAndEndsWhenTheProvidersAreClosed() throws Exception {
        providers.close();
        providers = KeyProviders.builder()
                .time(time)
                .register(kms)
                .cacheDeadline(DEADLINE)
                .build();
        CompletableFuture<Thread> hangs = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        try (DekLease lease = lease(wrapped)) {
            kms.duringUnwrap = () -> {
                hangs.complete(Thread.currentThread());
                try {
                    new CountDownLatch(1).await(10, TimeUnit.SECONDS);
                    interrupted.complete(false);
                } catch (InterruptedException e) {
                    interrupted.complete(true);
                }
            };
            time.advance(NEARLY);
            lease.ensureUsable();
            assertThat(hangs.get(10, TimeUnit.SECONDS).isDaemon()).isTrue();
            providers.close();
            assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void runBackground() {
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }
}
