package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples of docs/cli.md, one after the other as a reader would. */
class DocumentationIT {
    private static final Pattern EXAMPLE = Pattern.compile("```sh run\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void everyExampleRuns() throws Exception {
        String text = Files.readString(JarProcess.ROOT.resolve("docs/cli.md"));
        List<String> examples =
                EXAMPLE.matcher(text).results().map(match -> match.group(1)).toList();
        assertThat(examples).hasSizeGreaterThanOrEqualTo(7);
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path keywrap = bin.resolve("keywrap");
        Files.writeString(keywrap, "#!/bin/sh\nexec '" + JarProcess.JAVA + "' -jar '" + JarProcess.JAR + "' \"$@\"\n");
        Files.setPosixFilePermissions(keywrap, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path work = Files.createDirectory(folder.resolve("work"));
        Path script = folder.resolve("examples.sh");
        Files.writeString(script, "set -exo pipefail\n" + String.join("\n", examples) + "\necho reached the end\n");
        ProcessBuilder builder = JarProcess.inFolder(work, List.of("bash", script.toString()));
        builder.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);

        JarProcess.Result result = JarProcess.run(builder, new byte[0]);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("data.enc/2026/11/one.csv.kwrp");
    }
}
