package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration on a small tree. */
class DemoTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void tree() throws Exception {
        command = new TestRun(folder);
        command.write("tree/a.txt", "");
        command.write("tree/sub/b.txt", "b".repeat(200_000));
        Files.createDirectories(folder.resolve("tree/empty"));
    }

    private static List<Path> leftovers() throws Exception {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("keywrap-demo-"))
                    .toList();
        }
    }

    @Test
    void itShowsEveryStepAndCleansUp() throws Exception {
        List<Path> before = leftovers();

        assertThat(command.run("demo", command.path("tree"))).as(command.err()).isZero();

        assertThat(command.out())
                .contains("2 files", "1. ", "2. ", "3. ", "4. ", "5. ", "6. ", "MB/s")
                .contains("SHA-256 of every file is that of the original")
                .contains("one byte flipped: AuthenticationFailedException")
                .contains("cut in half: TruncatedEnvelopeException")
                .contains("another file's place: AuthenticationFailedException")
                .contains("another keychain: AuthenticationFailedException")
                .contains("KEK withdrawn: KekNotFoundException")
                .contains("What to try next");
        assertThat(leftovers()).isEqualTo(before);
    }

    @Test
    void itGivesJson() {
        command.must("demo", command.path("tree"), "--json");

        JsonObject result = command.outJson();
        assertThat(result.getAsJsonObject("encrypt").get("files").getAsInt()).isEqualTo(2);
        assertThat(result.get("sha256Same").getAsBoolean()).isTrue();
        assertThat(result.getAsJsonObject("large").get("decryptSeconds").getAsDouble())
                .isPositive();
        assertThat(StreamSupport.stream(result.getAsJsonArray("refused").spliterator(), false)
                        .map(JsonElement::getAsJsonObject)
                        .map(one -> one.get("exitCode").getAsInt()))
                .containsExactly(3, 3, 3, 3, 4);
    }

    @Test
    void linksAreLeftOutAndNothingElseIsTouched() throws Exception {
        Files.createSymbolicLink(folder.resolve("tree/link"), Path.of("a.txt"));

        assertThat(command.run("demo", command.path("tree"))).isZero();

        assertThat(command.out()).contains("left out: link");
        try (Stream<Path> files = Files.walk(folder.resolve("tree"))) {
            assertThat(files).hasSize(6);
        }
    }

    @Test
    void aFolderWithoutFilesIsAUsageError() {
        assertThat(command.run("demo", command.path("tree/empty"))).isEqualTo(2);
        assertThat(command.run("demo", command.path("missing"))).isEqualTo(2);
        assertThat(command.run("demo", command.path("tree/a.txt"))).isEqualTo(2);
    }

    @Test
    void anExpectationThatDoesNotHoldEndsIt() {
        assertThatCode(() -> Demo.expect(true, "fine")).doesNotThrowAnyException();
        assertThatThrownBy(() -> Demo.expect(false, "wrong"))
                .isInstanceOf(ExpectationException.class)
                .hasMessageContaining("wrong");
    }
}
