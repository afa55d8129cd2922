package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.DekLease;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A CONTROL KEK that was out of reach denies: until that is confirmed, no REPLICA KEK stands in for it any more, but
 * nothing ends for good, since it may be our own mistake.
 */
class DeniedStandInTest extends CacheFixture {
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final Duration LATER = Duration.ofSeconds(10);

    private DekLease lease;

    @BeforeEach
    void standInAndDeny() {
        fail(KekUnreachableException::new);
        lease = open();
        fail(CacheFixture::denied);
        time.advance(LATER);
        lease.ensureUsable();
        runBackground();
    }

    @Test
    void nothingIsOpenedWhileThatIsItsLastWord() {
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        fail(KekUnreachableException::new);
        time.advance(LATER);
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(this::open);
    }

    @Test
    void aLeaseGoesOnWhenItUnwrapsAgain() {
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        kms.faults.clear();
        time.advance(LATER);
        open().close();
        lease.ensureUsable();
    }

    @Test
    void itIsNotProvenAgainByTheReplica() {
        kms.unwrapsOf.remove(REPLICA);
        time.advance(DEADLINE.multipliedBy(95).dividedBy(100));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        runBackground();
        assertThat(kms.unwrapsOf).doesNotContainKey(REPLICA);
    }

    @Test
    void whatItServesIsWipedAndOverOnceThatIsConfirmed() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        lease.onEnd(told::countDown);
        canaryDenied();
        assertThat(told.getCount()).isEqualTo(1);
        assertThat(providers.statistics().entries()).isEqualTo(1);
        canaryDenied();
        assertThat(providers.states().worst(FakeKms.KEK).orElseThrow().state()).isEqualTo(KekState.REVOKED);
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(providers.statistics().entries()).isZero();
        kms.faults.clear();
        time.advance(LATER);
        open().close();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
    }

    private void canaryDenied() {
        time.advance(KekStates.CONFIRMATION);
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> providers
                        .provider(FakeKms.KEK)
                        .unwrap(wrapped, CONTEXT, providers.deadline(CallPurpose.CANARY)));
    }

    private DekLease open() {
        WrappedDek replica =
                WrappedDek.builder(wrapped.dekId(), REPLICA).kekVersion("1").build("COPY", wrapped.wrappedBytes());
        return providers.deks().lease(new DekWraps(List.of(wrapped), List.of(replica), CONTEXT, checkValue(wrapped)));
    }

    private void runBackground() {
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }
}
