package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandardInputTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsReadToItsEnd() throws IOException {
        Path file = Files.writeString(folder.resolve("in"), "some text");
        try (StandardInput in = new StandardInput(new FileInputStream(file.toFile()))) {
            assertThat(in.available()).isEqualTo(9);
            assertThat(in.read()).isEqualTo('s');
            assertThat(in.read(new byte[0])).isZero();
            assertThat(in.readAllBytes()).asString().isEqualTo("ome text");
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void anInterruptEndsTheReadingOfAPipeThatGivesNothing() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CompletableFuture<OutputStream> other = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.newOutputStream(pipe);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try (StandardInput in = new StandardInput(new FileInputStream(pipe.toFile()))) {
                failure.complete(new AssertionError("it read " + in.read()));
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        reader.start();
        try (OutputStream writer = other.get(30, TimeUnit.SECONDS)) {
            assertThat(writer).as("the other end, which gives nothing").isNotNull();
            while (!reader.isInterrupted() && !failure.isDone()) {
                reader.interrupt();
            }
            assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(ClosedByInterruptException.class);
        }
        reader.join();
    }
}
