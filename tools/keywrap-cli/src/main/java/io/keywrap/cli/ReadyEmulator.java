package io.keywrap.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;

/** An emulator as its command starts it, and what is said of it then: lines for a shell, or JSON. */
final class ReadyEmulator {
    private static final int MAX_PORT = 65_535;

    private final String service;
    private final URI endpoint;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();

    ReadyEmulator(String service, URI endpoint) {
        this.service = service;
        this.endpoint = endpoint;
    }

    /** Refuses what is no port, before anything is started. */
    static void requirePort(int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new UsageException("--port is " + port + "; a port is 0 to " + MAX_PORT);
        }
    }

    /** Opens the port, or says what to do about it. */
    static <E> E start(IntFunction<E> emulator, int port) throws IOException {
        try {
            return emulator.apply(port);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage() + "; to do: end what listens there, or choose another --port", e);
        }
    }

    /** Adds what else there is to know, by a name in capitals. */
    ReadyEmulator fact(String name, String value) {
        facts.put(name, value);
        return this;
    }

    /** Adds a variable that points clients at the emulator. */
    ReadyEmulator variable(String name, Object value) {
        environment.put(name, value.toString());
        return this;
    }

    /**
     * Prints it, as JSON in one line since a reader cannot wait for the end; false if it could not be written.
     *
     * @param attempt a command to begin with
     */
    boolean announce(KeywrapCommand root, String attempt) {
        if (root.json()) {
            JsonObject variables = new JsonObject();
            environment.forEach(variables::addProperty);
            JsonObject result = new JsonObject();
            facts.forEach((name, value) -> result.addProperty(name.toLowerCase(Locale.ROOT), value));
            result.addProperty("endpoint", endpoint.toString());
            result.add("environment", variables);
            return root.host().print(result.toString());
        }
        StringBuilder text = new StringBuilder("# " + service + " at " + endpoint + "; end it with Ctrl-C\n");
        facts.forEach((name, value) ->
                text.append("# ").append(name).append("  ").append(value).append('\n'));
        environment.forEach((name, value) ->
                text.append("export ").append(name).append('=').append(value).append('\n'));
        return root.host().print(text.append("# try  ").append(attempt).toString());
    }
}
