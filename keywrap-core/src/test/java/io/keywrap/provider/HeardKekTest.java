package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.provider.HeardKek.Outcome;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A denial is confirmed a moment after it was heard: what other threads hear in between counts. */
class HeardKekTest {
    private final ManualTime time = new ManualTime();
    private final KekException denied = new KekRevokedException(Failure.of(FakeKms.KEK, "test"), Reason.DENIED);
    private final HeardKek kek = new HeardKek(answer(CallPurpose.FOREGROUND, denied), time.now());

    private KekAnswer answer(CallPurpose purpose, @Nullable KekException failure) {
        return new KekAnswer(
                FakeKms.KEK, "1", Operation.UNWRAP, purpose, Place.of(FakeKms.KEK), time.nanoTime(), failure);
    }

    private Outcome hears(CallPurpose purpose, @Nullable KekException failure) {
        return kek.hear(answer(purpose, failure), time.nanoTime(), time.now());
    }

    private KekAnswer lastCanary() {
        hears(CallPurpose.FOREGROUND, denied);
        time.advance(KekStates.CONFIRMATION);
        assertThat(hears(CallPurpose.CANARY, denied).mayBeConfirmed()).isFalse();
        time.advance(KekStates.CONFIRMATION);
        assertThat(hears(CallPurpose.CANARY, denied).mayBeConfirmed()).isTrue();
        return answer(CallPurpose.CANARY, denied);
    }

    private KekState confirmed(KekAnswer canary) {
        return kek.confirm(canary, false, time.nanoTime(), time.now()).after().state();
    }

    @Test
    void isRevokedWhereNothingWasHeardMeanwhile() {
        assertThat(confirmed(lastCanary())).isEqualTo(KekState.REVOKED);
    }

    @Test
    void isNotRevokedWhereItHasWorkedMeanwhile() {
        KekAnswer canary = lastCanary();
        time.advance(StatesFixture.TICK);
        hears(CallPurpose.FOREGROUND, null);
        assertThat(confirmed(canary)).isEqualTo(KekState.ACTIVE);
    }

    @Test
    void isNotRevokedWhereItWasDeniedAnewAfterThat() {
        KekAnswer canary = lastCanary();
        time.advance(StatesFixture.TICK);
        hears(CallPurpose.FOREGROUND, null);
        time.advance(StatesFixture.TICK);
        hears(CallPurpose.FOREGROUND, denied);
        assertThat(confirmed(canary)).isEqualTo(KekState.SUSPECT);
    }

    @Test
    void hasLastWorkedWhenTheLaterOfTwoCallsWasSent() {
        KekAnswer earlier = answer(CallPurpose.FOREGROUND, null);
        time.advance(KekStates.CONFIRMATION);
        Instant later = time.now();
        assertThat(hears(CallPurpose.FOREGROUND, null).after().provenAt()).contains(later);
        time.advance(KekStates.CONFIRMATION);
        assertThat(kek.hear(earlier, time.nanoTime(), time.now()).after().provenAt())
                .contains(later);
    }

    @Test
    void isNotOutOfReachByACallThatWasSentBeforeOneThatWasAnswered() {
        for (int i = 0; i < 2; i++) { // Before the clock's numbers pass their largest one, and after that.
            KekAnswer first = answer(CallPurpose.FOREGROUND, null);
            time.advance(StatesFixture.TICK);
            KekAnswer unanswered =
                    answer(CallPurpose.FOREGROUND, new KekUnreachableException(Failure.of(FakeKms.KEK, "test")));
            time.advance(StatesFixture.TICK);
            hears(CallPurpose.FOREGROUND, null);
            kek.hear(first, time.nanoTime(), time.now());
            assertThat(kek.hear(unanswered, time.nanoTime(), time.now()).after().reach())
                    .isEqualTo(KekReach.ANSWERS);
            time.advance(KekStates.CONFIRMATION);
        }
    }

    /** Threads may come to tell what they heard in another order. */
    @Test
    void isDeniedSinceItHasWorkedAlsoWhereEarlierDenialsWereToldInDisorder() {
        long earlier = time.nanoTime();
        time.advance(StatesFixture.TICK);
        hears(CallPurpose.FOREGROUND, denied);
        kek.hear(answer(CallPurpose.FOREGROUND, denied), earlier, time.now());
        assertThat(hears(CallPurpose.FOREGROUND, null).after().state()).isEqualTo(KekState.ACTIVE);
        time.advance(KekStates.CONFIRMATION);
        hears(CallPurpose.CANARY, denied);
        assertThat(kek.lately().deniedSince()).isEqualTo(time.nanoTime());
    }
}
