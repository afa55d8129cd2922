package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** States that hear what a test tells them, on a clock that stands. */
abstract class StatesFixture {
    static final KekId KEK = KekId.of("fake:customer");
    static final KekId CONTROL = KekId.of("fake:vendor");
    static final Duration CONFIRMATION = KekStates.CONFIRMATION;
    static final Duration TICK = Duration.ofNanos(1);

    final ManualTime time = new ManualTime();
    final List<KekEvent> events = new ArrayList<>();
    final List<HeardKek.Refusal> purges = new ArrayList<>();
    final List<KekVersion> returned = new ArrayList<>();
    final List<Long> returnedBy = new ArrayList<>();
    final KekStates states = states(Optional.of(CONTROL));

    KekStates states(Optional<KekId> control) {
        KekStates made = new KekStates(time, new Events(events::add), control);
        made.tell(new KekStates.Effects() {
            @Override
            public void withdrawn(KekVersion version, HeardKek.Refusal refusal) {
                purges.add(refusal);
            }

            @Override
            public void returned(KekVersion version, long sentAt) {
                returned.add(version);
                returnedBy.add(sentAt);
            }
        });
        return made;
    }

    void hear(KekId kekId, Operation operation, CallPurpose purpose, long sentAt, @Nullable KekException failure) {
        states.hear(new KekAnswer(kekId, "1", operation, purpose, Place.of(kekId), sentAt, failure));
    }

    void works() {
        worksSent(time.nanoTime());
    }

    void worksSent(long sentAt) {
        hear(KEK, Operation.UNWRAP, CallPurpose.FOREGROUND, sentAt, null);
    }

    void fails(Function<Failure, KekException> failure) {
        fails(KEK, CallPurpose.FOREGROUND, failure);
    }

    void fails(KekId kekId, CallPurpose purpose, Function<Failure, KekException> failure) {
        hear(kekId, Operation.UNWRAP, purpose, time.nanoTime(), failure.apply(Failure.of(kekId, "told to fail")));
    }

    void canaryDenied() {
        fails(KEK, CallPurpose.CANARY, StatesFixture::denied);
    }

    /** Denied, and confirmed by two canaries in the least time. */
    void deniedUntilConfirmed(KekId kekId) {
        fails(kekId, CallPurpose.FOREGROUND, StatesFixture::denied);
        time.advance(CONFIRMATION);
        fails(kekId, CallPurpose.CANARY, StatesFixture::denied);
        time.advance(CONFIRMATION);
        fails(kekId, CallPurpose.CANARY, StatesFixture::denied);
    }

    KekStanding standing() {
        return standing(KEK);
    }

    KekStanding standing(KekId kekId) {
        return states.of(kekId, "1", Operation.UNWRAP).orElseThrow();
    }

    KekState state() {
        return standing().state();
    }

    /** The states that were told of, in order. */
    List<KekState> told() {
        return changes().stream().map(change -> change.after().state()).toList();
    }

    List<StateChanged> changes() {
        return events.stream()
                .filter(StateChanged.class::isInstance)
                .map(StateChanged.class::cast)
                .toList();
    }

    List<OwnFault> ownFaults() {
        return events.stream()
                .filter(OwnFault.class::isInstance)
                .map(OwnFault.class::cast)
                .toList();
    }

    static KekException denied(Failure failure) {
        return new KekRevokedException(failure, Reason.DENIED);
    }

    static KekException disabled(Failure failure) {
        return new KekRevokedException(failure.rawCode("DisabledException"), Reason.DISABLED);
    }

    static KekException unreachable(Failure failure) {
        return new KekUnreachableException(failure);
    }
}
