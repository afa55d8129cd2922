package io.keywrap.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An answer is refused in words of keywrap's own, or passes as it came; and then Azure's client reads it to an end. */
class AnswerShapeFuzzTest {
    private static final String VAULT = "https://fuzz.vault.azure.net";
    private static final String KEY = VAULT + "/keys/kek/0123456789abcdef0123456789abcdef";
    private static final Set<String> REFUSALS =
            Set.of("the answer is longer than any of Azure", "the answer does not have the shape of one of Azure");

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "answer.dict")
    void passesOrIsRefused(byte[] input) throws Exception {
        Cost.of(input, () -> {
            HttpPipeline pipeline = pipeline(input);
            try (HttpResponse answer = pipeline.sendSync(new HttpRequest(HttpMethod.GET, KEY), Context.NONE)) {
                Same.bytes(answer.getBodyAsBinaryData().toBytes(), input);
            } catch (UncheckedIOException refused) {
                Same.value(refused.getCause().getClass(), AnswerShape.Foreign.class);
                Same.value(REFUSALS.contains(refused.getCause().getMessage()), true);
                return;
            }
            Same.value(input.length <= AnswerShape.MAX_BYTES, true);
            ends(() -> new KeyClientBuilder()
                    .pipeline(pipeline)
                    .vaultUrl(VAULT)
                    .buildClient()
                    .getKey("kek"));
            ends(() -> new CryptographyClientBuilder()
                    .pipeline(pipeline)
                    .keyIdentifier(KEY)
                    .disableKeyCaching()
                    .buildClient()
                    .unwrapKey(KeyWrapAlgorithm.RSA_OAEP_256, new byte[256]));
        });
    }

    /** What the client makes of it is tested where failures are told apart; here it has to come back. */
    private static void ends(Runnable reading) {
        try {
            reading.run();
        } catch (RuntimeException failed) {
            // As it may.
        }
    }

    private static HttpPipeline pipeline(byte[] body) {
        HttpClient server = request -> Mono.just(new Answer(request, body));
        return new HttpPipelineBuilder()
                .policies(new AnswerShape(HttpMethod.GET), new AnswerShape(HttpMethod.POST))
                .httpClient(server)
                .build();
    }

    /** With a body that has come already, and no header. */
    private static final class Answer extends HttpResponse {
        private final byte[] body;

        Answer(HttpRequest request, byte[] body) {
            super(request);
            this.body = body;
        }

        @Override
        public int getStatusCode() {
            return 200;
        }

        @Override
        public HttpHeaders getHeaders() {
            return new HttpHeaders();
        }

        @Override
        @Deprecated
        public @Nullable String getHeaderValue(String name) {
            return null;
        }

        @Override
        public Mono<byte[]> getBodyAsByteArray() {
            return Mono.just(body);
        }

        @Override
        public Flux<ByteBuffer> getBody() {
            return getBodyAsByteArray().map(ByteBuffer::wrap).flux();
        }

        @Override
        public Mono<String> getBodyAsString() {
            return getBodyAsString(StandardCharsets.UTF_8);
        }

        @Override
        public Mono<String> getBodyAsString(Charset charset) {
            return getBodyAsByteArray().map(bytes -> new String(bytes, charset));
        }
    }
}
