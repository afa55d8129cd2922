package io.keywrap.emulators;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.keywrap.emulators.KmsService.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** AWS KMS as an HTTP server: reads requests, writes answers, cuts connections. */
final class HttpFront implements AutoCloseable {
    private final KmsService service;
    private final LoopbackServer server;

    HttpFront(KmsService service, int port) throws IOException {
        this.service = service;
        this.server = new LoopbackServer(HttpServer::create, port, this::handle);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    int connections() {
        return server.connections();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = LoopbackServer.body(exchange);
        boolean tooLong = LoopbackServer.tooLong(body);
        if (!exchange.getRequestMethod().equals("POST") || tooLong) {
            exchange.sendResponseHeaders(tooLong ? 413 : 405, -1);
            return;
        }
        WireRequest wire = WireRequest.of(exchange.getRequestHeaders(), new String(body, StandardCharsets.UTF_8));
        send(exchange, wire, service.answer(wire));
    }

    private void send(HttpExchange exchange, WireRequest wire, Answer answer) throws IOException {
        if (answer.is(AwsFault.Kind.CUT)) {
            // Closing an exchange without an answer closes its connection.
            return;
        }
        if (answer.is(AwsFault.Kind.SLOW) && !server.passes(answer.fault().orElseThrow().delay)) {
            return;
        }
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("x-amzn-RequestId", wire.requestId());
        exchange.getResponseHeaders().set("Content-Type", answer.contentType());
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            OutputStream out = exchange.getResponseBody();
            out.write(body, 0, answer.is(AwsFault.Kind.TRUNCATED) ? body.length / 2 : body.length);
            out.flush();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
