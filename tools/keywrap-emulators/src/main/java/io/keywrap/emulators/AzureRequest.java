package io.keywrap.emulators;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * One HTTP request as it came.
 *
 * @param method such as {@code POST}
 * @param path the path, not decoded: its double slashes mean something
 * @param query the query, not decoded; empty if there is none
 * @param host what the client calls this server, with the port
 * @param authorization the header
 * @param requestId the id in the answer
 * @param userAgent what the client says it is
 * @param body the body as text
 */
record AzureRequest(
        String method,
        String path,
        String query,
        String host,
        Optional<String> authorization,
        String requestId,
        String userAgent,
        byte[] body) {

    static AzureRequest of(String method, URI uri, Headers headers, byte[] body) {
        return new AzureRequest(
                method.toUpperCase(Locale.ROOT),
                Optional.ofNullable(uri.getRawPath()).orElse(""),
                Optional.ofNullable(uri.getRawQuery()).orElse(""),
                Optional.ofNullable(headers.getFirst("Host")).orElse(""),
                Optional.ofNullable(headers.getFirst("Authorization")),
                UUID.randomUUID().toString(),
                Optional.ofNullable(headers.getFirst("User-Agent")).orElse(""),
                body);
    }

    /** The key ids of an answer begin with the host that the client asked, as those of a vault do. */
    String base() {
        return "https://" + host;
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    boolean hasQuery(String name) {
        return ("&" + query).contains("&" + name + "=");
    }

    /** Without the body, the header and the query, which may have secrets. */
    @Override
    public String toString() {
        return "AzureRequest[" + method + " " + path + ", " + requestId + "]";
    }
}
