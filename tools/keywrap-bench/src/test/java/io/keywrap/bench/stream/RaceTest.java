package io.keywrap.bench.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.bench.stream.Entry.Mode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That every contestant still runs and gives back what it got, and every figure gets to the file. */
class RaceTest {
    private static final String BYTES = Integer.toString(2 << 20);

    @TempDir
    private Path folder;

    @Nested
    class OfAHeat {
        @Test
        void everyContestantEncryptsAndDecryptsInMemory() throws Exception {
            for (Entry entry : here(Mode.MEMORY)) {
                assertThat(figures(entry, "memory"))
                        .as(entry.id())
                        .containsExactlyInAnyOrder("memory-encrypt", "memory-decrypt");
            }
        }

        @Test
        void everyContestantEncryptsAndDecryptsFiles() throws Exception {
            for (Entry entry : here(Mode.FILE)) {
                assertThat(figures(entry, "file", "--dir", folder.toString()))
                        .as(entry.id())
                        .containsExactlyInAnyOrder("file-encrypt", "file-decrypt");
            }
        }

        @Test
        void everyContestantThatSeeksReadsAtRandom() throws Exception {
            for (Entry entry : here(Mode.RANDOM)) {
                assertThat(figures(entry, "random", "--dir", folder.toString(), "--reads", "5"))
                        .as(entry.id())
                        .containsExactlyInAnyOrder("random-read/median", "random-read/99th percentile");
            }
        }

        @Test
        void anotherPlaintextFails() {
            Contestant broken = new Broken();
            assertThatThrownBy(() -> Memory.check(broken, Ends.period(1000)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("not what was encrypted");
        }

        @Test
        void anotherPlaintextInAFileFails() throws Exception {
            Options options = new Options("file", "--bytes", "1000", "--dir", folder.toString());
            try (FileToFile files = new FileToFile(new Broken(), Ends.period(1000), options)) {
                assertThatThrownBy(() -> files.decrypt(1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("not what was encrypted");
            }
        }

        private List<Entry> here(Mode mode) {
            return Entries.all().stream()
                    .filter(entry ->
                            entry.modes().contains(mode) && !entry.jce().needsAccp())
                    .toList();
        }

        private List<String> figures(Entry entry, String word, String... more) throws Exception {
            List<String> arguments = new ArrayList<>(List.of(word, "--bytes", BYTES));
            arguments.addAll(List.of(more));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Heat.run(
                    entry,
                    new Options(arguments.toArray(String[]::new)),
                    new PrintStream(out, true, StandardCharsets.UTF_8));
            return out.toString(StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", 3))
                    .filter(parts -> parts[0].equals("figure"))
                    .filter(parts -> Double.parseDouble(parts[2]) > 0)
                    .map(parts -> parts[1])
                    .toList();
        }
    }

    @Nested
    class OfARace {
        @Test
        void aFreshProcessIsMeasuredFromFileToFile() throws Exception {
            assertThat(race("fresh", "^keywrap, 64 KiB segments, SunJCE, 1$"))
                    .hasSize(2)
                    .allMatch(line -> line.contains("\"contestant\":\"keywrap, 64 KiB segments\",\"group\":\"keywrap\"")
                            && line.contains("\"provider\":\"SunJCE\",\"threads\":1,\"unit\":\"MB/s\""))
                    .anyMatch(line -> line.startsWith("{\"question\":\"fresh-encrypt\""))
                    .anyMatch(line -> line.startsWith("{\"question\":\"fresh-decrypt\""));
        }

        @Test
        void aProcessIsAskedForItsMemory() throws Exception {
            assertThat(race("footprint", "^bare loop, 64 KiB segments, SunJCE"))
                    .hasSize(2)
                    .allMatch(line -> line.contains("\"unit\":\"MB\",\"better\":\"lower\""))
                    .anyMatch(line -> line.startsWith("{\"question\":\"peak-rss\""))
                    .anyMatch(line -> line.startsWith("{\"question\":\"smallest-heap\""));
        }

        @Test
        void contestantsTakeTurnsAndGiveOneSeriesEach() throws Exception {
            List<String> lines = race("memory", "^plain copy");
            assertThat(lines).hasSize(2).allMatch(line -> line.matches(".*\"values\":\\[[0-9.]+,[0-9.]+],.*"));
        }

        private List<String> race(String word, String only) throws Exception {
            Path out = folder.resolve("figures.jsonl");
            ByteArrayOutputStream progress = new ByteArrayOutputStream();
            Options options = new Options(
                    word,
                    "--out",
                    out.toString(),
                    "--bytes",
                    BYTES,
                    "--rounds",
                    "1",
                    "--dir",
                    folder.toString(),
                    "--only",
                    only);
            int failures = new Race(options, new PrintStream(progress, true, StandardCharsets.UTF_8)).run();
            assertThat(failures).as(progress.toString(StandardCharsets.UTF_8)).isZero();
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left).containsExactly(out);
            }
            return Files.readAllLines(out);
        }
    }

    @Test
    void noTwoContestantsHaveOneName() {
        Set<String> names = new HashSet<>();
        assertThat(Entries.all()).allMatch(entry -> names.add(entry.id()));
    }

    /** Copies, and is wrong by a bit. */
    private static final class Broken implements Contestant {
        @Override
        public void encrypt(InputStream plaintext, OutputStream sink) throws IOException {
            byte[] bytes = plaintext.readAllBytes();
            bytes[bytes.length / 2] ^= 1;
            sink.write(bytes);
        }

        @Override
        public void decrypt(InputStream ciphertext, OutputStream sink) throws IOException {
            ciphertext.transferTo(sink);
        }
    }
}
