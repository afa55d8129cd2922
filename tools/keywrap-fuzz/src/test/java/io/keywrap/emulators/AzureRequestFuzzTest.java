package io.keywrap.emulators;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.net.httpserver.Headers;
import io.keywrap.TimeSource;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Any request to the emulator of Key Vault and Entra ID is answered as they do, and never with an exception that would cut the
 * connection. An input is method and URI, the authorization unless the line is empty, and the body, each on a line.
 */
class AzureRequestFuzzTest {
    private static final AzureService.Names NAMES =
            new AzureService.Names("keywrap-test", "22222222-2222-4222-8222-222222222222", "https://vault.azure.net");
    private static final String CLIENT = "11111111-1111-4111-8111-111111111111";

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "azure.dict")
    void isAnswered(byte[] input) throws Exception {
        String[] lines = Same.text(input).split("\n", 3);
        String[] request = lines[0].split(" ", 2);
        if (request.length < 2 || isSlow(lines[0])) {
            return;
        }
        URI uri;
        try {
            uri = URI.create(request[1]); // What the HTTP server of the JDK has refused before.
        } catch (IllegalArgumentException refused) {
            return;
        }
        Service service = new Service();
        Headers headers = new Headers();
        headers.set("Host", "localhost:8443");
        String authorization = lines.length > 1 ? lines[1].replace("\r", "") : "";
        headers.set("Authorization", authorization.isEmpty() ? service.bearer() : authorization);
        byte[] body = lines.length > 2 ? lines[2].getBytes(StandardCharsets.UTF_8) : new byte[0];
        Cost.of(input, () -> {
            AzureAnswer answer = service.answering.answer(new AzureRequest(request[0], uri, headers, body));
            Same.value(answer.status() >= 200 && answer.status() < 500, true);
        });
    }

    /** Makes RSA keys, which takes up to seconds. */
    private static boolean isSlow(String line) {
        return line.contains("create") || line.contains("rotate");
    }

    /** With one RSA key and one application. */
    private static final class Service {
        final AzureService answering;
        private final EntraTokens tokens;

        Service() {
            TimeSource time = TimeSource.system();
            VaultStore store = new VaultStore(time);
            AzureKeySpec spec = AzureKeySpec.rsa(2048).named("kek");
            store.put("kek", VaultVersion.make(spec, store.pairs, store.now()));
            tokens = new EntraTokens(time, NAMES.tenant(), NAMES.resource());
            EntraService entra = new EntraService(time, NAMES.tenant(), tokens);
            entra.register(CLIENT);
            answering = new AzureService(
                    store,
                    entra,
                    tokens,
                    NAMES,
                    new AzureAccess(CLIENT, NAMES, false),
                    new FaultRules<>(time),
                    new RequestLog<>(event -> {}));
        }

        String bearer() {
            return "Bearer " + tokens.issue(CLIENT, Duration.ofHours(1));
        }
    }
}
