package io.keywrap.azure;

import com.azure.core.exception.HttpResponseException;
import com.azure.identity.CredentialUnavailableException;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.MsalThrottlingException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeywrapException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no token, as one of keywrap's failures. Credentials wrap what happened several times over, so all causes are looked
 * at. The numbers of Microsoft Entra (AADSTS…) may change, so they are hints: none is needed to tell an outage from a refusal.
 */
final class CredentialErrors {
    /** The customer's tenant does not have the application (700016, 7000229), or has switched it off (7000112). */
    private static final Set<String> WITHDRAWN = Set.of("AADSTS700016", "AADSTS7000229", "AADSTS7000112");

    /** Secret or certificate have expired (7000222) or are none of the application's (700027, 7000215). */
    private static final Set<String> OUT_OF_DATE = Set.of("AADSTS7000222", "AADSTS700027", "AADSTS7000215");

    /** What MSAL calls an answer that is none of Entra's (5xx without a status, pages of a proxy), and what OAuth calls outages. */
    private static final Set<String> NO_REFUSALS =
            Set.of("unknown", "invalid_json", "server_error", "temporarily_unavailable");

    private final RuntimeException failure;
    private final KekId kekId;
    private final String entraCode;

    private CredentialErrors(RuntimeException failure, KekId kekId) {
        this.failure = failure;
        this.kekId = kekId;
        this.entraCode = AzureFailure.entraCode(failure);
    }

    static KekException of(RuntimeException failure, KekId kekId) {
        return new CredentialErrors(failure, kekId).asKekException();
    }

    /** Whether Microsoft Entra refused: another certificate may do then. An outage, and being asked to wait, are no refusals. */
    static boolean isRefusal(RuntimeException failure) {
        int status = status(failure);
        return status >= 400 && status < 500 && status != 408 && status != 429;
    }

    private KekException asKekException() {
        Optional<KeywrapException> own = any(KeywrapException.class);
        if (own.isPresent()) {
            return ofCertificates(own.get());
        }
        if (WITHDRAWN.contains(entraCode)) {
            return new KekRevokedException(
                    failure(
                                    "the customer's tenant does not have the application of this process, or has switched it off")
                            .operatorAction(
                                    "ask the customer to consent to the application again, or to enable it; check its id and the"
                                            + " tenant of the vault"),
                    Reason.DENIED);
        }
        if (OUT_OF_DATE.contains(entraCode)) {
            return configuration(
                    "certificate or secret of the application have expired, or are not known to Microsoft Entra",
                    "renew the certificate or secret, and upload it to the application");
        }
        if (any(CredentialUnavailableException.class).isPresent()) {
            return configuration(
                    "no credentials for Azure are found",
                    "see the cause; give this process credentials by environment (AZURE_CLIENT_ID …), workload or managed"
                            + " identity, or sign in with the Azure CLI");
        }
        int status = status(failure);
        if (status == 429) {
            return new KekThrottledException(failure("Microsoft Entra asks for fewer calls")
                    .retryAfter(retryAfter())
                    .operatorAction("wait and try again"));
        }
        if (status >= 500 || status == 408 || isOutage()) {
            return new KekUnreachableException(
                    failure("there is no token: whoever gives them does not answer")
                            .operatorAction(
                                    "check the network to Microsoft Entra, or what gives this process its token; it can be tried again"));
        }
        if (told("additionallyallowedtenants")) {
            return configuration(
                    "the credential of this process may not take tokens of the customer's tenant",
                    "build the credential with additionallyAllowedTenants(\"*\"), or with the id of the vault's tenant");
        }
        return configuration(
                "Microsoft Entra does not accept the credentials of this process",
                "see the code and the cause; check tenant, application and its certificate or secret");
    }

    /** Certificates that are kept under a keychain of the vendor's could not be opened. */
    private KekException ofCertificates(KeywrapException own) {
        String what = "the certificates of the application cannot be opened";
        return own.retryable()
                ? new KekUnreachableException(failure(what).operatorAction("see the cause; it can be tried again"))
                : configuration(what, "see the cause");
    }

    /** The HTTP status of an answer; 0 if there is none. */
    private static int status(RuntimeException failure) {
        HttpResponseException answer = AzureFailure.answerOfAnybodyIn(failure);
        if (answer != null) {
            return AzureFailure.status(answer);
        }
        if (any(failure, MsalThrottlingException.class).isPresent()) {
            return 429;
        }
        Integer status = any(failure, MsalServiceException.class)
                .map(MsalServiceException::statusCode)
                .orElse(null);
        return status == null ? 0 : status;
    }

    private @Nullable Duration retryAfter() {
        HttpResponseException answer = AzureFailure.answerOfAnybodyIn(failure);
        return answer != null
                ? AzureFailure.retryAfter(answer)
                : any(MsalThrottlingException.class)
                        .map(e -> Duration.ofMillis(e.retryInMs()))
                        .orElse(null);
    }

    /** Nobody answered, or nobody was waited for any more. */
    private boolean isOutage() {
        return AzureFailure.ofTheNetwork(failure)
                || any(MsalServiceException.class)
                        .filter(e -> NO_REFUSALS.contains(String.valueOf(e.errorCode())))
                        .isPresent()
                || any(InterruptedException.class).isPresent()
                || any(CancellationException.class).isPresent();
    }

    private boolean told(String words) {
        return AzureFailure.chain(failure)
                .anyMatch(t ->
                        String.valueOf(t.getMessage()).toLowerCase(Locale.ROOT).contains(words));
    }

    private <T extends Throwable> Optional<T> any(Class<T> type) {
        return any(failure, type);
    }

    private static <T extends Throwable> Optional<T> any(RuntimeException failure, Class<T> type) {
        return AzureFailure.chain(failure)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
    }

    private KekException configuration(String what, String operatorAction) {
        return new KekConfigurationException(failure(what).operatorAction(operatorAction));
    }

    private Failure failure(String what) {
        return Failure.of(kekId, what)
                .rawCode(entraCode.isEmpty() ? null : entraCode)
                .cause(new SdkFailure(failure));
    }
}
