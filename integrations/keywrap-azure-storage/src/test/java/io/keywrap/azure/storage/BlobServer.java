package io.keywrap.azure.storage;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The block blobs of Azure Storage on the wire, as far as the encrypting client needs them: put in one piece or in blocks, get
 * whole or by range, properties and metadata, conditions on the ETag. Shared-key signatures must be there, and are not checked.
 */
final class BlobServer implements AutoCloseable {
    static final String ACCOUNT = "devaccount";
    private static final int MAX_METADATA = 8 * 1024;
    private static final String META = "x-ms-meta-";
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
    private static final Pattern BLOCK_ID = Pattern.compile("<(?:Latest|Uncommitted|Committed)>([^<]+)</");

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // Or it waits for an acknowledgement in every answer.
    }

    /** A blob as it is stored; tests change it where the client is not looking. */
    static final class Stored {
        volatile byte[] content = {};
        final Map<String, String> metadata = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        final Map<String, byte[]> staged = new ConcurrentHashMap<>();
        volatile boolean committed;
        volatile String etag = "0x0";
    }

    private final Map<String, Stored> blobs = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger etags = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "blob-server");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;

    BlobServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/" + ACCOUNT + "/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + ACCOUNT;
    }

    /** A blob by {@code container/name}. */
    Stored blob(String path) {
        return blobs.get(path);
    }

    void put(String path, Stored blob) {
        blobs.put(path, blob);
    }

    /** Methods and, where there is one, what is asked for, such as {@code PUT block}. */
    List<String> requests() {
        return requests;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath().substring(ACCOUNT.length() + 2);
            Map<String, String> query = query(exchange);
            String what = query.getOrDefault("comp", "");
            requests.add((exchange.getRequestMethod() + " " + what).strip());
            if (!exchange.getRequestHeaders().getFirst("Authorization").startsWith("SharedKey " + ACCOUNT + ":")) {
                fail(exchange, 403, "AuthenticationFailed");
                return;
            }
            switch (exchange.getRequestMethod() + " " + what) {
                case "PUT " -> putBlob(exchange, path, body);
                case "PUT block" -> stage(exchange, path, query.get("blockid"), body);
                case "PUT blocklist" -> commit(exchange, path, new String(body, StandardCharsets.UTF_8));
                case "PUT metadata" -> setMetadata(exchange, path);
                case "GET ", "HEAD " -> get(exchange, path);
                default -> fail(exchange, 400, "UnsupportedOperation");
            }
        }
    }

    private static Map<String, String> query(HttpExchange exchange) {
        Map<String, String> query = new HashMap<>();
        @Nullable String raw = exchange.getRequestURI().getRawQuery();
        for (String pair : raw == null ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            query.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return query;
    }

    private void putBlob(HttpExchange exchange, String path, byte[] body) throws IOException {
        Stored blob = new Stored();
        if (accepts(exchange, blobs.get(path)) && takeMetadata(exchange, blob)) {
            finish(blob, body);
            blobs.put(path, blob);
            created(exchange, blob);
        }
    }

    private void stage(HttpExchange exchange, String path, String id, byte[] body) throws IOException {
        blobs.computeIfAbsent(path, name -> new Stored()).staged.put(id, body);
        answer(exchange, 201, new byte[0]);
    }

    private void commit(HttpExchange exchange, String path, String list) throws IOException {
        Stored blob = blobs.computeIfAbsent(path, name -> new Stored());
        if (!accepts(exchange, blob) || !takeMetadata(exchange, blob)) {
            return;
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        Matcher ids = BLOCK_ID.matcher(list);
        while (ids.find()) {
            content.writeBytes(blob.staged.get(ids.group(1)));
        }
        blob.staged.clear();
        finish(blob, content.toByteArray());
        created(exchange, blob);
    }

    private void setMetadata(HttpExchange exchange, String path) throws IOException {
        Stored blob = blobs.get(path);
        if (accepts(exchange, blob) && takeMetadata(exchange, blob)) {
            finish(blob, blob.content);
            describe(exchange, blob);
            answer(exchange, 200, new byte[0]);
        }
    }

    private void finish(Stored blob, byte[] content) {
        blob.content = content;
        blob.committed = true;
        blob.etag = "0x" + etags.incrementAndGet();
    }

    private static boolean accepts(HttpExchange exchange, @Nullable Stored blob) throws IOException {
        @Nullable String match = exchange.getRequestHeaders().getFirst("If-Match");
        boolean there = blob != null && blob.committed;
        if (match != null
                && !(there && match.replace("\"", "").equals(blob.etag))) { // The client leaves the quotes out.
            fail(exchange, 412, "ConditionNotMet");
            return false;
        }
        if ("*".equals(exchange.getRequestHeaders().getFirst("If-None-Match")) && there) {
            fail(exchange, 409, "BlobAlreadyExists");
            return false;
        }
        return true;
    }

    /** As Azure does it: names and values together, 8 KiB at the most. */
    private static boolean takeMetadata(HttpExchange exchange, Stored blob) throws IOException {
        Map<String, String> metadata = new HashMap<>();
        int length = 0;
        for (Map.Entry<String, List<String>> header :
                exchange.getRequestHeaders().entrySet()) {
            if (header.getKey().regionMatches(true, 0, META, 0, META.length())) {
                String name = header.getKey().substring(META.length()).toLowerCase(Locale.ROOT);
                metadata.put(name, header.getValue().get(0));
                length += name.length() + header.getValue().get(0).length();
            }
        }
        if (length > MAX_METADATA) {
            fail(exchange, 400, "MetadataTooLarge");
            return false;
        }
        blob.metadata.clear();
        blob.metadata.putAll(metadata);
        return true;
    }

    private void get(HttpExchange exchange, String path) throws IOException {
        @Nullable Stored blob = blobs.get(path);
        if (blob == null || !blob.committed) {
            fail(exchange, 404, "BlobNotFound");
        } else if (accepts(exchange, blob)) {
            describe(exchange, blob);
            blob.metadata.forEach((name, value) -> exchange.getResponseHeaders().set(META + name, value));
            exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
            exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(blob.content.length));
                exchange.sendResponseHeaders(200, -1);
            } else {
                content(exchange, blob.content);
            }
        }
    }

    private static void content(HttpExchange exchange, byte[] content) throws IOException {
        @Nullable String asked = exchange.getRequestHeaders().getFirst("x-ms-range");
        Matcher range = RANGE.matcher(asked == null ? "" : asked);
        if (!range.matches()) {
            answer(exchange, 200, content);
            return;
        }
        int from = Integer.parseInt(range.group(1));
        if (from >= content.length) {
            fail(exchange, 416, "InvalidRange");
            return;
        }
        int last = range.group(2).isEmpty()
                ? content.length - 1
                : (int) Math.min(content.length - 1L, Long.parseLong(range.group(2)));
        exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + last + "/" + content.length);
        answer(exchange, 206, Arrays.copyOfRange(content, from, last + 1));
    }

    private static void describe(HttpExchange exchange, Stored blob) {
        Headers headers = exchange.getResponseHeaders();
        headers.set("ETag", '"' + blob.etag + '"');
        headers.set("Last-Modified", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
        headers.set("x-ms-blob-type", "BlockBlob");
        headers.set("x-ms-version", "2025-01-05");
    }

    private static void created(HttpExchange exchange, Stored blob) throws IOException {
        describe(exchange, blob);
        answer(exchange, 201, new byte[0]);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    private static void fail(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().set("x-ms-error-code", code);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        String body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" + code + "</Code><Message>" + code
                + "</Message></Error>";
        answer(exchange, status, head ? new byte[0] : body.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
