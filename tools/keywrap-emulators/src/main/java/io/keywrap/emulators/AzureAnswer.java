package io.keywrap.emulators;

import java.util.Map;
import java.util.Optional;

/**
 * What goes back, and what goes wrong on the way.
 *
 * @param status the HTTP code
 * @param contentType the type of the body
 * @param headers more headers
 * @param body the body; empty for none
 * @param fault what happens to it
 */
record AzureAnswer(
        int status, String contentType, Map<String, String> headers, String body, Optional<AzureFault> fault) {
    static final String JSON = "application/json; charset=utf-8";

    static AzureAnswer json(int status, String body, Map<String, String> headers, Optional<AzureFault> fault) {
        return new AzureAnswer(status, JSON, headers, body, fault);
    }

    boolean is(AzureFault.Kind kind) {
        return fault.filter(f -> f.kind == kind).isPresent();
    }

    /** Without the body, which may have a plaintext. */
    @Override
    public String toString() {
        return "AzureAnswer[" + status + "]";
    }
}
