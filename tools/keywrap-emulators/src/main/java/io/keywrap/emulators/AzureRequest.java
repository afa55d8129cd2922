package io.keywrap.emulators;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** One HTTP request as it came. */
final class AzureRequest {
    private final String method;
    private final URI uri;
    private final Headers headers;
    private final byte[] body;
    private final String requestId = UUID.randomUUID().toString();

    /** Of a body that stays the caller's, and is not changed before the answer. */
    AzureRequest(String method, URI uri, Headers headers, byte[] body) {
        this.method = method.toUpperCase(Locale.ROOT);
        this.uri = uri;
        this.headers = headers;
        this.body = body;
    }

    String method() {
        return method;
    }

    /** The path, not decoded: its double slashes mean something. */
    String path() {
        return Optional.ofNullable(uri.getRawPath()).orElse("");
    }

    boolean hasQuery(String name) {
        return ("&" + Optional.ofNullable(uri.getRawQuery()).orElse("")).contains("&" + name + "=");
    }

    /** What the client calls this server, with the port. */
    String host() {
        return header("Host").orElse("");
    }

    /** The key ids of an answer begin with the host that the client asked, as those of a vault do. */
    String base() {
        return "https://" + host();
    }

    Optional<String> authorization() {
        return header("Authorization");
    }

    /** What the client says it is. */
    String userAgent() {
        return header("User-Agent").orElse("");
    }

    private Optional<String> header(String name) {
        return Optional.ofNullable(headers.getFirst(name));
    }

    byte[] body() {
        return body;
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The id in the answer. */
    String requestId() {
        return requestId;
    }

    /** Without the body, the headers and the query, which may have secrets. */
    @Override
    public String toString() {
        return "AzureRequest[" + method + " " + path() + ", " + requestId + "]";
    }
}
