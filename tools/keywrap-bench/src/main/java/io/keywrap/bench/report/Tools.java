package io.keywrap.bench.report;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Other tools of this machine. */
final class Tools {
    private static final List<String> ALL = List.of("age", "gpg", "cp");

    private Tools() {}

    /** Whether the PATH has it. */
    static boolean isInstalled(String tool) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Arrays.stream(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    /** A line for each tool. */
    static List<String> versions() throws IOException {
        List<String> versions = new ArrayList<>();
        for (String tool : ALL) {
            versions.add(isInstalled(tool) ? tool + ": " + version(tool) : tool + ": not installed");
        }
        return versions;
    }

    private static String version(String tool) throws IOException {
        Process process = new ProcessBuilder(tool, "--version")
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        try (var output = process.inputReader()) {
            return output.lines().findFirst().orElse("unknown");
        }
    }
}
