package io.keywrap.emulators;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** An HTTP server on the loopback interface: its port, its threads, and waits that end with it. */
final class LoopbackServer implements AutoCloseable {
    private static final int MAX_BODY = 1 << 20;
    private static final int BACKLOG = 1024;

    static {
        // The JDK's server reads both once. Without the first it waits for an acknowledgement in the middle of every
        // answer; without the second it cuts the connections of a pool from the 201st on, as no KMS does.
        setUnlessGiven("sun.net.httpserver.nodelay", "true");
        setUnlessGiven("sun.net.httpserver.maxIdleConnections", "10000");
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();

    /**
     * Starts serving.
     *
     * @param factory makes a server that is bound to nothing; called after the properties of the JDK's server are set
     */
    LoopbackServer(Factory factory, int port, HttpHandler handler) throws IOException {
        this.server = factory.create();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "keywrap-emulator-" + port());
            thread.setDaemon(true);
            return thread;
        });
        server.createContext("/", exchange -> {
            clients.add(exchange.getRemoteAddress());
            try (exchange) {
                handler.handle(exchange);
            }
        });
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

    int connections() {
        return clients.size();
    }

    /** The body of a request; of one that is too long, one byte more than {@link #tooLong} allows. */
    static byte[] body(HttpExchange exchange) throws IOException {
        return exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    }

    static boolean tooLong(byte[] body) {
        return body.length > MAX_BODY;
    }

    /** Waits, in real time since the client does; false if the server was closed meanwhile. */
    boolean passes(Duration delay) {
        try {
            return !closed.await(delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    /** Makes a server. */
    interface Factory {
        HttpServer create() throws IOException;
    }
}
