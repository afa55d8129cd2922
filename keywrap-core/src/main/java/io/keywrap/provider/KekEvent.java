package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.DekId;
import io.keywrap.KekException;
import io.keywrap.KekId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened with a KEK, without any secret or context value.
 *
 * <p>More kinds may come with a later release: let what you do not know pass.
 *
 * <p><b>Thread safety:</b> events are immutable.
 */
public interface KekEvent {
    /**
     * Which KEK.
     *
     * @return its id
     */
    KekId kekId();

    /** What a KMS is asked for. */
    enum Operation {
        /** To wrap a DEK. */
        WRAP,
        /** To unwrap a DEK. */
        UNWRAP,
        /** To make a DEK. */
        GENERATE,
        /** To tell about the KEK. */
        STATUS,
        /** To re-wrap a DEK inside of the KMS. */
        REWRAP
    }

    /** Whose doing a failure is. */
    enum Cause {
        /** The customer's: the KEK was withdrawn, or is not there. */
        CUSTOMER,
        /** The KMS's, or the network's to it. */
        PROVIDER,
        /** Our own: configuration, credentials, a wrap that does not belong to the KEK. */
        OURS
    }

    /**
     * A call of a KMS begins; each attempt is one. The thread that begins it ends it.
     *
     * @param kekId the KEK
     * @param operation what it is asked for
     * @param purpose why
     */
    record CallBegun(KekId kekId, Operation operation, CallPurpose purpose) implements KekEvent {}

    /**
     * A call of a KMS is over.
     *
     * @param kekId the KEK
     * @param operation what it was asked for
     * @param purpose why
     * @param latency how long it took
     * @param failure how it failed; empty if it did not
     */
    record CallEnded(
            KekId kekId, Operation operation, CallPurpose purpose, Duration latency, Optional<KekException> failure)
            implements KekEvent {
        /**
         * Whose doing the failure is.
         *
         * @return the cause; empty if the call went well
         */
        public Optional<Cause> cause() {
            return failure.map(Failures::causeOf);
        }
    }

    /**
     * A DEK in use could not be proven again: leases go on for a while, or end.
     *
     * @param kekId the KEK
     * @param dekId the DEK
     * @param sinceProven how long ago the last successful unwrap was sent
     * @param ended whether leases of it end now
     * @param failure why
     */
    record RenewalFailed(KekId kekId, DekId dekId, Duration sinceProven, boolean ended, KekException failure)
            implements KekEvent {}

    /**
     * What is known of a version of a KEK has changed: its state or the reason of it, its reach, or both. Each change is told once,
     * and those of one KEK in order. Where calls of many threads end at once, it may be told by another thread while what
     * follows from it is being done.
     *
     * @param kekId the KEK
     * @param before how it stood; of one that was not heard of before, {@link KekState#ACTIVE} and {@link KekReach#ANSWERS}
     * @param after how it stands now, with the cause, the raw code of the KMS and what the operator can do
     */
    record StateChanged(KekId kekId, KekStanding before, KekStanding after) implements KekEvent {
        /**
         * Whether the state has changed, and not the reason or the reach alone.
         *
         * @return true if it has
         */
        public boolean ofState() {
            return before.state() != after.state();
        }
    }

    /**
     * KEKs are denied to us in a way that speaks for a mistake of our own, so no denial is taken for a revocation, and nothing
     * is purged. Told when it begins, and every ten minutes while it lasts.
     *
     * @param kekId a KEK that is denied: the vendor's own, if that one is
     * @param keks how many KEKs were denied within the last minute
     * @param owners how many owners these have, who have nothing in common
     * @param controlKek whether the vendor's own KEK is denied; see {@link KeyProviders.Builder#controlKek}
     * @param since when it began
     * @param operatorAction what to do, one sentence
     */
    record OwnFault(KekId kekId, int keks, int owners, boolean controlKek, Instant since, String operatorAction)
            implements KekEvent {}

    /** What happens to a KEK on a day that is known before. */
    enum Ending {
        /** A pending deletion becomes final. */
        DELETION,
        /** Its validity ends. */
        EXPIRY,
        /** The last of its versions that can be used is destroyed. */
        LAST_VERSION
    }

    /**
     * A day is near on which a KEK ends, and what depends on it with it. Told early, and again.
     *
     * @param kekId the KEK
     * @param version the version of it that ends; empty if the whole KEK does
     * @param ending what happens then
     * @param deadline when
     * @param keychains how many keychains have DEKs that need it
     * @param deks how many DEKs need it
     */
    record DeadlineNear(KekId kekId, String version, Ending ending, Instant deadline, int keychains, int deks)
            implements KekEvent {}

    /**
     * Most KEKs of one service do not answer: it is out of reach, and not withdrawn. Told by a monitor when it begins, and when
     * it is over.
     *
     * @param kekId one of these KEKs
     * @param service what is out of reach, as in {@link KeyProvider.Place#service}
     * @param silent how many KEKs did not answer
     * @param over whether it answers again
     */
    record ServiceOutage(KekId kekId, String service, int silent, boolean over) implements KekEvent {}

    /**
     * The listener was slow, or hung, for so long that changes of states and what monitors tell had to be dropped: the oldest
     * of those that waited. {@link KeyProviders#states()} says how all KEKs stand now. Told before those that were not dropped.
     *
     * @param kekId the KEK of the last one
     * @param events how many
     */
    record EventsDropped(KekId kekId, long events) implements KekEvent {}
}
