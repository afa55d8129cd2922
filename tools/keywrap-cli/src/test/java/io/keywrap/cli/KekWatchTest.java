package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a watch begins and ends; what it prints of events is in {@link WatchLinesTest}. */
class KekWatchTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void store() throws Exception {
        command = TestRun.withKeychain(folder);
    }

    private String[] watch(String period, String... more) {
        String[] first = {"kek", "watch", "--store", command.path("store"), "--seal-kek", "keystore:main#kek"};
        return Stream.of(first, new String[] {"--for", period}, more)
                .flatMap(Stream::of)
                .toArray(String[]::new);
    }

    @Test
    void itSaysWhatItWatchesAndHowLongAWithdrawalTakesToShow() {
        assertThat(command.run(watch("1s", "--interval", "5s"))).isZero();

        // 5 s and a fifth, 5 s for a call, a second; a denial twice 5 s and a fifth, and two calls and seconds more.
        assertThat(command.out())
                .contains("watching ", " of " + command.path("store"), "within 12 s, a denial within 36 s")
                .hasLineCount(1);
        assertThat(command.err()).isEmpty();
    }

    @Test
    void theSameAsJsonInOneLine() {
        command.must(watch("1s", "--json"));

        assertThat(command.out()).hasLineCount(1);
        JsonObject first = JsonParser.parseString(command.out()).getAsJsonObject();
        assertThat(first.keySet())
                .containsExactly(
                        "time", "event", "store", "sealKek", "watched", "boundSeconds", "boundOfDenialsSeconds");
        assertThat(first.get("event").getAsString()).isEqualTo("watching");
        assertThat(first.get("boundSeconds").getAsInt()).isEqualTo(78);
    }

    @Test
    void itEndsWhenNobodyReadsIt() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int single) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        int exitCode = command.run(broken, watch("10m"));

        assertThat(exitCode).isEqualTo(ExitCode.OTHER);
        assertThat(command.err()).contains("standard output cannot be written");
    }

    @Test
    void aStoreThatIsNotThereIs6() {
        assertThat(command.run("kek", "watch", "--store", command.path("none"), "--seal-kek", "keystore:main#kek"))
                .isEqualTo(6);
    }

    @Test
    void noOtherProcessHearsOfIt() throws Exception {
        command.must(watch("1s"));

        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.endsWith(".note"));
        }
    }
}
