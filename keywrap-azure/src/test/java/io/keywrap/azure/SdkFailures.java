package io.keywrap.azure;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import io.keywrap.KekException;
import io.keywrap.azure.AzureErrors.Question;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Exceptions as the SDK throws them, and what keywrap makes of them. */
final class SdkFailures {
    private SdkFailures() {}

    static KekException map(RuntimeException e, Question question) {
        return AzureErrors.of(e, question, SecondLook.NOTHING);
    }

    static CredentialFailure credential(Throwable cause) {
        return new CredentialFailure(cause);
    }

    static HttpResponseException answer(int status, String code, String inner, String text) {
        return answer(status, code, inner, text, Map.of());
    }

    /** An answer with a body, if it has a code; without one otherwise, as from a proxy. */
    static HttpResponseException answer(
            int status, String code, String inner, String text, Map<String, String> headers) {
        @Nullable Map<String, Object> body = null;
        if (!code.isEmpty()) {
            Map<String, Object> error = new HashMap<>(Map.of("code", code, "message", text));
            if (!inner.isEmpty()) {
                error.put("innererror", Map.of("code", inner));
            }
            body = Map.of("error", error);
        }
        return new HttpResponseException(
                "Status code " + status + ", \"" + text + "\"", response(status, headers), body);
    }

    private static HttpResponse response(int status, Map<String, String> more) {
        HttpHeaders headers = new HttpHeaders().set(HttpHeaderName.X_MS_REQUEST_ID, "request-1");
        more.forEach((name, value) -> headers.set(HttpHeaderName.fromString(name), value));
        return new FixedResponse(
                new HttpRequest(HttpMethod.POST, "https://acme.vault.azure.net/keys/kek"), status, headers);
    }
}
