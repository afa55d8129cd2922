package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.azure.WireRow.Op;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.AzureKey;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Answers that are not to be trusted, over the wire: none gives a DEK, and none holds up whoever asked. */
class AzureAnswerTest extends AzureFixture {
    @Test
    void ofAnotherKeyOrVersionIsRefused() {
        WrappedDek wrapped = wrap(provider);
        AzureKey other = vault.emulator.createKey();
        String version = "0123456789abcdef0123456789abcdef";
        for (String kid : List.of(
                other.versionedId(),
                key.versionedId().replace("localhost", "127.0.0.1"),
                "https://keywrap-test.vault.azure.net/keys/" + key.name() + "/" + version,
                "https://evil.example/keys/" + key.name() + "/" + version,
                key.versionedId() + "/x",
                key.version(),
                "")) {
            vault.emulator.injectAlways(AzureFault.wrongField("kid", kid));
            assertFails(InvalidWrappedDekException.class, () -> wrap(provider));
            assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, context, deadline()));
            vault.emulator.recover();
        }
        vault.emulator.injectAlways(AzureFault.wrongField("kid", key.id() + "/" + version));
        assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, context, deadline()));
    }

    @Test
    void withoutAVersionIsRefused() {
        WrappedDek wrapped = wrap(provider);
        vault.emulator.injectAlways(AzureFault.wrongField("kid", key.id()));
        assertFails(InvalidWrappedDekException.class, () -> wrap(provider));
        assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, context, deadline()));
        vault.emulator.recover();
        vault.emulator.injectAlways(AzureFault.missingField("kid"));
        assertFails(KekUnreachableException.class, () -> wrap(provider));
        assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline()));
    }

    @Test
    void withBytesOfAnotherLengthIsRefused() {
        WrappedDek wrapped = wrap(provider);
        for (int length : new int[] {1, 32, 63, 65, 128, 1024, 4096}) {
            vault.emulator.injectAlways(AzureFault.wrongValue(new byte[length]));
            assertFails(InvalidWrappedDekException.class, () -> wrap(provider));
            assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, context, deadline()));
            vault.emulator.recover();
        }
    }

    @Test
    void withAnotherDekIsRefused() {
        WrappedDek wrapped = wrap(provider);
        vault.emulator.injectAlways(AzureFault.wrongValue(new byte[64]));
        assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, context, deadline()));
    }

    @Test
    void withoutBytesIsAnOutage() {
        WrappedDek wrapped = wrap(provider);
        vault.emulator.injectAlways(AzureFault.missingField("value"));
        assertFails(KekUnreachableException.class, () -> wrap(provider));
        assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline()));
    }

    @Test
    void thatTellsNothingIsAnOutage() {
        WrappedDek wrapped = wrap(provider);
        for (String body : List.of("", "{}", "null", "[]", "7", "<html>proxy</html>", "{\"kid\":", "{\"value\":7}")) {
            vault.emulator.injectAlways(AzureFault.answer(200, body));
            assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline()));
            assertFails(KekUnreachableException.class, () -> wrap(provider));
            assertFails(KekUnreachableException.class, () -> provider.status(deadline()));
            vault.emulator.recover();
        }
    }

    @Test
    void ofAbsurdSizeIsAnOutage() {
        WrappedDek wrapped = wrap(provider);
        vault.emulator.injectAlways(AzureFault.oversize(AnswerShape.MAX_BYTES));
        assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline()));
        vault.emulator.recover();
        vault.emulator.injectAlways(AzureFault.oversize(AnswerShape.MAX_BYTES / 2));
        assertOpens(provider, wrapped);
    }

    /** The SDK by itself reads such answers for ever. */
    @Test
    void ofAnotherShapeIsAnOutageAndKeepsNoThreadBusy() {
        WrappedDek wrapped = wrap(provider);
        for (String body : List.of(
                "{\"value\":[]}",
                "{\"kid\":{\"a\":{}}}",
                "{\"key\":[]}",
                "{\"attributes\":{\"enabled\":[]}}",
                "{\"key\":{\"key_ops\":[{}]}}",
                "{\"tags\":{\"a\":[]}}",
                "{\"tags\":{\"key_ops\":[]}}",
                "{\"tags\":{\"team\":\"a\",\"key_ops\":[\"wrapKey\"]}}",
                "{\"tags\":{\"key\":{}}}",
                "{\"key\":{\"tags\":{\"a\":\"b\"}}}",
                "{\"attributes\":{\"attributes\":{}}}",
                "{\"scheduledPurgeDate\":[]}")) {
            long before = System.nanoTime();
            vault.emulator.injectAlways(AzureFault.answer(200, body));
            assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline()));
            assertFails(KekUnreachableException.class, () -> provider.status(deadline()));
            assertThat(Duration.ofNanos(System.nanoTime() - before)).as(body).isLessThan(Duration.ofSeconds(5));
            vault.emulator.recover();
        }
    }

    /** MSAL by itself reads such answers for ever. */
    @Test
    void ofEntraInAnotherShapeIsAnOutageAndKeepsNoThreadBusy() {
        for (String body : List.of("{\"access_token\":[]}", "{\"expires_in\":[1]}", "{\"a\":{\"b\":[]}}")) {
            try (WireWorld world = new WireWorld()) {
                world.application();
                world.callBy(world.secret("known", world.emulator.tenant()));
                long before = System.nanoTime();
                world.emulator.injectAlways(AzureFault.answer(200, body).on("Token"));
                assertFails(KekUnreachableException.class, () -> world.call(Op.UNWRAP));
                assertThat(Duration.ofNanos(System.nanoTime() - before))
                        .as(body)
                        .isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    /** So does AD FS, whom MSAL asks for users with a password that their organisation signs in. */
    @Test
    void toSoapIsNoneOfEntraAndPasses() {
        byte[] soap =
                "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"/>".getBytes(StandardCharsets.UTF_8);
        HttpClient federation = request -> Mono.just(new FixedResponse(request, 200, new HttpHeaders(), soap));
        HttpPipeline pipeline = new HttpPipelineBuilder()
                .policies(new AnswerShape(HttpMethod.POST))
                .httpClient(federation)
                .build();
        HttpRequest request =
                new HttpRequest(HttpMethod.POST, "https://adfs.example/adfs/services/trust/13/usernamemixed");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> pipeline.sendSync(request, Context.NONE));
        request.setHeader(HttpHeaderName.CONTENT_TYPE, "application/soap+xml; charset=utf-8");
        try (HttpResponse answer = pipeline.sendSync(request, Context.NONE)) {
            assertThat(answer.getBodyAsBinaryData().toBytes()).isEqualTo(soap);
        }
    }
}
