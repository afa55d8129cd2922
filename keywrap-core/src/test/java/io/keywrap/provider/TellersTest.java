package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.DekLease;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whoever is to hear that a lease has ended hears it, whatever others wait for. */
class TellersTest extends CacheFixture {
    /** As many as are told at once. */
    private static final int TELLERS = 64;

    private static final KekId REPLICA = KekId.of("fake:replica");

    private final CountDownLatch released = new CountDownLatch(1);

    @Test
    void aSilentKmsKeepsNobodyFromHearingThatTheirLeaseHasEnded() throws Exception {
        List<DekLease> stoodIn = new ArrayList<>();
        for (int i = 0; i < TELLERS + 6; i++) {
            stoodIn.add(stoodIn(KekId.of("fake:silent-" + i)));
        }
        CountDownLatch told = new CountDownLatch(1);
        try (DekLease other = providers.lease(wrapped, CONTEXT, providers.foregroundDeadline())) {
            other.onEnd(told::countDown);
            time.advance(DEADLINE); // So that each CONTROL KEK is to be asked while its lease waits.
            revoke(REPLICA, FakeKms.wrapped(REPLICA));
            revoke(FakeKms.KEK, wrapped);
            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            released.countDown();
            stoodIn.forEach(DekLease::close);
        }
    }

    /** Its CONTROL KEK is out of reach, and hangs when it is asked again. */
    private DekLease stoodIn(KekId control) {
        kms.faults.put(control, KekUnreachableException::new);
        WrappedDek one = FakeKms.wrapped(control);
        WrappedDek replica =
                WrappedDek.builder(one.dekId(), REPLICA).kekVersion("1").build("COPY", one.wrappedBytes());
        DekLease lease = providers.deks().lease(new DekWraps(List.of(one), List.of(replica), CONTEXT, checkValue(one)));
        lease.onEnd(() -> {});
        kms.hangs.put(control, deadline -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return lease;
    }

    private void revoke(KekId kekId, WrappedDek by) {
        kms.faults.put(kekId, CacheFixture::disabled);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(
                        () -> providers.provider(kekId).unwrap(by, CONTEXT, providers.deadline(CallPurpose.CANARY)));
    }
}
