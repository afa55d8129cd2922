package io.keywrap.aws;

import io.keywrap.EncryptionContext;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeyState;

/**
 * Every failure of AWS KMS, of STS and of the SDK, as one of keywrap's; docs/errors.md has the table.
 *
 * <p>Codes decide. Texts do only where AWS has one code for several things, and where {@code DescribeKey}, asked after the
 * failure, does not tell either. What is unknown is a denial if it looks like 403, an outage if it looks like 5xx, else a
 * configuration error, and never damaged data.
 */
final class AwsErrors {
    private static final int WORTH_HIDING = 8;
    static final Set<String> CREDENTIALS = Set.of(
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "NotAuthorized",
            "OptInRequired",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException");
    private static final Set<String> OUTAGES = Set.of(
            "DependencyTimeoutException",
            "InternalFailure",
            "InternalServerError",
            "KMSInternalException",
            "KeyUnavailableException",
            "ServiceUnavailable",
            "ServiceUnavailableException");
    private static final Set<String> OF_STATES =
            Set.of("DisabledException", "KMSInvalidStateException", "AccessDeniedException");

    private static final String TRY_AGAIN =
            "check the network and the health of AWS KMS in the Region; it can be tried again";
    private static final String ENABLE = "ask the customer to enable the key again";
    private static final String CANCEL =
            "ask the customer to cancel the deletion of the key before its date, and to enable the key";
    private static final String ALLOW =
            "ask the customer to allow the use of the key again: key policy, grants, conditions on"
                    + " the key context; a key of another account that was deleted, or never was, looks the same";

    private final Question question;
    private final @Nullable RuntimeException failure;
    private final @Nullable AwsServiceException answer;

    private AwsErrors(Question question, @Nullable RuntimeException failure) {
        this.question = question;
        this.failure = failure;
        this.answer = AwsFailure.answerIn(failure);
    }

    /**
     * What was asked when it failed.
     *
     * @param kekId the KEK
     * @param alias whether the key was called by an alias
     * @param worked whether it was seen working
     * @param assumedRole whether it was called by a role of the key's account
     * @param context the key context, no value of which may be told
     */
    record Question(KekId kekId, boolean alias, boolean worked, boolean assumedRole, EncryptionContext context) {}

    /** Whether {@code DescribeKey} can tell more about a failure. */
    static boolean mayBeOfTheState(RuntimeException failure) {
        AwsServiceException answer = AwsFailure.answerIn(failure);
        return answer != null && AwsFailure.isKms(answer) && OF_STATES.contains(AwsFailure.code(answer));
    }

    /** Whether it is for the state of a key and nothing else; the text need not name the key. */
    static boolean isOfTheState(RuntimeException failure) {
        AwsServiceException answer = AwsFailure.answerIn(failure);
        return mayBeOfTheState(failure)
                && answer != null
                && !AwsFailure.code(answer).equals("AccessDeniedException");
    }

    /** The failure as one of keywrap's; {@code state} is what {@code DescribeKey} told afterwards, if it did. */
    static KekException of(RuntimeException failure, Question question, @Nullable KeyMetadata state) {
        AwsErrors errors = new AwsErrors(question, failure);
        if (errors.answer == null) {
            return errors.withoutAnswer(failure);
        }
        KekException byState = state == null ? null : errors.byState(state);
        return byState == null ? errors.byCode(errors.answer) : byState;
    }

    /** What a key in a state that does not allow its use is refused with; null if it can be used. */
    static @Nullable KekException ofState(KeyMetadata state, Question question) {
        return new AwsErrors(question, null).byState(state);
    }

    private @Nullable KekException byState(KeyMetadata state) {
        return switch (state.keyState() == null ? KeyState.UNKNOWN_TO_SDK_VERSION : state.keyState()) {
            case DISABLED -> revoked(Reason.DISABLED, "the key is disabled", ENABLE);
            case PENDING_DELETION, PENDING_REPLICA_DELETION ->
                pendingDeletion(Optional.ofNullable(state.deletionDate()));
            case PENDING_IMPORT -> pendingImport();
            case UNAVAILABLE -> disconnected();
            case CREATING -> unreachable("the key is still being made");
            default -> null;
        };
    }

    private KekException byCode(AwsServiceException e) {
        String code = AwsFailure.code(e);
        if (e.isThrottlingException()) {
            return new KekThrottledException(failure("AWS asks for fewer calls")
                    .operatorAction("wait and try again; have the request quota of this account raised if it lasts"));
        }
        if (CREDENTIALS.contains(code)) {
            return configuration(
                    "AWS does not accept the credentials of this process",
                    "renew the credentials that this process calls AWS with, and check its clock");
        }
        if (AwsFailure.isKms(e)) {
            KekException known = byKmsCode(e, code);
            if (known != null) {
                return known;
            }
        }
        return byStatus(e, code);
    }

    private @Nullable KekException byKmsCode(AwsServiceException e, String code) {
        return switch (code) {
            case "DisabledException" ->
                AwsFailure.text(e).contains("pending deletion")
                        ? pendingDeletion(Optional.empty())
                        : revoked(Reason.DISABLED, "the key is disabled", ENABLE);
            case "KMSInvalidStateException" -> byStateText(AwsFailure.text(e));
            case "NotFoundException" -> notFound(AwsFailure.text(e));
            case "AccessDeniedException" -> denied(AwsFailure.text(e));
            case "IncorrectKeyException" -> invalid("it was wrapped under another KEK");
            case "InvalidCiphertextException" -> invalid("key, key context and wrapped bytes do not belong together");
            case "InvalidKeyUsageException" ->
                configuration(
                        "the key is not one to encrypt with", "use a symmetric key for encryption and decryption");
            default -> null;
        };
    }

    private KekException byStatus(AwsServiceException e, String code) {
        int status = e.statusCode();
        if (OUTAGES.contains(code) || status >= 500 || status == 408) {
            return unreachable("AWS failed to answer the call");
        }
        if (status == 401) {
            return configuration(
                    "AWS does not accept the credentials of this process",
                    "renew the credentials that this process calls AWS with");
        }
        if (status == 403 && code.isEmpty()) { // AWS always gives one.
            return configuration(
                    "another server has answered in the place of AWS",
                    "check the endpoint that is set for AWS KMS, and the proxies between this process and AWS");
        }
        if (AwsFailure.isKms(e) && (status == 403 || code.startsWith("AccessDenied"))) {
            return revoked(Reason.DENIED, "access to the key is denied", ALLOW);
        }
        if (code.startsWith("AccessDenied") && !namesOurOwn(AwsFailure.text(e))) {
            return revoked(
                    Reason.DENIED,
                    "AWS refused the credentials for the key, such as the role to be assumed",
                    "ask the customer to let the role be assumed again, and check its ARN and external id");
        }
        return configuration(
                "AWS does not accept the call", "see the code and the cause; check the id of the key and its kind");
    }

    /** One code for every state, and for every failure of an external key store. */
    private KekException byStateText(String text) {
        if (text.contains("pending deletion") || text.contains("pending replica deletion")) {
            return pendingDeletion(Optional.empty());
        }
        if (text.contains("is pending import")) {
            return pendingImport();
        }
        if (text.contains(" is disabled")) {
            return revoked(Reason.DISABLED, "the key is disabled", ENABLE);
        }
        if (text.contains("corrupted") && text.contains("ciphertext")) {
            return invalid("the customer's external key manager refuses key context and wrapped bytes");
        }
        if (text.contains("not enabled")) {
            return withheld(
                    "the key is switched off in the customer's external key manager",
                    "ask the customer to enable the key in their external key manager");
        }
        if (text.contains("does not support")) {
            return withheld(
                    "the customer's external key manager does not allow the operation with the key",
                    "ask the customer to allow encryption and decryption with the key in their external key manager");
        }
        if (text.contains("could not find")) {
            return withheld(
                    "the customer's external key manager does not find the key",
                    "ask the customer whether the key in their external key manager was deleted, and to restore it");
        }
        if (text.contains("denied access")) {
            return withheld(
                    "the customer's external key manager denies access to the key",
                    "ask the customer to allow the use of the key in their external key manager");
        }
        if (text.contains("throttl") || text.contains("request rate")) {
            return new KekThrottledException(failure("the customer's external key manager asks for fewer calls")
                    .operatorAction("wait and try again; tell the customer if it lasts"));
        }
        if (text.matches("arn:\\S+ is unavailable\\.?.*")) {
            return disconnected();
        }
        return unreachable("the key, or the customer's external key manager, is not ready");
    }

    private KekException denied(String text) {
        if (question.assumedRole() ? text.contains("vpc endpoint policy") : namesOurOwn(text)) {
            return configuration(
                    "our own permissions do not allow the call",
                    "give the role of this process the action that the cause names, on this key");
        }
        return revoked(Reason.DENIED, "access to the key is denied", ALLOW);
    }

    /** Whether a denial names what is of whoever calls, and never of the owner of the key or role. */
    private static boolean namesOurOwn(String text) {
        return !text.contains("resource-based polic")
                && Stream.of(
                                "identity-based policy",
                                "permissions boundary",
                                "service control policy",
                                "session policy",
                                "vpc endpoint policy")
                        .anyMatch(text::contains);
    }

    private KekException notFound(String text) {
        if (question.alias()) {
            return new KekNotFoundException(failure("there is no such alias")
                    .operatorAction("check account, Region and name of the alias, or put it back"));
        }
        // "Invalid arn <region>" is what an endpoint of another Region says, whether there is such a key or not.
        return question.worked() && !text.startsWith("invalid arn")
                ? revoked(
                        Reason.DELETED,
                        "the key worked before and does not exist any more",
                        "tell the customer that what this key alone protects cannot be read any more")
                : new KekNotFoundException(
                        failure("there is no such key")
                                .operatorAction(
                                        "check the ARN: account, Region and key id; if the key once worked, it is deleted for good"));
    }

    private KekException pendingDeletion(Optional<Instant> date) {
        String when = date.map(instant -> ", which is final on " + instant.truncatedTo(ChronoUnit.SECONDS))
                .orElse("");
        Failure failure = failure("the key is pending deletion" + when).operatorAction(CANCEL);
        return date.map(instant -> new KekRevokedException(failure, instant))
                .orElseGet(() -> new KekRevokedException(failure, Reason.PENDING_DELETION));
    }

    private KekException pendingImport() {
        return withheld(
                "the imported key material has expired or was deleted",
                "ask the customer to import the same key material again");
    }

    private KekException disconnected() {
        return withheld(
                "the key is unavailable: its custom key store is disconnected",
                "ask the customer to connect the key store again");
    }

    private KekException withheld(String what, String operatorAction) {
        return revoked(Reason.UNAVAILABLE_BY_CUSTOMER, what, operatorAction);
    }

    /** No answer came, or none that the SDK understood. */
    private KekException withoutAnswer(RuntimeException e) {
        if (inChain(CertificateException.class::isInstance)) {
            return configuration(
                    "the certificate of the endpoint is not trusted",
                    "check the endpoint that is set for AWS KMS, and the trusted certificates of this JVM");
        }
        if (inChain(t -> t instanceof ApiCallTimeoutException || t instanceof ApiCallAttemptTimeoutException)) {
            return unreachable("AWS did not answer in time");
        }
        if (inChain(
                t -> t instanceof IOException || t instanceof UncheckedIOException || t instanceof AbortedException)) {
            return unreachable("AWS cannot be reached, or its answer was cut");
        }
        if (e instanceof SdkClientException && AwsFailure.text(e).startsWith("unable to unmarshall")) {
            return unreachable("the answer is not one of AWS");
        }
        if (e instanceof SdkClientException) {
            return configuration(
                    AwsFailure.text(e).startsWith("unable to load credentials")
                            ? "the AWS SDK finds no credentials that work"
                            : "the AWS SDK cannot make the call",
                    "see the cause; give this process AWS credentials by environment, profile or the role of its machine");
        }
        return configuration(
                "the AWS SDK failed with " + e.getClass().getName(),
                "see the cause; check that the client is open and set up for AWS KMS");
    }

    private KekException revoked(Reason reason, String what, String operatorAction) {
        return new KekRevokedException(failure(what).operatorAction(operatorAction), reason);
    }

    private KekException configuration(String what, String operatorAction) {
        return new KekConfigurationException(failure(what).operatorAction(operatorAction));
    }

    private KekException unreachable(String what) {
        return new KekUnreachableException(failure(what).operatorAction(TRY_AGAIN));
    }

    private KekException invalid(String why) {
        return new InvalidWrappedDekException(failure("the wrapped DEK cannot be unwrapped: " + why)
                .operatorAction("check that keychain, key context and KEK belong together"));
    }

    private Failure failure(String what) {
        Failure told = Failure.of(question.kekId(), what).cause(failure, question.context());
        if (answer != null) {
            told.rawCode(orNull(AwsFailure.code(answer)))
                    .requestId(orNull(AwsFailure.word(answer.requestId())))
                    .retryAfter(AwsFailure.retryAfter(answer));
        }
        return told;
    }

    /** A short value stands in many a word by chance; a longer one was put there. */
    private @Nullable String orNull(String word) {
        boolean tells = question.context().asMap().values().stream()
                .anyMatch(value -> value.length() >= WORTH_HIDING && word.contains(value));
        return word.isEmpty() || tells ? null : word;
    }

    private boolean inChain(Predicate<Throwable> what) {
        return AwsFailure.chain(failure).anyMatch(what);
    }
}
