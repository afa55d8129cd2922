package io.keywrap.azure;

import com.azure.core.exception.HttpResponseException;
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
import io.keywrap.azure.SecondLook.Finding;
import io.keywrap.azure.SecondLook.Subject;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Every failure of Key Vault, of Managed HSM and of the SDK, as one of keywrap's; docs/errors.md has the table. Those of
 * credentials are in {@link CredentialErrors}.
 *
 * <p>Codes decide. Texts do only where Azure has one code for several things. What is unknown is a denial if it looks like 403, an
 * outage if it looks like 5xx, else a configuration error, and never damaged data.
 */
final class AzureErrors {
    private static final Set<String> DENIALS = Set.of("ForbiddenByRbac", "ForbiddenByPolicy", "AccessDenied");
    private static final Set<String> NETWORK_RULES = Set.of("ForbiddenByFirewall", "ForbiddenByConnection");

    private static final String TRY_AGAIN =
            "check the network and the health of Azure Key Vault in the region; it can be tried again";
    private static final String ALLOW =
            "ask the customer to allow wrapKey and unwrapKey again: the role Key Vault Crypto Service Encryption User (of a"
                    + " Managed HSM: Managed HSM Crypto Service Encryption User), or the access policy of the vault";

    private final Question question;
    private final @Nullable RuntimeException failure;
    private final @Nullable HttpResponseException answer;

    private AzureErrors(Question question, @Nullable RuntimeException failure) {
        this.question = question;
        this.failure = failure;
        this.answer = failure == null ? null : AzureFailure.answerIn(failure);
    }

    /** What was asked of a key. */
    enum Operation {
        WRAP,
        UNWRAP,
        STATUS
    }

    /**
     * What was asked when it failed.
     *
     * @param kekId the KEK
     * @param operation what was asked for
     * @param worked whether the key was seen working in this version
     */
    record Question(KekId kekId, Operation operation, boolean worked) {}

    /** What else to ask before a failure is told. */
    static Subject openQuestion(RuntimeException failure, Operation operation) {
        HttpResponseException answer = AzureFailure.answerIn(failure);
        if (answer != null) {
            int status = AzureFailure.status(answer);
            if (status == 404) {
                return Subject.DELETION;
            }
            return status == 403 && !isKnown(detail(answer)) && operation != Operation.STATUS
                    ? Subject.STATE
                    : Subject.NOTHING;
        }
        boolean withoutAddress = AzureFailure.chain(failure)
                .anyMatch(t -> t instanceof UnknownHostException || t instanceof UnresolvedAddressException);
        return withoutAddress && !AzureFailure.ofCredential(failure) ? Subject.HOST : Subject.NOTHING;
    }

    private static boolean isKnown(String code) {
        return DENIALS.contains(code)
                || NETWORK_RULES.contains(code)
                || code.equals("KeyDisabled")
                || code.equals("KeyOperationForbidden");
    }

    /** The code within where there is one: the outer one is then that of the status. */
    private static String detail(HttpResponseException answer) {
        String inner = AzureFailure.innerCode(answer);
        return inner.isEmpty() ? AzureFailure.code(answer) : inner;
    }

    /** Whether it is the code, or the one within, which may be a new one. */
    private static boolean hasCode(HttpResponseException answer, String code) {
        return AzureFailure.code(answer).equals(code)
                || AzureFailure.innerCode(answer).equals(code);
    }

    /** The failure as one of keywrap's; {@code look} is what was found out afterwards. */
    static KekException of(RuntimeException failure, Question question, SecondLook look) {
        AzureErrors errors = new AzureErrors(question, failure);
        if (AzureFailure.ofCredential(failure)) {
            return CredentialErrors.of(failure, question.kekId());
        }
        return errors.answer == null ? errors.withoutAnswer(failure, look) : errors.byAnswer(errors.answer, look);
    }

    /** What a key in a state that does not allow its use is refused with; null if it can be used. */
    static @Nullable KekException ofState(SecondLook look, Question question) {
        return new AzureErrors(question, null).byState(look.finding());
    }

    private @Nullable KekException byState(Finding finding) {
        return switch (finding) {
            case DISABLED ->
                revoked(
                        Reason.DISABLED,
                        "the key is disabled",
                        "ask the customer to enable the key, in this version, again");
            case EXPIRED ->
                revoked(
                        Reason.EXPIRED,
                        "the key has expired; what it wrapped before still unwraps",
                        "ask the customer to rotate the key, or to move its date of expiry");
            case NOT_YET_VALID ->
                revoked(
                        Reason.EXPIRED,
                        "the key is not valid yet; what it wrapped before still unwraps",
                        "ask the customer from when on the key is to be used, and to move its date of activation");
            default -> null;
        };
    }

    private KekException byAnswer(HttpResponseException e, SecondLook look) {
        int status = AzureFailure.status(e);
        KekException known = byCode(e);
        if (known != null) {
            return known;
        }
        return switch (status) {
            case 429 ->
                new KekThrottledException(failure("Azure asks for fewer calls")
                        .operatorAction("wait and try again; the quota is that of the customer's vault"));
            case 401 -> tokenRefused(e);
            case 403 -> forbidden(e, look);
            case 404 -> notFound(e, look);
            case 409 -> unreachable("the key is just being deleted, recovered or made");
            case 408 -> unreachable("Azure did not answer in time");
            default ->
                status >= 500
                        ? unreachable("Azure failed to answer the call")
                        : configuration(
                                "Azure does not accept the call",
                                "see the code and the cause; check the URL of the key, and its kind: an AES key has to be"
                                        + " named as one");
        };
    }

    private @Nullable KekException byCode(HttpResponseException e) {
        String code = detail(e);
        if (NETWORK_RULES.contains(code)) {
            return denied(
                    "the network rules of the vault do not let the call through",
                    "ask the customer to let the addresses of this process through the firewall of the vault, or its private"
                            + " endpoint");
        }
        if (DENIALS.contains(code)) {
            return denied("access to the key is denied", ALLOW);
        }
        if (hasCode(e, "BadParameter")) {
            return badParameter(e);
        }
        return switch (code) {
            case "KeyDisabled" -> byState(Finding.DISABLED);
            case "KeyOperationForbidden" -> operationForbidden();
            default -> null;
        };
    }

    /** What a key allows is its owner's to say; of one that worked that is a way to withdraw it. */
    private KekException operationForbidden() {
        String what = "the key does not allow the operation";
        String toDo = "ask the customer to permit wrapKey and unwrapKey among the key's operations (key_ops)";
        return question.worked() && question.operation() == Operation.UNWRAP
                ? revoked(Reason.UNAVAILABLE_BY_CUSTOMER, what, toDo)
                : configuration(what, toDo);
    }

    /** One code for what is wrong with the call, and for bytes that are not a wrap of this key. */
    private @Nullable KekException badParameter(HttpResponseException e) {
        if (AzureFailure.status(e) != 400
                || question.operation() != Operation.UNWRAP
                || AzureFailure.text(e).startsWith("method ")) {
            return null;
        }
        return invalid("key, version and wrapped bytes do not belong together");
    }

    private KekException tokenRefused(HttpResponseException e) {
        return AzureFailure.text(e).contains("akv10032")
                ? configuration(
                        "the vault does not accept the token: it is of another tenant than the vault",
                        "check that the credential may take tokens of the customer's tenant (additionallyAllowedTenants) and"
                                + " calls the right cloud (authorityHost)")
                : configuration(
                        "the vault does not accept the token of this process",
                        "check the credential that this process calls Azure with, and its clock");
    }

    private KekException forbidden(HttpResponseException e, SecondLook look) {
        KekException state = byState(look.finding());
        if (state != null) {
            return state;
        }
        if (look.finding() == Finding.NOTHING && question.operation() == Operation.WRAP) {
            String text = AzureFailure.text(e);
            Finding told = text.contains("expired")
                    ? Finding.EXPIRED
                    : text.contains("not yet valid") ? Finding.NOT_YET_VALID : Finding.NOTHING;
            KekException byText = byState(told);
            if (byText != null) {
                return byText;
            }
        }
        if (look.finding() == Finding.NOTHING && detail(e).isEmpty()) { // Azure always gives a code.
            return configuration(
                    "another server has answered in the place of Azure",
                    "check the proxies between this process and the vault");
        }
        return denied("access to the key is denied", ALLOW);
    }

    private KekException notFound(HttpResponseException e, SecondLook look) {
        if (look.finding() == Finding.SOFT_DELETED) {
            return pendingDeletion(look.date());
        }
        if (!hasCode(e, "KeyNotFound")) {
            return denied(
                    "there is no such vault",
                    "ask the customer whether the vault was deleted, and to recover it; check the URL of the key");
        }
        if (!question.worked() && look.finding() == Finding.NO_SUCH_VERSION) {
            return invalid("the key has no version that could have wrapped it");
        }
        if (!question.worked()) {
            return new KekNotFoundException(failure("there is no such key, or no such version of it")
                    .operatorAction(
                            "check the URL: vault and name of the key; if the key once worked, it was deleted"));
        }
        if (look.finding() == Finding.MISSING) {
            return revoked(
                    Reason.PENDING_DELETION,
                    "the key, or this version of it, is not found, and not among the deleted keys either, as long as Azure is"
                            + " about to delete or to recover it",
                    "ask the customer whether the key was deleted, and to recover it at once; what stays so for "
                            + MissingKeys.SETTLED.toMinutes() + " minutes is told as deleted for good");
        }
        return look.finding() == Finding.GONE || look.finding() == Finding.NO_SUCH_VERSION
                ? revoked(
                        Reason.DELETED,
                        "the key, or this version of it, worked before and does not exist any more, not among the deleted"
                                + " keys either",
                        "tell the customer that what this key alone protects cannot be read any more, unless they have a"
                                + " backup of the key")
                : revoked(
                        Reason.PENDING_DELETION,
                        "the key was deleted; whether it can be recovered is not known, since Azure does not let this process"
                                + " ask",
                        "ask the customer to recover the key at once, before it is purged");
    }

    private KekException pendingDeletion(@Nullable Instant date) {
        String when = date == null ? "" : ", and is purged on " + date.truncatedTo(ChronoUnit.SECONDS);
        Failure failure = failure("the key was deleted, can be recovered" + when)
                .operatorAction("ask the customer to recover the key before it is purged");
        return date == null
                ? new KekRevokedException(failure, Reason.PENDING_DELETION)
                : new KekRevokedException(failure, date);
    }

    /** No answer came, or none that the SDK understood. */
    private KekException withoutAnswer(RuntimeException e, SecondLook look) {
        if (look.finding() == Finding.NO_SUCH_HOST) {
            return denied(
                    "the vault has no address any more, while that of its cloud's sign-in is found",
                    "ask the customer whether the vault was deleted, and to recover it; check the URL of the key, and the name"
                            + " service if the vault has a private endpoint");
        }
        if (inChain(t -> t instanceof CertificateException || t instanceof CertPathBuilderException)) {
            return configuration(
                    "the certificate of the vault's host is not trusted",
                    "check what stands between this process and Azure, and the trusted certificates of this JVM");
        }
        if (inChain(
                t -> t instanceof HttpTimeoutException && !(t instanceof java.net.http.HttpConnectTimeoutException))) {
            return unreachable("Azure did not answer in time");
        }
        if (inChain(ConnectException.class::isInstance)) {
            return unreachable("Azure cannot be reached");
        }
        if (inChain(AnswerShape.Foreign.class::isInstance)) {
            return unreachable("the answer is not one of Azure Key Vault or Microsoft Entra");
        }
        if (AzureFailure.ofTheNetwork(e) || inChain(InterruptedException.class::isInstance)) {
            return unreachable("Azure cannot be reached, or its answer was cut");
        }
        if (e.getClass() == RuntimeException.class) {
            return configuration(
                    "the Azure SDK refuses to make the call",
                    "see the cause; the vault may have asked for a token that is for others than Key Vault");
        }
        return unreachable(
                "the answer is not one of Azure Key Vault (" + e.getClass().getName() + ")");
    }

    private KekException denied(String what, String operatorAction) {
        return revoked(Reason.DENIED, what, operatorAction);
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
        Failure told = Failure.of(question.kekId(), what)
                .cause(failure != null && AzureFailure.mayBeTold(failure) ? new SdkFailure(failure) : null);
        if (answer != null) {
            told.rawCode(orNull(detail(answer)))
                    .requestId(orNull(AzureFailure.requestId(answer)))
                    .retryAfter(AzureFailure.retryAfter(answer));
        }
        return told;
    }

    private static @Nullable String orNull(String word) {
        return word.isEmpty() ? null : word;
    }

    private boolean inChain(Predicate<Throwable> what) {
        return AzureFailure.chain(failure).anyMatch(what);
    }
}
