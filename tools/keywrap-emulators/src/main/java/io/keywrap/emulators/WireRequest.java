package io.keywrap.emulators;

import com.sun.net.httpserver.Headers;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request as its headers describe it, before anything of it is checked.
 *
 * @param query whether it is of the query protocol, which STS speaks
 * @param operation the operation; empty if it names none
 * @param authorization the header with the signature
 * @param body the body
 * @param requestId the id that the answer will have
 * @param userAgent what the client says it is
 */
record WireRequest(
        boolean query,
        String operation,
        Optional<String> authorization,
        String body,
        String requestId,
        String userAgent) {
    private static final Pattern SCOPE = Pattern.compile(
            "AWS4-HMAC-SHA256 .*?Credential=(?<id>[^/ ,]+)/\\d{8}/(?<region>[a-z0-9-]+)/(?<service>[a-z0-9-]+)/aws4_request.*");
    private static final String TARGET = "TrentService.";

    static WireRequest of(Headers headers, String body) {
        String type = header(headers, "Content-Type").orElse("");
        boolean query = type.startsWith("application/x-www-form-urlencoded");
        String target = header(headers, "X-Amz-Target").orElse("");
        String operation =
                query ? Sts.action(body) : target.startsWith(TARGET) ? target.substring(TARGET.length()) : "";
        return new WireRequest(
                query,
                operation,
                header(headers, "Authorization"),
                body,
                UUID.randomUUID().toString(),
                header(headers, "User-Agent").orElse(""));
    }

    private static Optional<String> header(Headers headers, String name) {
        return Optional.ofNullable(headers.getFirst(name));
    }

    Optional<String> accessKeyId() {
        return scope("id");
    }

    Optional<String> region() {
        return scope("region");
    }

    Optional<String> service() {
        return scope("service");
    }

    private Optional<String> scope(String group) {
        return authorization.map(SCOPE::matcher).filter(Matcher::matches).map(scope -> scope.group(group));
    }

    /** Without the body, which may have a plaintext, and without the signature. */
    @Override
    public String toString() {
        return "WireRequest[" + operation + ", " + requestId + "]";
    }
}
