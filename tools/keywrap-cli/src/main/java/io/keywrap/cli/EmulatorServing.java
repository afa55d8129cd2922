package io.keywrap.cli;

import com.google.gson.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** What all commands that imitate a cloud do: open a port, say what is ready behind it, and serve until they are ended. */
abstract class EmulatorServing implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;

    private final KeywrapCommand root;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to listen on; 0 takes any that is free. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private int port;

    @Option(
            names = "--events",
            description =
                    "Print each request as the cloud's own log would show it, an AWS encryption context included, one"
                            + " line of JSON each, on standard output. Default: no requests.")
    private boolean events;

    EmulatorServing(KeywrapCommand root) {
        this.root = root;
    }

    /**
     * Starts the emulator with one key.
     *
     * @param port the port; 0 for any that is free
     * @param log takes each request as a line of JSON; empty if nobody wants it
     * @return what is ready
     * @throws UsageException if an option cannot be
     * @throws UncheckedIOException if the port is taken
     * @throws IOException if a file that goes with it cannot be written
     */
    abstract Ready start(int port, Optional<Consumer<String>> log) throws IOException;

    @Override
    public final Integer call() throws IOException, InterruptedException {
        try (Ready ready = open()) {
            // An emulator whose key and port nobody knows is of no use. That nobody was told is reported at the end.
            if (announce(ready)) {
                new CountDownLatch(1).await();
            }
        }
        return ExitCode.DONE;
    }

    /** What an option says to an emulator, which knows better what can be. */
    static <B> B checked(Supplier<B> builder) {
        try {
            return builder.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private Ready open() throws IOException {
        if (port < 0 || port > MAX_PORT) {
            throw new UsageException("--port is " + port + "; a port is 0 to " + MAX_PORT);
        }
        try {
            return start(port, events ? Optional.of(this::print) : Optional.empty());
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage() + "; to do: end what listens there, or choose another --port", e);
        }
    }

    private synchronized void print(String event) {
        root.host().print(event);
    }

    /** In one line as JSON, since a reader cannot wait for the end; false if it could not be written. */
    private synchronized boolean announce(Ready ready) {
        if (root.json()) {
            JsonObject variables = new JsonObject();
            ready.environment.forEach(variables::addProperty);
            JsonObject result = new JsonObject();
            result.addProperty("kek", ready.kek);
            ready.name.ifPresent(name -> result.addProperty(name.getKey().toLowerCase(Locale.ROOT), name.getValue()));
            result.addProperty("endpoint", ready.endpoint);
            result.add("environment", variables);
            return root.host().print(result.toString());
        }
        StringBuilder text =
                new StringBuilder("# " + ready.service + " at " + ready.endpoint + "; end it with Ctrl-C\n");
        text.append("# KEK  ").append(ready.kek).append('\n');
        ready.name.ifPresent(name -> text.append("# ")
                .append(name.getKey())
                .append("  ")
                .append(name.getValue())
                .append('\n'));
        ready.environment.forEach((variable, value) -> text.append("export ")
                .append(variable)
                .append('=')
                .append(value)
                .append('\n'));
        text.append("# try  ").append(ready.trial);
        return root.host().print(text.toString());
    }

    /**
     * An emulator that serves.
     *
     * @param end ends it
     * @param service whose service it imitates
     * @param endpoint where it listens
     * @param kek the URI of its key
     * @param name what the cloud calls such a name, and that of its key; empty if the URI has it as it is
     * @param environment what leads clients to it
     * @param trial a command to begin with
     */
    record Ready(
            Closeable end,
            String service,
            String endpoint,
            String kek,
            Optional<Map.Entry<String, String>> name,
            Map<String, String> environment,
            String trial)
            implements Closeable {
        @Override
        public void close() throws IOException {
            end.close();
        }
    }
}
