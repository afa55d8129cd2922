package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that move a store from one KEK to another. */
class RewrapIT {
    private static final int KEYCHAINS = 12;

    @TempDir
    Path folder;

    private StoreRun at;

    @BeforeEach
    void store() throws Exception {
        at = new StoreRun(folder);
        for (int i = 0; i < KEYCHAINS; i++) {
            at.create("k" + i);
        }
    }

    private ProcessBuilder keywrap(String... arguments) {
        ProcessBuilder builder = JarProcess.command(folder, arguments);
        builder.environment().put("KEYWRAP_KEYSTORES", "main=main.p12");
        builder.environment().put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);
        return builder;
    }

    private ProcessBuilder rewrap(String... more) {
        List<String> all = new ArrayList<>(List.of("rewrap", "--store", "store", "--seal-kek", "keystore:main#kek"));
        all.addAll(List.of("--from", "keystore:main#kek", "--to", "keystore:main#other", "--json"));
        all.addAll(List.of(more));
        return keywrap(all.toArray(String[]::new));
    }

    private static JsonObject json(JarProcess.Result result) {
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }

    private static int moved(JsonObject report) {
        JsonObject outcomes = report.getAsJsonObject("outcomes");
        return outcomes.has("MOVED") ? outcomes.get("MOVED").getAsInt() : 0;
    }

    @Test
    void processesAtOnceMoveEachDekAndNoEnvelope() throws Exception {
        Files.writeString(folder.resolve("plain"), "text");
        JarProcess.run(keywrap("encrypt", "--store", "store", "--keychain", "b", "plain", "e.kwrp"), new byte[0]);
        Path envelope = folder.resolve("e.kwrp");
        Files.setLastModifiedTime(envelope, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        byte[] before = Files.readAllBytes(envelope);
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            processes.add(rewrap().redirectOutput(folder.resolve("out" + i).toFile())
                    .redirectError(Redirect.DISCARD)
                    .start());
        }
        for (Process process : processes) {
            assertThat(JarProcess.exitCode(process)).isZero();
        }

        JarProcess.Result again = JarProcess.run(rewrap(), new byte[0]);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(moved(json(again))).isZero();
        assertThat(Files.readAllBytes(envelope)).isEqualTo(before);
        assertThat(Files.getLastModifiedTime(envelope).toInstant()).isEqualTo("2020-01-01T00:00:00Z");
        JarProcess.Result cutOver = JarProcess.run(
                keywrap(
                        "rewrap",
                        "--store",
                        "store",
                        "--seal-kek",
                        "keystore:main#kek",
                        "--from",
                        "keystore:main#kek",
                        "--cut-over"),
                new byte[0]);
        assertThat(cutOver.exitCode()).as(cutOver.out() + cutOver.err()).isZero();
        assertThat(JarProcess.run(
                                keywrap("decrypt", "--store", "store", "--keychain", "b", "e.kwrp", "restored"),
                                new byte[0])
                        .exitCode())
                .isZero();
        assertThat(folder.resolve("restored")).hasContent("text");
    }

    @Test
    void anInterruptEndsItCleanlyAndTheNextRunDoesTheRest() throws Exception {
        // DEKs that were begun are finished, so only one is begun at a time.
        Process process = rewrap("--rate", "1/s", "--concurrency", "1")
                .redirectError(Redirect.DISCARD)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (isUntouched() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid()))
                .start()
                .waitFor();

        assertThat(JarProcess.exitCode(process)).isEqualTo(5);
        JsonObject first =
                JsonParser.parseString(Files.readString(folder.resolve("out"))).getAsJsonObject();
        assertThat(first.get("cancelled").getAsBoolean()).isTrue();
        assertThat(moved(first)).isPositive().isLessThan(KEYCHAINS + 2);

        JarProcess.Result rest = JarProcess.run(rewrap("--resume", "--rate", "1000/s"), new byte[0]);
        assertThat(rest.exitCode()).as(rest.out() + rest.err()).isZero();
        assertThat(moved(json(rest)) + moved(first)).isEqualTo(KEYCHAINS + 2);
    }

    private boolean isUntouched() {
        at.command.must(
                "keychain", "list", "--store", at.command.path("store"), "--kek", "keystore:main#other", "--json");
        return at.command.outJson().getAsJsonArray("keychains").isEmpty();
    }
}
