package io.keywrap.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpPipelineNextSyncPolicy;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.azure.json.JsonProviders;
import com.azure.json.JsonReader;
import com.azure.json.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Lets an answer pass if it is JSON of the shape that those of Azure have, and not too long: of Key Vault to a GET, and of Key
 * Vault and Microsoft Entra to a POST. What reads them in the SDK expects this without looking: an array in the place of a text
 * makes it read on behind the end, for ever, and cannot be interrupted.
 */
final class AnswerShape implements HttpPipelinePolicy {
    static final int MAX_BYTES = 64 * 1024;

    private static final String ROOT = "";
    private static final String KEY = "key";
    private static final String ATTRIBUTES = "attributes";

    /** Fields whose value is an object, by the field that they are in; no name is of two. */
    private static final Map<String, Set<String>> OBJECTS = Map.of(
            ROOT, Set.of(KEY, ATTRIBUTES, "tags", "release_policy"),
            ATTRIBUTES, Set.of("attestation"));

    /** Of a key the value of this is an array of texts. All other values are single. */
    private static final String ARRAY = "key_ops";

    private final HttpMethod method;

    /** For the answers to one method; all others pass, and those that are no JSON since they are to SOAP. */
    AnswerShape(HttpMethod method) {
        this.method = method;
    }

    @Override
    public Mono<HttpResponse> process(HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
        return next.process().map(this::checked);
    }

    @Override
    public HttpResponse processSync(HttpPipelineCallContext context, HttpPipelineNextSyncPolicy next) {
        return checked(next.processSync());
    }

    private HttpResponse checked(HttpResponse answer) {
        HttpRequest request = answer.getRequest();
        if (answer.getStatusCode() / 100 != 2 || request.getHttpMethod() != method || isSoap(request)) {
            return answer;
        }
        try {
            if (declaredBytes(answer) > MAX_BYTES) {
                throw new Foreign("the answer is longer than any of Azure");
            }
            HttpResponse buffered = answer.buffer();
            byte[] body = buffered.getBodyAsBinaryData().toBytes();
            if (body.length > MAX_BYTES) {
                throw new Foreign("the answer is longer than any of Azure");
            }
            requireShape(body);
            return buffered;
        } catch (IOException e) {
            answer.close();
            throw new UncheckedIOException(e);
        }
    }

    /** As MSAL asks the AD FS of an organisation, for users with a password; what it reads of the answer is XML. */
    private static boolean isSoap(HttpRequest request) {
        String type = request.getHeaders().getValue(HttpHeaderName.CONTENT_TYPE);
        return type != null && type.startsWith("application/soap+xml");
    }

    private static long declaredBytes(HttpResponse answer) {
        String length = answer.getHeaderValue(HttpHeaderName.CONTENT_LENGTH);
        return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : 0;
    }

    private static void requireShape(byte[] body) throws IOException {
        try (JsonReader reader = JsonProviders.createReader(body)) {
            if (reader.nextToken() != JsonToken.START_OBJECT) {
                throw foreign();
            }
            readObject(reader, ROOT);
        } catch (IOException | RuntimeException e) {
            throw foreign(); // What the reader says of the text may quote it.
        }
    }

    /** Reads an object that has begun, at most two in one another. */
    private static void readObject(JsonReader reader, String name) throws IOException {
        JsonToken token = reader.nextToken();
        while (token == JsonToken.FIELD_NAME) {
            readValue(reader, name, String.valueOf(reader.getFieldName()));
            token = reader.nextToken();
        }
        if (token != JsonToken.END_OBJECT) {
            throw foreign();
        }
    }

    private static void readValue(JsonReader reader, String parent, String name) throws IOException {
        JsonToken token = reader.nextToken();
        if (token == JsonToken.START_OBJECT
                && OBJECTS.getOrDefault(parent, Set.of()).contains(name)) {
            readObject(reader, name);
        } else if (token == JsonToken.START_ARRAY && parent.equals(KEY) && name.equals(ARRAY)) {
            readTexts(reader);
        } else if (!isSingle(token)) {
            throw foreign();
        }
    }

    private static void readTexts(JsonReader reader) throws IOException {
        JsonToken token;
        do {
            token = reader.nextToken();
        } while (token == JsonToken.STRING);
        if (token != JsonToken.END_ARRAY) {
            throw foreign();
        }
    }

    private static boolean isSingle(@Nullable JsonToken token) {
        return token == JsonToken.STRING
                || token == JsonToken.NUMBER
                || token == JsonToken.BOOLEAN
                || token == JsonToken.NULL;
    }

    private static Foreign foreign() {
        return new Foreign("the answer does not have the shape of one of Azure");
    }

    /** An answer that came, and is none of Azure; another attempt would get the same. */
    static final class Foreign extends IOException {
        private static final long serialVersionUID = 1L;

        Foreign(String message) {
            super(message);
        }
    }
}
