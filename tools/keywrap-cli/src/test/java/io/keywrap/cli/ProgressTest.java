package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the bar is shown. */
class ProgressTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final PrintStream terminal = new PrintStream(shown, true, StandardCharsets.UTF_8);
    private long now;

    private String read(PrintStream to, long expected, long nanosPerRead) {
        try (Progress progress = new Progress(to, "encrypt", () -> now)) {
            progress.expect(expected);
            for (int read = 0; read < 100; read += 10) {
                progress.advance(10);
                now += nanosPerRead;
            }
        }
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shortWorkShowsNothing() throws Exception {
        assertThat(read(terminal, 100, 1)).isEmpty();
    }

    @Test
    void manyBytesShowTheBarAtOnce() throws Exception {
        assertThat(read(terminal, 65L << 20, 1)).contains("encrypt", "MiB");
    }

    @Test
    void muchTimeShowsTheBar() throws Exception {
        assertThat(read(terminal, 100, 300_000_000)).contains("encrypt");
    }

    @Test
    void anUnknownLengthShowsTheBarToo() throws Exception {
        assertThat(read(terminal, Progress.UNKNOWN, 300_000_000)).contains("encrypt");
    }

    @Test
    void withoutATerminalThereIsNone() throws Exception {
        assertThat(read(null, 65L << 20, 300_000_000)).isEmpty();
    }

    @Test
    void filesAreCountedWhereLittleOfThemIsRead() {
        try (Progress progress = Progress.ofFiles(terminal, "check", () -> now)) {
            progress.expect(3);
            progress.step();
            assertThat(shown.size()).isZero();
            now += 2_000_000_000L;
            progress.step();
            progress.step();
        }

        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("check", "3/3 files");
    }

    @Test
    void jsonHasNone(@TempDir Path folder) throws Exception {
        TestRun command = TestRun.withKeychain(folder);
        command.terminal = true;
        byte[] large = new byte[65 << 20];
        java.nio.file.Files.write(folder.resolve("large"), large);

        assertThat(command.encrypt(command.path("large"), command.path("out"), "--json"))
                .isZero();
        assertThat(command.err()).isEmpty();

        assertThat(command.encrypt(command.path("large"), command.path("out"))).isZero();
        assertThat(command.err()).contains("100%");

        command.terminal = false;
        assertThat(command.encrypt(command.path("large"), command.path("out"))).isZero();
        assertThat(command.err()).doesNotContain("%").hasLineCount(1);
    }

    @Test
    void whatIsDoneOfAnEstimateMayBeSaidAsAWhole() throws Exception {
        try (Progress progress = Progress.ofDeks(terminal, "rewrap", () -> now)) {
            progress.at(1, 100);
            now += 2_000_000_000L;
            progress.at(40, 200);
            progress.at(50, 300);
        }

        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("rewrap", "50/300 DEKs");
    }
}
