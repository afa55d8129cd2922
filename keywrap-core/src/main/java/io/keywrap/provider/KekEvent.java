package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.DekId;
import io.keywrap.KekException;
import io.keywrap.KekId;
import java.time.Duration;
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
}
