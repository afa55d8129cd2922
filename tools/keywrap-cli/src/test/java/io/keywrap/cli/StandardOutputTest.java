package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandardOutputTest {
    /** More than a pipe takes. */
    private static final byte[] MUCH = new byte[4 << 20];

    @TempDir
    Path folder;

    @Test
    void allOfAFileIsWritten() throws IOException {
        Path file = folder.resolve("out");
        try (StandardOutput out = new StandardOutput(new FileOutputStream(file.toFile()))) {
            out.write('s');
            out.write(new byte[0]);
            out.write("xome textx".getBytes(), 1, 8);
            out.flush();
            assertThat(file).hasContent("some text");
            out.write(MUCH);
        }
        assertThat(file).hasSize(9L + MUCH.length);
    }

    @Test
    void whatTheShellAppendsToIsAppendedTo() throws IOException {
        Path file = Files.writeString(folder.resolve("out"), "before, ");
        try (StandardOutput out = new StandardOutput(new FileOutputStream(file.toFile(), true))) {
            out.write("after".getBytes());
        }
        assertThat(file).hasContent("before, after");
    }

    @Test
    void resultsAreWrittenByAThreadThatIsInterruptedAndAllOfThem() throws IOException {
        Path file = folder.resolve("out");
        try (StandardOutput out = new StandardOutput(new FileOutputStream(file.toFile()))) {
            Thread.currentThread().interrupt();
            out.write("an event".getBytes());
            assertThat(Thread.interrupted()).isTrue();
            out.write(", and the next".getBytes());
        }
        assertThat(file).hasContent("an event, and the next");
    }

    @Test
    void noPartOutsideOfTheArrayIsWritten() throws IOException {
        try (StandardOutput out =
                new StandardOutput(new FileOutputStream(folder.resolve("out").toFile()))) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> out.write(new byte[3], 2, 2));
        }
    }

    @Test
    void anInterruptEndsTheWritingToAPipeThatTakesNothing() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CompletableFuture<InputStream> other = CompletableFuture.supplyAsync(() -> open(pipe));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        AtomicLong written = new AtomicLong();
        Thread writer = new Thread(() -> {
            try (StandardOutput out = new StandardOutput(new FileOutputStream(pipe.toFile()))) {
                out.endByInterrupts();
                while (written.get() < MUCH.length) {
                    out.write(MUCH, 0, 1000);
                    written.addAndGet(1000);
                }
                failure.complete(new AssertionError("it wrote all of it"));
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        writer.setDaemon(true);
        writer.start();
        try (InputStream reader = other.get(30, TimeUnit.SECONDS)) {
            assertThat(reader).as("the other end, which takes nothing").isNotNull();
            while (!writer.isInterrupted() && !failure.isDone()) {
                writer.interrupt();
            }
            assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(ClosedByInterruptException.class);
        }
        writer.join();
    }

    private static InputStream open(Path pipe) {
        try {
            return Files.newInputStream(pipe);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
