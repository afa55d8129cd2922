package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Place;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who counts when denials are looked at for a fault of our own: the owners that were denied with this one, and no others. */
class OwnFaultOwnersTest extends StatesFixture {
    private static final List<KekId> OTHERS = List.of(KekId.of("fake:owner-1"), KekId.of("fake:owner-2"));

    /** The clock's numbers have passed their largest one. */
    @BeforeEach
    void later() {
        time.advance(CONFIRMATION);
    }

    private void denied(KekId kek) {
        fails(kek, CallPurpose.FOREGROUND, StatesFixture::denied);
    }

    private void works(KekId kek) {
        hear(kek, Operation.UNWRAP, CallPurpose.FOREGROUND, time.nanoTime(), null);
    }

    /** Two canaries, each in the least time; nobody else is heard of meanwhile. */
    private KekState confirm() {
        for (int i = 0; i < 2; i++) {
            time.advance(CONFIRMATION);
            canaryDenied();
        }
        return state();
    }

    @Test
    void thoseThatWereDeniedInTheSameMomentCount() {
        OTHERS.forEach(this::denied);
        denied(KEK);
        assertThat(confirm()).isEqualTo(KekState.SUSPECT);
        assertThat(ownFaults()).hasSize(1);
    }

    @Test
    void thoseThatWereDeniedBeforeAndNotSinceDoNot() {
        OTHERS.forEach(this::denied);
        time.advance(TICK);
        denied(KEK);
        assertThat(confirm()).isEqualTo(KekState.REVOKED);
        assertThat(ownFaults()).isEmpty();
    }

    @Test
    void thoseThatWorkedBeforeDoNotSpeakAgainstIt() {
        IntStream.range(0, 100).mapToObj(i -> KekId.of("fake:working-" + i)).forEach(this::works);
        time.advance(TICK);
        OTHERS.forEach(this::denied);
        denied(KEK);
        assertThat(confirm()).isEqualTo(KekState.SUSPECT);
    }

    @Test
    void thoseThatWorkedInTheSameMomentDo() {
        IntStream.range(0, 3).mapToObj(i -> KekId.of("fake:working-" + i)).forEach(this::works);
        OTHERS.forEach(this::denied);
        denied(KEK);
        assertThat(confirm()).isEqualTo(KekState.REVOKED);
    }

    @Test
    void thoseThatAreDeniedToWrapDoNot() {
        for (KekId kek : OTHERS) {
            hear(kek, Operation.WRAP, CallPurpose.FOREGROUND, time.nanoTime(), denied(Failure.of(kek, "no")));
        }
        denied(KEK);
        assertThat(confirm()).isEqualTo(KekState.REVOKED);
    }

    /** We may have been allowed to ask a KEK of his until a moment ago. */
    @Test
    void anOwnerIsDeniedByTheLastOfHisKeksToBeDenied() {
        denied(KEK);
        denied(OTHERS.get(0));
        of(OTHERS.get(1), "first", denied(Failure.of(KEK, "no")));
        time.advance(TICK);
        of(OTHERS.get(1), "working", null);
        time.advance(TICK);
        of(OTHERS.get(1), "second", denied(Failure.of(KEK, "no")));
        time.advance(TICK);
        of(OTHERS.get(1), "first", denied(Failure.of(KEK, "no")));
        assertThat(confirm()).isEqualTo(KekState.SUSPECT);
    }

    @Test
    void anOwnerIsDeniedWhoseLastKekHasWorkedInThatMoment() {
        denied(KEK);
        denied(OTHERS.get(0));
        time.advance(TICK);
        of(OTHERS.get(1), "working", null);
        of(OTHERS.get(1), "denied", denied(Failure.of(KEK, "no")));
        assertThat(confirm()).isEqualTo(KekState.SUSPECT);
    }

    /** Whichever of them was heard of last. */
    @Test
    void anOwnerIsNotDeniedOnceAnyOfHisKeksHasWorkedSince() {
        denied(KEK);
        denied(OTHERS.get(0));
        long before = time.nanoTime();
        time.advance(TICK);
        of(OTHERS.get(1), "denied", denied(Failure.of(KEK, "no")));
        time.advance(TICK);
        of(OTHERS.get(1), "working", null);
        hear(OTHERS.get(1), "other", before, null);
        assertThat(confirm()).isEqualTo(KekState.REVOKED);
    }

    private void of(KekId owner, String name, @Nullable KekException failure) {
        hear(owner, name, time.nanoTime(), failure);
    }

    private void hear(KekId owner, String name, long sentAt, @Nullable KekException failure) {
        states.hear(new KekAnswer(
                KekId.of(owner.uri() + "-" + name),
                "1",
                Operation.UNWRAP,
                CallPurpose.FOREGROUND,
                Place.of(owner),
                sentAt,
                failure));
    }
}
