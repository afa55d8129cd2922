package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Place;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt of a call of a KMS has ended.
 *
 * @param kekId the KEK
 * @param version of an unwrap the wrap's; of others that of the result, empty where they failed
 * @param operation what the KEK was asked for
 * @param purpose why
 * @param place where the KEK is, and whose
 * @param sentAt when the attempt began
 * @param failure how it failed; null if it did not
 */
record KekAnswer(
        KekId kekId,
        String version,
        Operation operation,
        CallPurpose purpose,
        Place place,
        long sentAt,
        @Nullable KekException failure) {
    /** What an answer says. */
    enum Says {
        WORKS,
        /** The KMS named the state of the KEK. */
        WITHDRAWN,
        /** It may be withdrawn, or we have made a mistake. */
        DENIED,
        NOT_FOUND,
        /** Nothing of the KEK: its KMS could not be asked. */
        NOTHING,
        /** Nothing of the KEK: we have made a mistake. */
        OUR_MISTAKE
    }

    Says says() {
        if (failure == null) {
            return Says.WORKS;
        }
        if (failure instanceof KekRevokedException revoked) {
            return revoked.presumed() ? Says.DENIED : Says.WITHDRAWN;
        }
        if (failure instanceof KekNotFoundException) {
            return Says.NOT_FOUND;
        }
        return failure.retryable() ? Says.NOTHING : Says.OUR_MISTAKE;
    }
}
