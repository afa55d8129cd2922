package io.keywrap.gcp;

import com.google.api.gax.rpc.StatusCode.Code;
import com.google.auth.Retryable;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every failure of Cloud KMS, of its client and of Google's credentials, as one of keywrap's; docs/errors.md has the table.
 *
 * <p>The status decides, and its details: types of violated preconditions, and reasons. Texts do only where Google has one
 * code for several things. What is unknown is a denial if it looks like 403, an outage if it looks like 5xx, else a
 * configuration error, and never damaged data.
 */
final class GcpErrors {
    /** Reasons of denials that are about whoever calls, and never about the owner of the key. */
    static final Set<String> OF_THE_CALLER = Set.of(
            "ACCESS_TOKEN_EXPIRED",
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "ACCESS_TOKEN_TYPE_UNSUPPORTED",
            "ACCOUNT_STATE_INVALID",
            "API_KEY_INVALID",
            "API_KEY_SERVICE_BLOCKED",
            "BILLING_DISABLED",
            "CONSUMER_INVALID",
            "CONSUMER_SUSPENDED",
            "CREDENTIALS_MISSING",
            "SERVICE_DISABLED",
            "USER_PROJECT_DENIED");

    private static final int WORTH_HIDING = 8;
    private static final Pattern OF_OTHER_SERVERS = Pattern.compile("http status code 40[134]");
    private static final Pattern PERMISSION = Pattern.compile("Permission '(cloudkms\\.[A-Za-z.]{1,64})' denied");

    private static final String ENABLE =
            "ask the customer to enable that version again, or to make another one primary";
    private static final String RESTORE =
            "ask the customer to restore the version before its date, and to enable it afterwards";
    private static final String ALLOW = "ask the customer to let this process use the key again"
            + " (roles/cloudkms.cryptoKeyEncrypterDecrypter on the key; perimeters and organisation policies); a key that"
            + " is not there looks the same";
    private static final String ALLOW_LOOKING =
            "ask the customer for cloudkms.cryptoKeys.get (roles/cloudkms.viewer on the"
                    + " key); whether the key can be used shows when it is used";
    private static final String TRY_AGAIN =
            "check the network and the health of Cloud KMS in the location; it can be tried again";

    private final Question question;
    private final @Nullable GcpFailure failure;

    private GcpErrors(Question question, @Nullable GcpFailure failure) {
        this.question = question;
        this.failure = failure;
    }

    /** What a KEK is asked for. */
    enum Operation {
        WRAP,
        UNWRAP,
        STATUS
    }

    /**
     * What was asked when it failed.
     *
     * @param key the key
     * @param operation what for
     * @param version the number of the version that it is about; empty if only Google knows
     * @param worked whether the key was seen working
     * @param context the key context, no value of which may be told
     */
    record Question(GcpKeyName key, Operation operation, String version, boolean worked, EncryptionContext context) {
        Question about(String otherVersion) {
            return new Question(key, operation, otherVersion, worked, context);
        }
    }

    /** Whether it is for the state of a version that has to be asked for: one with a date, or one not told. */
    static boolean wantsSecondLook(Throwable failure) {
        GcpFailure said = new GcpFailure(failure);
        if (said.status() != Code.FAILED_PRECONDITION || !said.external().isEmpty()) {
            return false;
        }
        return said.state() == CryptoKeyVersionState.DESTROY_SCHEDULED
                || (said.state() == CryptoKeyVersionState.UNRECOGNIZED && said.isOfKeyState());
    }

    /** Whether Cloud KMS got other bytes than were sent, by the checksums that were sent with them. */
    static boolean isOfChecksums(Throwable failure) {
        GcpFailure said = new GcpFailure(failure);
        return said.status() == Code.INVALID_ARGUMENT
                && (said.complainsAbout(field -> field.endsWith("_crc32c"))
                        || said.text().contains("_crc32c"));
    }

    /** The failure as one of keywrap's; {@code state} is what was told of the version afterwards, if it was asked for. */
    static KekException of(Throwable failure, Question question, @Nullable CryptoKeyVersion state) {
        GcpFailure said = new GcpFailure(failure);
        GcpErrors errors = new GcpErrors(question.about(said.version(question)), said);
        KekException byState = state == null ? null : errors.byState(state.getState(), deletion(state));
        KekException told = byState == null ? errors.byStatus(said) : byState;
        boolean ofAnother = !question.version().isEmpty() && !question.version().equals(errors.question.version());
        return ofAnother && told instanceof KekRevokedException ? errors.claimed() : told;
    }

    /** What a version in a state that does not allow its use is refused with; null if it can be used. */
    static @Nullable KekException ofState(CryptoKeyVersion state, Question question) {
        return new GcpErrors(question, null).byState(state.getState(), deletion(state));
    }

    private static Optional<Instant> deletion(CryptoKeyVersion state) {
        long seconds = state.getDestroyTime().getSeconds();
        return state.hasDestroyTime()
                        && seconds >= Instant.MIN.getEpochSecond()
                        && seconds <= Instant.MAX.getEpochSecond()
                ? Optional.of(Instant.ofEpochSecond(seconds))
                : Optional.empty();
    }

    private KekException byStatus(GcpFailure said) {
        Code status = said.status();
        if (status == null) {
            return withoutStatus(said);
        }
        if (!said.isOfGrpc()) {
            return configuration(
                    "its client calls Cloud KMS over HTTP/JSON, where a withdrawn key cannot be told",
                    "make the client with KeyManagementServiceSettings.newBuilder(), which is gRPC");
        }
        if (said.isOfCredentials()) {
            return ofCredentials(said);
        }
        if (OF_OTHER_SERVERS.matcher(said.text()).find()) {
            return configuration(
                    "another server has answered in the place of Cloud KMS",
                    "check endpoint and proxies between this process and cloudkms.googleapis.com");
        }
        return switch (status) {
            case FAILED_PRECONDITION -> precondition(said);
            case PERMISSION_DENIED -> denied(said);
            case NOT_FOUND -> notFound();
            case INVALID_ARGUMENT -> argument(said);
            case RESOURCE_EXHAUSTED -> exhausted(said);
            case UNAUTHENTICATED ->
                configuration(
                        "Google does not accept the credentials of this process",
                        "renew the credentials that this process calls Google with, and check its clock");
            case DEADLINE_EXCEEDED -> unreachable("Cloud KMS did not answer in time");
            case UNAVAILABLE, INTERNAL, UNKNOWN, DATA_LOSS, ABORTED, CANCELLED -> unreachable(said);
            default ->
                configuration(
                        "Cloud KMS does not accept the call",
                        "see the code and the cause; check the endpoint and the name of the key");
        };
    }

    /** The state of the version, or what the customer's own key manager did. */
    private KekException precondition(GcpFailure said) {
        KekException byState = byState(said.state(), Optional.empty());
        String external = said.external();
        if (!external.isEmpty() && (byState == null || external.contains("DENIED"))) {
            return byExternalManager(external);
        }
        if (byState != null) {
            return byState;
        }
        if (said.isOfKeyState()) {
            return configuration(
                    told("is in a state that does not allow its use"),
                    "ask the customer for the state of the key, and see the code");
        }
        return configuration(
                "Cloud KMS does not allow the call as things are",
                "check that the key is one for encryption and decryption (ENCRYPT_DECRYPT), and that the Cloud KMS API is"
                        + " enabled in the project");
    }

    private @Nullable KekException byState(CryptoKeyVersionState state, Optional<Instant> deletion) {
        return switch (state) {
            case DISABLED -> revoked(Reason.DISABLED, told("is disabled"), ENABLE);
            case DESTROY_SCHEDULED -> pendingDeletion(deletion);
            case DESTROYED, PENDING_EXTERNAL_DESTRUCTION, EXTERNAL_DESTRUCTION_FAILED ->
                revoked(
                        Reason.DELETED,
                        told("is destroyed"),
                        "tell the customer that what this version alone protects cannot be read any more, unless its"
                                + " material was imported and can be imported again");
            case PENDING_GENERATION -> unreachable(told("is still being made"));
            case PENDING_IMPORT ->
                configuration(told("waits for its material"), "ask the customer to import the key material");
            case GENERATION_FAILED, IMPORT_FAILED ->
                configuration(told("could not be made"), "ask the customer to make another version and its primary");
            default -> null;
        };
    }

    /** Types of https://cloud.google.com/kms/docs/reference/ekm_errors, "error domains"; by their last words, as some are not told. */
    private KekException byExternalManager(String type) {
        if (type.contains("DENIED")) {
            return withheld(
                    "the customer's external key manager denies access to the key",
                    "ask the customer to allow the key in their external key manager, and to enable its version afterwards");
        }
        if (type.contains("NOT_FOUND")) {
            return withheld(
                    "the customer's external key manager does not find the key",
                    "ask the customer whether the key in their external key manager was deleted, and to restore it");
        }
        if (type.contains("DISABLED") || type.contains("DESTROYED") || type.contains("STATE")) {
            return withheld(
                    "the key is switched off in the customer's external key manager",
                    "ask the customer to enable the key in their external key manager");
        }
        if (type.contains("EXHAUSTED") || type.contains("THROTTLED")) {
            return throttled("the customer's external key manager asks for fewer calls");
        }
        if (type.startsWith("EXTERNAL_KEY") || type.contains("INVALID_ARGUMENT")) {
            return configuration(
                    "the customer's external key is not set up as Cloud KMS needs it",
                    "ask the customer to check the URI or path of the external key, and its kind");
        }
        return unreachable("the customer's external key manager cannot be reached, or fails");
    }

    private KekException denied(GcpFailure said) {
        if (OF_THE_CALLER.contains(said.reason())) {
            return configuration(
                    "Google does not let this process call Cloud KMS",
                    "see the code: enable the Cloud KMS API, billing and scopes for the account and project that this"
                            + " process calls with");
        }
        Matcher permission = PERMISSION.matcher(said.message());
        String which = permission.find() ? ": " + permission.group(1) : "";
        return revoked(
                Reason.DENIED,
                "access to the key is denied" + which,
                question.operation() == Operation.STATUS ? ALLOW_LOOKING : ALLOW);
    }

    /** Nobody checks what a wrap claims, and a verdict would be one on the version that it claims, which may be well. */
    private KekException claimed() {
        return new InvalidWrappedDekException(
                failure("the wrapped DEK is of version " + question.version() + " of the key and claims another")
                        .operatorAction("restore the wrapped DEK from where it was stored; it was changed"));
    }

    private KekException notFound() {
        return question.worked()
                ? revoked(
                        Reason.DELETED,
                        "the key worked before and does not exist any more",
                        "tell the customer that what this key alone protects cannot be read any more")
                : new KekNotFoundException(failure("there is no such key")
                        .operatorAction("check project, location, key ring and key in the name of the KEK"));
    }

    private KekException argument(GcpFailure said) {
        if (!said.violations().isEmpty()) {
            return precondition(said);
        }
        boolean ofTheCall = !said.reason().isEmpty() || said.complainsAbout(field -> field.equals("name"));
        boolean ofTheWrap = !ofTheCall || said.text().contains("decryption failed");
        if (question.operation() == Operation.UNWRAP && ofTheWrap) {
            return new InvalidWrappedDekException(failure(
                            "the wrapped DEK cannot be unwrapped: key, key context and wrapped bytes do not belong together")
                    .operatorAction("check that keychain, key context and KEK belong together"));
        }
        return configuration(
                "Cloud KMS does not accept the call",
                "see the code and the cause; check the name of the key and its kind");
    }

    /** gRPC gives the same status to an answer that is larger than it takes. */
    private KekException exhausted(GcpFailure said) {
        return said.text().contains("exceeds maximum size")
                ? unreachable("the answer is not one of Cloud KMS")
                : throttled("Google asks for fewer calls");
    }

    private KekException unreachable(GcpFailure said) {
        if (said.inChain(CertificateException.class::isInstance)) {
            return configuration(
                    "the certificate of the endpoint is not trusted",
                    "check the endpoint that is set for Cloud KMS, and the trusted certificates of this JVM");
        }
        if (said.text().contains("channel shutdown")) {
            return configuration("its client was closed", "keep the client open for as long as its providers are used");
        }
        return unreachable("Cloud KMS cannot be reached, or failed to answer the call");
    }

    /** No token came: because Google, or what gives tokens on this machine, is away, or because it gives none. */
    private KekException ofCredentials(GcpFailure said) {
        boolean away = said.inChain(t -> (t instanceof Retryable auth && auth.isRetryable())
                || t instanceof UnknownHostException
                || t instanceof SocketException
                || t instanceof InterruptedIOException);
        return away || said.text().contains("credentials failed to obtain metadata")
                ? new KekUnreachableException(failure("Google gives no token for the credentials of this process")
                        .operatorAction("check the network to oauth2.googleapis.com, sts.googleapis.com or the metadata"
                                + " service of this machine; it can be tried again"))
                : configuration(
                        "the credentials of this process give no token",
                        "see the cause; renew the credentials that this process calls Google with, and check its clock");
    }

    /** Google's client has failed before a call, or in a way of its own. */
    private KekException withoutStatus(GcpFailure said) {
        if (said.isOfCredentials()) {
            return ofCredentials(said);
        }
        if (said.text().contains("default credentials were not found")) {
            return configuration(
                    "this process has no credentials for Google Cloud",
                    "give it application default credentials: GOOGLE_APPLICATION_CREDENTIALS, the service account of its"
                            + " machine, or gcloud auth application-default login");
        }
        if (said.inChain(NoClassDefFoundError.class::isInstance)) {
            return configuration(
                    "no client of Cloud KMS can be made", "add what is missing to the class path: see the cause");
        }
        return configuration(
                "no client of Cloud KMS can be made, or it failed",
                "see the cause; check the credentials of this process and the settings of its client");
    }

    private KekException pendingDeletion(Optional<Instant> date) {
        String when = date.map(instant -> ", on " + instant.truncatedTo(ChronoUnit.SECONDS))
                .orElse("");
        Failure failure = failure(told("is scheduled to be destroyed") + when).operatorAction(RESTORE);
        return date.map(instant -> new KekRevokedException(failure, instant))
                .orElseGet(() -> new KekRevokedException(failure, Reason.PENDING_DELETION));
    }

    /** A sentence about the version, or about the key where it is not known which version it is about. */
    private String told(String what) {
        return (question.version().isEmpty() ? "the key " : "version " + question.version() + " of the key ") + what;
    }

    private KekException withheld(String what, String operatorAction) {
        return revoked(Reason.UNAVAILABLE_BY_CUSTOMER, what, operatorAction);
    }

    private KekException revoked(Reason reason, String what, String operatorAction) {
        return new KekRevokedException(failure(what).operatorAction(operatorAction), reason);
    }

    private KekException configuration(String what, String operatorAction) {
        return new KekConfigurationException(failure(what).operatorAction(operatorAction));
    }

    private KekException throttled(String what) {
        return new KekThrottledException(failure(what)
                .operatorAction("wait and try again; have the quota for cryptographic requests raised if it lasts"));
    }

    private KekException unreachable(String what) {
        return new KekUnreachableException(failure(what).operatorAction(TRY_AGAIN));
    }

    private Failure failure(String what) {
        Failure told = Failure.of(question.key().kekId(), what);
        if (failure != null) {
            told.cause(new GcpCause(failure.failure()), question.context())
                    .rawCode(orNull(failure.code()))
                    .requestId(orNull(failure.requestId()))
                    .retryAfter(failure.retryAfter());
        }
        return told;
    }

    /** A short value stands in many a word by chance; a longer one was put there. */
    private @Nullable String orNull(String word) {
        boolean tells = question.context().asMap().values().stream()
                .anyMatch(value -> value.length() >= WORTH_HIDING && word.contains(value));
        return word.isEmpty() || tells ? null : word;
    }
}
