package io.keywrap.testkit;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a KMS in memory refused one call, in the words and codes of a cloud.
 *
 * @param kekId the KEK
 * @param requestId the call
 */
record Refusals(KekId kekId, String requestId) {
    KekException notFound() {
        return new KekNotFoundException(failure("there is no such key", "NotFoundException")
                .operatorAction("check the id of the key; in a test, make it with kek(name)"));
    }

    KekException denied() {
        return new KekRevokedException(
                failure("access to the key is denied", "AccessDeniedException")
                        .operatorAction("ask the customer to allow the use of the key again"),
                Reason.DENIED);
    }

    KekException disabled() {
        return new KekRevokedException(
                failure("the key is disabled", "DisabledException")
                        .operatorAction("ask the customer to enable the key again"),
                Reason.DISABLED);
    }

    KekException pendingDeletion(Optional<Instant> date) {
        Failure failure = failure("the key is pending deletion", "KMSInvalidStateException")
                .operatorAction("ask the customer to cancel the deletion before its date, and to enable the key");
        return date.map(instant -> new KekRevokedException(failure, instant))
                .orElseGet(() -> new KekRevokedException(failure, Reason.PENDING_DELETION));
    }

    KekException deleted() {
        return new KekRevokedException(
                failure("the key is deleted for good", "NotFoundException")
                        .operatorAction("tell the customer that what this key alone protects cannot be read any more"),
                Reason.DELETED);
    }

    KekException throttled() {
        return new KekThrottledException(failure("too many calls", "ThrottlingException")
                .operatorAction("wait and try again; have the quota raised if it lasts"));
    }

    KekException unreachable(String what) {
        return new KekUnreachableException(
                Failure.of(kekId, what).operatorAction("check network and service health; it is tried again"));
    }

    KekException misconfigured() {
        return new KekConfigurationException(failure("the credentials have expired", "ExpiredTokenException")
                .operatorAction("renew the credentials that this process calls the KMS with"));
    }

    KekException anotherKeks() {
        return invalid("it was wrapped under another KEK", "IncorrectKeyException", null);
    }

    KekException invalid(String why) {
        return invalid(why, "InvalidCiphertextException", null);
    }

    KekException notAuthentic(Exception cause) {
        String why = "key, key context and wrapped bytes do not belong together";
        return invalid(why, "InvalidCiphertextException", cause);
    }

    KekException wrongAnswer(String what) {
        return new InvalidWrappedDekException(failure("the answer cannot be trusted: " + what, null)
                .operatorAction("do not use this KMS until its operator has found out why it answers wrongly"));
    }

    private KekException invalid(String why, String code, @Nullable Exception cause) {
        return new InvalidWrappedDekException(failure("the wrapped DEK cannot be unwrapped: " + why, code)
                .operatorAction("check that keychain, key context and KEK belong together")
                .cause(cause));
    }

    private Failure failure(String what, @Nullable String code) {
        return Failure.of(kekId, what).rawCode(code).requestId(requestId);
    }
}
