package io.keywrap.cli;

import java.io.BufferedInputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the command has of the world outside of files.
 *
 * @param in standard input, for data
 * @param out standard output, for data and results
 * @param err standard error, for messages
 * @param environment the environment variables
 * @param prompt asks the person at the terminal
 * @param terminal whether standard error is a terminal
 * @param home the root of the checkout that the launcher belongs to
 */
record Host(
        InputStream in,
        OutputStream out,
        PrintStream err,
        Map<String, String> environment,
        Prompt prompt,
        boolean terminal,
        Optional<Path> home) {

    /** The host of this process. The launcher says what a JVM cannot find out by itself. */
    static Host ofProcess() {
        // From Java 22 on a console is there even without a terminal, unless this one is asked for.
        System.setProperty("jdk.console", "java.base");
        return new Host(
                new BufferedInputStream(new StandardInput(new FileInputStream(FileDescriptor.in))),
                new StandardOutput(new FileOutputStream(FileDescriptor.out)),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.getenv(),
                Host::askConsole,
                Boolean.getBoolean("keywrap.terminal"),
                Optional.ofNullable(System.getProperty("keywrap.home")).map(Path::of));
    }

    /** Standard output for data, whose writing ends when the KEK is revoked. */
    OutputStream dataOut() {
        if (out instanceof ResultStream results) {
            results.endByInterrupts();
        }
        return out;
    }

    /** The same host with another standard output. */
    Host withOut(OutputStream other) {
        return new Host(in, other, err, environment, prompt, terminal, home);
    }

    /** Prints a text to standard output, in UTF-8; false if that was not possible. */
    boolean print(String text) {
        PrintStream printer = new PrintStream(out, false, StandardCharsets.UTF_8);
        printer.println(text);
        return !printer.checkError();
    }

    /** One line without what could steer a terminal, for names and values that others have chosen. */
    static String visible(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    @SuppressWarnings("SystemConsoleNull") // null without a terminal, by the property that ofProcess sets
    private static char @Nullable [] askConsole(String label) {
        Console console = System.console();
        return console == null ? null : console.readPassword("%s", label);
    }

    /** Asks a person for a password. */
    interface Prompt {
        /**
         * Asks without echo.
         *
         * @param label what to ask for
         * @return a new array; null if there is no terminal, or the person ended the input
         */
        char @Nullable [] ask(String label);
    }
}
