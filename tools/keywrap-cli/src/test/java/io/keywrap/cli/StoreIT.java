package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share a store. */
class StoreIT {
    private static final int ROTATIONS = 4;

    @TempDir
    Path folder;

    private StoreRun at;

    @BeforeEach
    void store() throws Exception {
        at = new StoreRun(folder);
    }

    private ProcessBuilder keywrap(String... arguments) {
        ProcessBuilder builder = JarProcess.command(folder, arguments);
        builder.environment().put("KEYWRAP_KEYSTORES", "main=main.p12");
        builder.environment().put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);
        return builder;
    }

    @Test
    void rotationsAtOnceLoseNothing() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < ROTATIONS; i++) {
            processes.add(keywrap("keychain", "rotate", "--store", "store", "--id", "b")
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start());
        }
        for (Process process : processes) {
            assertThat(JarProcess.exitCode(process)).isZero();
        }

        at.command.must("keychain", "show", "--store", at.command.path("store"), "--id", "b", "--json");
        JsonObject shown = at.command.outJson();
        assertThat(shown.get("revision").getAsInt()).isEqualTo(1 + ROTATIONS);
        assertThat(shown.getAsJsonArray("deks")).hasSize(1 + ROTATIONS);
    }

    @Test
    void aDiskThatIsFullIsNamedByTheFileThatDoesNotFit() throws Exception {
        Files.write(folder.resolve("plain"), new byte[1 << 20]);
        List<String> line = new ArrayList<>(List.of("bash", "-c", "ulimit -f 64; exec \"$@\"", "-", JarProcess.JAVA));
        line.addAll(List.of("-XX:-UsePerfData", "-jar", JarProcess.JAR.toString()));
        line.addAll(List.of("encrypt", "--store", "store", "--keychain", "b", "plain", "e.kwrp"));
        ProcessBuilder builder = JarProcess.inFolder(folder, line);
        builder.environment().put("KEYWRAP_KEYSTORES", "main=main.p12");
        builder.environment().put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);

        JarProcess.Result result = JarProcess.run(builder, new byte[0]);

        assertThat(result.err())
                .startsWith("keywrap: File too large; it is to have ")
                .contains("; to do: make room, or name another target: e.kwrp");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(folder.resolve("e.kwrp")).doesNotExist();
    }

    @Test
    void problemsAreAResultOnStandardOutput() throws Exception {
        at.edit("b");

        JarProcess.Result result = JarProcess.run(
                keywrap("store", "check", "--store", "store", "--seal-kek", "keystore:main#kek", "--json"),
                new byte[0]);

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).isEmpty();
        assertThat(JsonParser.parseString(result.out())
                        .getAsJsonObject()
                        .getAsJsonObject("counts")
                        .get("SEAL_BROKEN")
                        .getAsInt())
                .isEqualTo(1);
    }
}
