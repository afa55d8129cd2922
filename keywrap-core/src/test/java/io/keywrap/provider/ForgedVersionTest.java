package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Place;
import org.junit.jupiter.api.Test;

/** What becomes known by wraps that the KMS does not take for its own: whoever forges one chooses the version that it names. */
class ForgedVersionTest extends StatesFixture {
    private void forged(String version) {
        forged(version, CallPurpose.FOREGROUND);
    }

    private void forged(String version, CallPurpose purpose) {
        states.hear(new KekAnswer(
                KEK,
                version,
                Operation.UNWRAP,
                purpose,
                Place.of(KEK),
                time.nanoTime(),
                new InvalidWrappedDekException(Failure.of(KEK, "no such version"))));
    }

    @Test
    void nothingIsKnownOfAVersionThatNeverAnswered() {
        works();
        for (int i = 0; i < 10; i++) {
            forged("f" + i);
        }
        assertThat(states.all()).singleElement().returns("1", KekStanding::version);
        assertThat(states.of(KEK, "f0", Operation.UNWRAP)).isEmpty();
        assertThat(events).isEmpty();
    }

    @Test
    void nothingIsForgottenToMakeRoomForIt() {
        for (int i = 0; i < KekStates.MOST; i++) {
            hear(KekId.of("fake:" + i), Operation.UNWRAP, CallPurpose.CANARY, time.nanoTime(), null);
        }
        forged("f");
        assertThat(states.worst(KekId.of("fake:0"))).isPresent();
    }

    @Test
    void aVersionThatHasWorkedShowsIt() {
        works();
        forged("1");
        assertThat(standing().ownFailure()).get().isInstanceOf(InvalidWrappedDekException.class);
        assertThat(state()).isEqualTo(KekState.ACTIVE);
    }

    @Test
    void aVersionThatIsRefusedIsKnownAsBefore() {
        fails(StatesFixture::disabled);
        forged("1");
        assertThat(state()).isEqualTo(KekState.REVOKED);
    }

    /** It asks for what records need. */
    @Test
    void whatACanaryFindsIsShown() {
        forged("1", CallPurpose.CANARY);
        assertThat(standing().ownFailure()).get().isInstanceOf(InvalidWrappedDekException.class);
    }
}
