package io.keywrap.provider;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.provider.KekEvent.Cause;

/** What failures mean to those who keep DEKs. */
final class Failures {
    private Failures() {}

    static Cause causeOf(KekException failure) {
        if (isWithdrawal(failure)) {
            return Cause.CUSTOMER;
        }
        return failure.retryable() ? Cause.PROVIDER : Cause.OURS;
    }

    /**
     * Whether a DEK that was unwrapped before must not be used any more. Denials may be the cloud's delay or our own
     * mistake, so they alone do not end what is within its deadline.
     */
    static boolean endAtOnce(KekException failure) {
        return !failure.retryable() && !(failure instanceof KekConfigurationException) && !isDenial(failure);
    }

    /** Whether a DEK must not be used any more once its deadline has come. */
    static boolean endAtDeadline(KekException failure) {
        return endAtOnce(failure) || isDenial(failure);
    }

    /** Whether the KEK was withdrawn, or is gone: what work in flight may finish through. */
    static boolean isWithdrawal(KeywrapException failure) {
        return failure instanceof KekRevokedException || failure instanceof KekNotFoundException;
    }

    /** Whether a lease may be used again after it. */
    static boolean mayPass(KeywrapException failure) {
        return failure instanceof KekConfigurationException
                || (failure instanceof KekException ofKek && ofKek.retryable());
    }

    private static boolean isDenial(KekException failure) {
        return failure instanceof KekRevokedException revoked && revoked.presumed();
    }
}
