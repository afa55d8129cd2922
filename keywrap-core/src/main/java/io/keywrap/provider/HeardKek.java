package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was heard of one version of a KEK for one operation, and what follows from it. Guarded by itself; takes no other lock
 * and calls nobody.
 */
final class HeardKek {
    /**
     * What a state is of.
     *
     * @param kekId the KEK
     * @param version of an unwrap the wrap's; empty for all others, which a KMS does with the version of its choice
     * @param operation what it is asked for
     */
    record Name(KekId kekId, String version, Operation operation) {
        static Name of(KekAnswer answer) {
            return of(answer.kekId(), answer.version(), answer.operation());
        }

        static Name of(KekId kekId, String version, Operation operation) {
            return new Name(kekId, operation == Operation.UNWRAP ? version : "", operation);
        }
    }

    /**
     * What follows from an answer.
     *
     * @param before how it stood
     * @param after how it stands now
     * @param mayBeConfirmed whether this denial makes it revoked, unless the fault is ours
     * @param refusal why what is kept of its DEKs must not be used any more; null if it may
     */
    record Outcome(
            KekStanding before,
            KekStanding after,
            boolean mayBeConfirmed,
            @Nullable Refusal refusal) {
        boolean changed() {
            return ofState() || before.reach() != after.reach();
        }

        /** Whether the state has changed, or what its owner has done: so may a day be known on which it ends. */
        boolean ofState() {
            return before.state() != after.state()
                    || !before.deletion().equals(after.deletion())
                    || reason(before) != reason(after);
        }

        private static @Nullable Reason reason(KekStanding standing) {
            return standing.state() == KekState.ACTIVE
                    ? null
                    : reason(standing.cause().orElse(null));
        }

        static @Nullable Reason reason(@Nullable KekException failure) {
            return failure instanceof KekRevokedException revoked ? revoked.reason() : null;
        }

        boolean resumed() {
            return before.state() != KekState.ACTIVE && after.state() == KekState.ACTIVE;
        }
    }

    /**
     * A refusal of a KEK that is revoked.
     *
     * @param failure why
     * @param at when it came
     * @param damped whether it comes and goes, so that it is to be repeated for longer
     */
    record Refusal(KekException failure, long at, boolean damped) {}

    /**
     * What tells a mistake of ours from revocations.
     *
     * @param kekId the KEK
     * @param owner whose it is
     * @param suspect whether it is denied, and no more is known
     * @param deniedSince when that began
     * @param refusedAt when it was refused last
     * @param workedAt when the last call that went well was sent
     */
    record Lately(
            KekId kekId,
            String owner,
            boolean suspect,
            long deniedSince,
            long refusedAt,
            @Nullable Long workedAt) {}

    /** For how long a deletion is not presumed that still pends on its day. */
    static final Duration LATE_DELETION = Duration.ofHours(1);

    /** No cloud waits for that long. */
    private static final Duration LONGEST_DELETION = Duration.ofDays(36_500);

    private final Name name;
    private final Damping states = new Damping();
    private final Damping revocations = new Damping();
    private final Damping reaches = new Damping();
    String version;
    final Place place;
    KekState state = KekState.ACTIVE;
    KekReach reach = KekReach.ANSWERS;
    Instant since;
    Instant reachSince;
    Instant heardAt;

    @Nullable
    KekException refusal;

    @Nullable
    KekException outage;

    @Nullable
    KekException ownFailure;

    @Nullable
    Instant deletion;

    @Nullable
    Instant provenAt;

    /** Before that no deletion is presumed, whatever the wall clock says, which may have jumped. */
    private long noDeletionBefore;

    private long refusedAt;
    private long silentAt;
    /** When the denials began that may be confirmed; null if none was heard since it has worked. */
    private @Nullable Long deniedSince;
    /** When the first canary was denied that counts. */
    private @Nullable Long firstCanaryAt;

    private @Nullable Long workedAt;
    private @Nullable Long latestSentAt;

    HeardKek(KekAnswer first, Instant wall) {
        this.name = Name.of(first);
        this.version = first.version();
        this.place = first.place();
        this.since = wall;
        this.reachSince = wall;
        this.heardAt = wall;
    }

    Name name() {
        return name;
    }

    synchronized Outcome hear(KekAnswer answer, long now, Instant wall) {
        KekStanding before = new KekStanding(this);
        heardAt = wall;
        KekAnswer.Says says = answer.says();
        boolean confirmable = false;
        switch (says) {
            case WORKS -> worked(answer, now, wall);
            case WITHDRAWN -> withdrawn((KekRevokedException) Objects.requireNonNull(answer.failure()), now, wall);
            case DENIED -> confirmable = denied(answer, now, wall);
            case NOT_FOUND -> confirmable = notFound(answer, now, wall);
            case NOTHING -> silent(answer, now, wall);
            case OUR_MISTAKE -> ownFailure = kept(answer.failure());
        }
        if (says != KekAnswer.Says.WORKS && says != KekAnswer.Says.WITHDRAWN) {
            endIfDeletionIsDue(now, wall);
        }
        if (latestSentAt == null || answer.sentAt() - latestSentAt > 0) {
            latestSentAt = answer.sentAt();
        }
        boolean refused =
                says == KekAnswer.Says.WITHDRAWN || says == KekAnswer.Says.DENIED || says == KekAnswer.Says.NOT_FOUND;
        return outcome(before, confirmable, refused ? answer.failure() : null);
    }

    private Outcome outcome(KekStanding before, boolean confirmable, @Nullable KekException heard) {
        @Nullable KekException why = refusal;
        @Nullable Refusal refused = null;
        if (heard != null && why != null && state.compareTo(KekState.REVOKED) >= 0) {
            boolean same = heard.getClass() == why.getClass() && Outcome.reason(heard) == Outcome.reason(why);
            // What was heard has a trace and a cause, for whoever it ends.
            refused = new Refusal(same ? heard : why, refusedAt, revocations.isDamped());
        }
        return new Outcome(before, new KekStanding(this), confirmable, refused);
    }

    /** Thousands of KEKs may be dark at once, and each failure with its trace and its causes has some kilobytes. */
    private static @Nullable KekException kept(@Nullable KekException failure) {
        return failure == null ? null : failure.withoutTrace();
    }

    private void worked(KekAnswer answer, long now, Instant wall) {
        long sentAt = answer.sentAt();
        answered(wall, sentAt);
        if (workedAt == null || sentAt - workedAt > 0) {
            workedAt = sentAt;
            provenAt = wall.minusNanos(now - sentAt);
        }
        if (!answer.version().isEmpty()) {
            version = answer.version();
        }
        if (deniedSince != null && sentAt - deniedSince > 0) {
            deniedSince = null; // What was denied meanwhile is no confirmation.
            firstCanaryAt = null;
        }
        Duration quiet = state == KekState.SUSPECT ? Damping.LONG_QUIET : Damping.QUIET;
        if (state != KekState.ACTIVE && sentAt - refusedAt > 0 && states.believes(sentAt, refusedAt, quiet)) {
            turn(KekState.ACTIVE, null, now, wall);
            deletion = null;
        }
    }

    private void withdrawn(KekRevokedException why, long now, Instant wall) {
        answered(wall, now);
        refusedAt = now;
        boolean pends = why.reason() == Reason.PENDING_DELETION;
        boolean pended = refusal instanceof KekRevokedException last && last.reason() == Reason.PENDING_DELETION;
        deletion = why.deletion().orElse(pends && pended ? deletion : null);
        if (deletion != null) {
            noDeletionBefore = now + timeUntil(deletion, wall).toNanos();
        }
        // Whatever the day, it is there as long as its KMS says so.
        turn(!why.recoverable() ? KekState.DESTROYED : KekState.REVOKED, why, now, wall);
    }

    private boolean notFound(KekAnswer answer, long now, Instant wall) {
        if (workedAt != null) {
            answered(wall, now);
            refusedAt = now;
            if (state.compareTo(KekState.REVOKED) < 0) {
                turn(KekState.REVOKED, answer.failure(), now, wall);
            }
            return false;
        }
        if (name.operation() == Operation.UNWRAP) {
            return denied(answer, now, wall); // There is a wrap of it, so it was there; but perhaps not where we look.
        }
        ownFailure = kept(answer.failure());
        return false;
    }

    /** Tells whether this makes it revoked, unless the fault is ours. */
    private boolean denied(KekAnswer answer, long now, Instant wall) {
        answered(wall, now);
        refusedAt = now;
        if (deniedSince == null) {
            deniedSince = now;
        }
        if (state == KekState.ACTIVE) {
            turn(KekState.SUSPECT, answer.failure(), now, wall);
        }
        if (state != KekState.SUSPECT
                || answer.purpose() != CallPurpose.CANARY
                || name.operation() != Operation.UNWRAP) {
            return false;
        }
        if (firstCanaryAt != null) {
            boolean longEnough = states.believes(answer.sentAt(), deniedSince, Damping.QUIET);
            return longEnough && answer.sentAt() - firstCanaryAt >= KekStates.CONFIRMATION.toNanos();
        }
        if (answer.sentAt() - deniedSince >= KekStates.CONFIRMATION.toNanos()) {
            firstCanaryAt = now;
        }
        return false;
    }

    /** A denial has come true, unless it has worked meanwhile or the fault is ours. */
    synchronized Outcome confirm(KekAnswer denial, boolean ourFault, long now, Instant wall) {
        KekStanding before = new KekStanding(this);
        if (state == KekState.SUSPECT && firstCanaryAt != null) {
            if (ourFault) {
                firstCanaryAt = now;
            } else {
                turn(KekState.REVOKED, refusal, now, wall);
            }
        }
        return outcome(before, false, denial.failure());
    }

    private void silent(KekAnswer answer, long now, Instant wall) {
        if (latestSentAt != null && answer.sentAt() - latestSentAt < 0) {
            return; // One that was sent later has told more.
        }
        silentAt = now;
        outage = kept(answer.failure());
        KekReach told = answer.failure() instanceof KekThrottledException ? KekReach.THROTTLED : KekReach.UNREACHABLE;
        if (reach == KekReach.ANSWERS) {
            reaches.worse(now);
        }
        if (reach != told) {
            reach = told;
            reachSince = wall;
        }
    }

    private void answered(Instant wall, long sentAt) {
        ownFailure = null;
        if (reach != KekReach.ANSWERS && reaches.believes(sentAt, silentAt, Damping.QUIET)) {
            reach = KekReach.ANSWERS;
            reachSince = wall;
            outage = null;
        }
    }

    private void turn(KekState to, @Nullable KekException why, long now, Instant wall) {
        if (state == KekState.ACTIVE) {
            states.worse(now);
        }
        if (to.compareTo(KekState.REVOKED) >= 0 && state.compareTo(KekState.REVOKED) < 0) {
            revocations.worse(now);
        }
        refusal = kept(why);
        if (to.compareTo(KekState.SUSPECT) != 0) {
            deniedSince = to == KekState.ACTIVE ? null : deniedSince;
            firstCanaryAt = null;
        }
        if (state != to) {
            state = to;
            since = wall;
        }
    }

    private static Duration timeUntil(Instant day, Instant wall) {
        if (!day.isAfter(wall)) {
            return LATE_DELETION;
        }
        Duration left = Duration.between(wall, day);
        return left.compareTo(LONGEST_DELETION) < 0 ? left : LONGEST_DELETION;
    }

    /** Both clocks must say so: one that counts time may stand still while its machine sleeps, and the other may be set. */
    private boolean isDeletionDue(long now, Instant wall) {
        return deletion != null && !wall.isBefore(deletion) && now - noDeletionBefore >= 0;
    }

    private void endIfDeletionIsDue(long now, Instant wall) {
        if (state == KekState.REVOKED && isDeletionDue(now, wall)) {
            state = KekState.DESTROYED;
            since = wall;
        }
    }

    /** How it stands; empty if that is as it was, and its standing otherwise. */
    synchronized Outcome look(long now, Instant wall) {
        KekStanding before = new KekStanding(this);
        endIfDeletionIsDue(now, wall);
        return outcome(before, false, null);
    }

    synchronized Lately lately() {
        return new Lately(
                name.kekId(),
                name.kekId().scheme() + ':' + place.owner(),
                state == KekState.SUSPECT,
                Optional.ofNullable(deniedSince).orElse(refusedAt),
                refusedAt,
                workedAt);
    }
}
