package io.keywrap.emulators;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** Key Vault and Entra ID as one https server: reads requests, writes answers, cuts connections. */
final class AzureFront implements AutoCloseable {
    private final Function<AzureRequest, AzureAnswer> service;
    private final LoopbackServer server;

    AzureFront(Function<AzureRequest, AzureAnswer> service, SSLContext tls, int port) throws IOException {
        this.service = service;
        this.server = new LoopbackServer(() -> https(tls), port, this::handle);
    }

    private static HttpServer https(SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create();
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    int port() {
        return server.port();
    }

    URI endpoint() {
        return URI.create("https://localhost:" + port());
    }

    int connections() {
        return server.connections();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = LoopbackServer.body(exchange);
        if (LoopbackServer.tooLong(body)) {
            exchange.sendResponseHeaders(413, -1);
            return;
        }
        AzureRequest request = new AzureRequest(
                exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body);
        send(exchange, request, service.apply(request));
        Arrays.fill(body, (byte) 0);
    }

    private void send(HttpExchange exchange, AzureRequest request, AzureAnswer answer) throws IOException {
        // Closing an exchange without an answer closes its connection.
        if (answer.is(AzureFault.Kind.CUT)) {
            return;
        }
        if (answer.is(AzureFault.Kind.HANG)) {
            server.passes(Duration.ofDays(1));
            return;
        }
        if (answer.is(AzureFault.Kind.SLOW) && !server.passes(answer.fault().orElseThrow().delay)) {
            return;
        }
        exchange.getResponseHeaders().set("x-ms-request-id", request.requestId());
        exchange.getResponseHeaders().set("x-ms-keyvault-service-version", "1.9.0");
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        if (body.length > 0) {
            exchange.getResponseHeaders().set("Content-Type", answer.contentType());
        }
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            OutputStream out = exchange.getResponseBody();
            out.write(body, 0, answer.is(AzureFault.Kind.TRUNCATED) ? body.length / 2 : body.length);
            out.flush();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
