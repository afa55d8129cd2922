package io.keywrap.cli;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A customer disables a key by a plain request to the KMS, while a command waits for a pipe that gives no more: each a process of
 * its own.
 */
class InFlightIT {
    private static final Duration START = Duration.ofSeconds(60);
    private static final String EVERY = "5s";

    /** TIME and a tenth, what a call may take, and room for a busy machine; by the default it would take over 48 s. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private AwsProcessEmulator emulator;
    private AwsProcess keywrap;
    private Path place;
    private final byte[] plaintext = new byte[2_000_000];

    @BeforeEach
    void start() throws Exception {
        emulator = new AwsProcessEmulator(folder);
        keywrap = new AwsProcess(folder, emulator.endpoint, "aws-kms://" + emulator.arn);
        place = Files.createDirectory(folder.resolve("place"));
        new Random(1).nextBytes(plaintext);
        AwsProcess.assertDone(keywrap.create());
    }

    @AfterEach
    void end() throws Exception {
        emulator.end();
    }

    @Test
    void whatWaitsForAPipeEndsWithinTheBoundAndLeavesNothing() throws Exception {
        assertEndsByDisableKey("encrypt", plaintext);
        byte[] envelope = assertDoes("encrypt", plaintext);
        assertEndsByDisableKey("decrypt", envelope);
        assertThat(assertDoes("decrypt", envelope)).isEqualTo(plaintext);
    }

    /** Here the other way round: the pipe takes no more. */
    @Test
    void whatWaitsForAPipeThatTakesNothingEndsWithinTheBound() throws Exception {
        Path source = Files.write(folder.resolve("source"), plaintext);
        Path err = folder.resolve("out.err");
        Process process = command("encrypt", source.toString(), "-")
                .redirectError(err.toFile())
                .start();
        try (InputStream pipe = process.getInputStream()) {
            assertThat(pipe.readNBytes(1000)).as(Files.readString(err)).hasSize(1000);
            AwsWire.call(emulator.endpoint, "DisableKey", emulator.arn);
            assertThat(process.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS))
                    .as("it has ended within " + BOUND)
                    .isTrue();
        } finally {
            process.destroyForcibly();
            AwsWire.call(emulator.endpoint, "EnableKey", emulator.arn);
        }
        assertThat(err).content().contains("the key is disabled", emulator.arn, "; to do: ");
        assertThat(process.exitValue()).isEqualTo(4);
    }

    private ProcessBuilder command(String verb) {
        return command(verb, "-", "place/out");
    }

    private ProcessBuilder command(String verb, String in, String out) {
        return keywrap.command(
                verb,
                "--store",
                "store",
                "--keychain",
                "t",
                "--seal-kek",
                "aws-kms://" + emulator.arn,
                "--prove-every",
                EVERY,
                in,
                out);
    }

    private byte[] assertDoes(String verb, byte[] source) throws Exception {
        AwsProcess.assertDone(JarProcess.run(command(verb), source));
        byte[] target = Files.readAllBytes(place.resolve("out"));
        Files.delete(place.resolve("out"));
        return target;
    }

    private void assertEndsByDisableKey(String verb, byte[] source) throws Exception {
        Path err = folder.resolve(verb + ".err");
        Process process = command(verb).redirectError(err.toFile()).start();
        try (OutputStream pipe = process.getOutputStream()) {
            give(pipe, Arrays.copyOf(source, source.length / 2), err);
            awaitSegments();
            AwsWire.call(emulator.endpoint, "DisableKey", emulator.arn);
            assertThat(process.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS))
                    .as("it has ended within " + BOUND)
                    .isTrue();
        } finally {
            process.destroyForcibly();
            AwsWire.call(emulator.endpoint, "EnableKey", emulator.arn);
        }
        assertThat(err)
                .content()
                .contains("the key is disabled", emulator.arn, "; to do: ")
                .hasLineCount(1);
        assertThat(process.exitValue()).isEqualTo(4);
        assertThat(place).isEmptyDirectory();
    }

    private static void give(OutputStream pipe, byte[] bytes, Path err) throws IOException {
        try {
            pipe.write(bytes);
            pipe.flush();
        } catch (IOException e) {
            throw new AssertionError("it takes no more: " + Files.readString(err), e);
        }
    }

    /** Until it has written some of its hidden file, for which it needs the DEK. */
    private void awaitSegments() throws Exception {
        long deadline = System.nanoTime() + START.toNanos();
        try (WatchService changes = place.getFileSystem().newWatchService()) {
            place.register(changes, ENTRY_CREATE, ENTRY_MODIFY);
            while (written() < 200_000) {
                WatchKey change = changes.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                assertThat(change).as("segments within " + START).isNotNull();
                change.reset();
            }
        }
    }

    private long written() throws Exception {
        try (Stream<Path> files = Files.list(place)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
