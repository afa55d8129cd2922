package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each look goes through all that is known, perhaps a hundred thousand KEKs: so there is one a second where many are denied. */
class OwnFaultTurnsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final OwnFaults faults = new OwnFaults(Optional.empty(), time, new EventsInOrder(new Events(event -> {})));
    private final List<HeardKek> three = Stream.of("fake:1", "fake:2", "fake:3")
            .map(KekId::of)
            .map(this::denied)
            .toList();
    private List<HeardKek> known = three;
    private int looks;

    private HeardKek denied(KekId kekId) {
        KekException failure = new KekRevokedException(Failure.of(kekId, "no"), Reason.DENIED);
        KekAnswer answer = new KekAnswer(
                kekId, "1", Operation.UNWRAP, CallPurpose.FOREGROUND, Place.of(kekId), time.nanoTime(), failure);
        HeardKek kek = new HeardKek(answer, time.now());
        kek.hear(answer, time.nanoTime(), time.now());
        return kek;
    }

    private boolean isOurs(boolean matters) {
        return faults.isOurs(three.get(0).lately(), matters, time.nanoTime(), () -> {
            looks++;
            return known;
        });
    }

    /** The clock's numbers pass their largest one. */
    @BeforeEach
    void later() {
        time.advance(SECOND);
    }

    @Test
    void nobodyLooksAgainWithinASecondOfAFault() {
        for (boolean matters : new boolean[] {false, true, false, true}) {
            assertThat(isOurs(matters)).isTrue();
        }
        time.advance(SECOND.minus(StatesFixture.TICK));
        assertThat(isOurs(true)).isTrue();
        assertThat(looks).isEqualTo(1);
        time.advance(StatesFixture.TICK);
        assertThat(isOurs(true)).isTrue();
        assertThat(looks).isEqualTo(2);
    }

    @Test
    void whereNothingDependsOnItNobodyLooksAgainWithinASecond() {
        known = List.of();
        assertThat(isOurs(false)).isFalse();
        time.advance(SECOND.minus(StatesFixture.TICK));
        assertThat(isOurs(false)).isFalse();
        assertThat(looks).isEqualTo(1);
        time.advance(StatesFixture.TICK);
        assertThat(isOurs(false)).isFalse();
        assertThat(looks).isEqualTo(2);
    }

    /** Whoever would be revoked is not held back by what was so a while ago. */
    @Test
    void aFaultThatIsOverIsNoneSinceTheNextLook() {
        assertThat(isOurs(true)).isTrue();
        known = List.of();
        time.advance(SECOND.minus(StatesFixture.TICK));
        assertThat(isOurs(false)).isTrue();
        time.advance(StatesFixture.TICK);
        assertThat(isOurs(false)).isFalse();
        assertThat(isOurs(true)).isFalse();
        known = three;
        assertThat(isOurs(true)).isTrue();
        assertThat(looks).isEqualTo(4);
    }
}
