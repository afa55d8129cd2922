package io.keywrap.emulators;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.keywrap.emulators.KmsService.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The HTTP server on the loopback interface: reads requests, writes answers, cuts connections. */
final class HttpFront implements AutoCloseable {
    private static final int MAX_BODY = 1 << 20;
    private static final int BACKLOG = 1024;

    static {
        // The JDK's server reads both once. Without the first it waits for an acknowledgement in the middle of every
        // answer; without the second it cuts the connections of a pool from the 201st on, as no KMS does.
        setUnlessGiven("sun.net.httpserver.nodelay", "true");
        setUnlessGiven("sun.net.httpserver.maxIdleConnections", "10000");
    }

    private final KmsService service;
    private final HttpServer server;
    private final ExecutorService threads;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();

    HttpFront(KmsService service, int port) throws IOException {
        this.service = service;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "keywrap-emulator-" + port());
            thread.setDaemon(true);
            return thread;
        });
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + port());
    }

    int connections() {
        return clients.size();
    }

    private void handle(HttpExchange exchange) throws IOException {
        clients.add(exchange.getRemoteAddress());
        try (exchange) {
            byte[] body = read(exchange.getRequestBody());
            if (!exchange.getRequestMethod().equals("POST") || body.length > MAX_BODY) {
                exchange.sendResponseHeaders(body.length > MAX_BODY ? 413 : 405, -1);
                return;
            }
            WireRequest wire = WireRequest.of(exchange.getRequestHeaders(), new String(body, StandardCharsets.UTF_8));
            send(exchange, wire, service.answer(wire));
        }
    }

    private void send(HttpExchange exchange, WireRequest wire, Answer answer) throws IOException {
        if (answer.is(AwsFault.Kind.CUT)) {
            // Closing an exchange without an answer closes its connection.
            return;
        }
        if (answer.is(AwsFault.Kind.SLOW) && !passes(answer.fault().orElseThrow().delay)) {
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

    /** Waits, in real time since the client does; false if the server was closed meanwhile. */
    private boolean passes(Duration delay) {
        try {
            return !closed.await(delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static byte[] read(InputStream in) throws IOException {
        return in.readNBytes(MAX_BODY + 1);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
