package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When denials are looked at for a fault of our own, and what is not taken for the end of one. */
class OwnFaultLooksTest extends StatesFixture {
    private static final KekId FIRST = KekId.of("fake:owner-1");
    private static final KekId SECOND = KekId.of("fake:owner-2");
    private static final KekId THIRD = KekId.of("fake:owner-3");

    private void denied(KekId kek, CallPurpose purpose) {
        fails(kek, purpose, StatesFixture::denied);
    }

    /** What was seen a moment ago spares work where nothing depends on it, and revokes nobody. */
    @Test
    void theyAreLookedAtAnewBeforeAnybodyIsRevoked() {
        for (KekId kek : List.of(FIRST, SECOND)) {
            denied(kek, CallPurpose.FOREGROUND);
        }
        time.advance(CONFIRMATION);
        denied(FIRST, CallPurpose.CANARY);
        time.advance(CONFIRMATION);
        denied(SECOND, CallPurpose.FOREGROUND); // Looks, and sees two owners.
        time.advance(Duration.ofMillis(500));
        denied(THIRD, CallPurpose.FOREGROUND);
        assertThat(ownFaults()).isEmpty();
        denied(FIRST, CallPurpose.CANARY);
        assertThat(standing(FIRST).state()).isEqualTo(KekState.SUSPECT);
        assertThat(ownFaults()).hasSize(1);
    }

    @Test
    void ourOwnKekIsNotAllowedAgainByWhatWasSentBeforeItWasDenied() {
        denied(KEK, CallPurpose.FOREGROUND);
        time.advance(CONFIRMATION);
        canaryDenied();
        time.advance(CONFIRMATION);
        denied(CONTROL, CallPurpose.FOREGROUND);
        for (long before : new long[] {1, 0}) {
            hear(CONTROL, Operation.UNWRAP, CallPurpose.FOREGROUND, time.nanoTime() - before, null);
        }
        time.advance(Duration.ofSeconds(2)); // What was seen a moment ago counts for one.
        canaryDenied();
        assertThat(state()).isEqualTo(KekState.SUSPECT);
        time.advance(TICK);
        hear(CONTROL, Operation.UNWRAP, CallPurpose.FOREGROUND, time.nanoTime(), null);
        time.advance(CONFIRMATION);
        canaryDenied();
        assertThat(state()).isEqualTo(KekState.REVOKED);
    }
}
