package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What git tracks is what it should track, and its scripts are sound. */
class RepositoryTest {
    /** What the script that compares what is published reads of its working copy. */
    private static final Map<String, String> BUILT = Map.of(
            "pom.xml", "<project>\n  <version>1.0</version>\n</project>\n",
            "keywrap-bom/pom.xml", "<groupId>io.keywrap</groupId>\n<artifactId>keywrap-core</artifactId>\n");

    @TempDir
    Path folder;

    private static String found(String program) {
        List<Path> places = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .toList();
        assumeThat(places).as("%s, which is not installed here", program).isNotEmpty();
        return places.get(0).toString();
    }

    private static Outcome run(Path folder, Map<String, String> environment, List<String> command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }

    private record Outcome(int exit, String said) {}

    /** The paths that a command of git's tells; archives of the sources have no git. */
    private static List<String> git(String... arguments) throws Exception {
        assumeThat(Reactor.ROOT.resolve(".git")).as("a working copy of git's").exists();
        List<String> command = new ArrayList<>(List.of(found("git"), "ls-files", "-z"));
        command.addAll(List.of(arguments));
        Outcome listed = run(Reactor.ROOT, Map.of(), command);
        assertThat(listed.exit()).as("%s", listed.said()).isZero();
        return Stream.of(listed.said().split("\0"))
                .filter(path -> !path.isEmpty())
                .toList();
    }

    @Test
    void nothingIsTrackedThatIsIgnored() throws Exception {
        assertThat(git("--cached", "--ignored", "--exclude-standard")).isEmpty();
    }

    @Test
    void shellcheckHasNothingToSay() throws Exception {
        List<String> scripts = new ArrayList<>();
        for (String path : git()) {
            if (isBash(Reactor.ROOT.resolve(path))) {
                scripts.add(path);
            }
        }
        assertThat(scripts)
                .contains("keywrap", ".ci/run", ".ci/jdks", "tools/consumer/run", "tools/keywrap-release/sbom");
        List<String> command = new ArrayList<>(List.of(found("shellcheck"), "--external-sources"));
        command.addAll(scripts);
        assertThat(run(Reactor.ROOT, Map.of(), command)).isEqualTo(new Outcome(0, ""));
    }

    /** By its first line: one that is run, or one that is sourced and tells shellcheck so. */
    private static boolean isBash(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false; // Gone, and not committed yet.
        }
        byte[] start;
        try (var in = Files.newInputStream(file)) {
            start = in.readNBytes(64);
        }
        String line = new String(start, StandardCharsets.ISO_8859_1)
                .lines()
                .findFirst()
                .orElse("");
        return line.matches("#!.*\\bbash\\b.*") || line.startsWith("# shellcheck shell=bash");
    }

    /** A Maven that writes so many reports, of so many tests each. */
    @ParameterizedTest
    @CsvSource({
        "SbomTest ThirdPartyTest, 12, 0, 'The lists say what is pulled in, and each licence is known.'",
        "ThirdPartyTest, 12, 1, 'SbomTest has not run'",
        "SbomTest, 12, 1, 'ThirdPartyTest has not run'",
        "SbomTest ThirdPartyTest, 0, 1, 'SbomTest has not run'",
        "'', 12, 1, 'SbomTest has not run'"
    })
    void theListsAreNotCalledGoodByTestsThatHaveNotRun(String reports, int tests, int exit, String says)
            throws Exception {
        Path module = Files.createDirectories(folder.resolve("tools/keywrap-release"));
        Path script = Files.copy(Reactor.ROOT.resolve("tools/keywrap-release/sbom"), module.resolve("sbom"));
        Path old = Files.createDirectories(module.resolve("target/surefire-reports"));
        Files.writeString(old.resolve("TEST-io.keywrap.release.SbomTest.xml"), "<testsuite tests=\"99\">");
        Path maven = Files.writeString(
                folder.resolve("mvn"),
                "for name in " + reports + "; do echo '<testsuite name=\"'$name'\" tests=\"" + tests
                        + "\">' >tools/keywrap-release/target/surefire-reports/TEST-io.keywrap.release.$name.xml; done\n");
        assertThat(maven.toFile().setExecutable(true)).isTrue();
        Outcome outcome = run(folder, Map.of("MVN", maven.toString()), List.of(found("bash"), script.toString()));
        assertThat(outcome).isEqualTo(new Outcome(exit, says + "\n"));
    }

    /** What was published is compared with what was built, before and after, and each way to differ is named. */
    @ParameterizedTest
    @CsvSource({
        "none, 0, '8 published files, all as built.'",
        "jar, 1, 'other bytes: keywrap-core/1.0/keywrap-core-1.0.jar'",
        "pom, 1, 'other bytes: keywrap-core/1.0/keywrap-core-1.0.pom'",
        "missing, 1, 'not there: keywrap-core/1.0/keywrap-core-1.0.jar'",
        "sums, 1, 'no sum of keywrap-core 1.0'"
    })
    void whatIsPublishedIsWhatWasBuilt(String change, int exit, String says) throws Exception {
        Map<String, String> built = Map.of(
                "pom.xml", "keywrap-parent/1.0/keywrap-parent-1.0.pom",
                "keywrap-bom/target/.flattened-pom.xml", "keywrap-bom/1.0/keywrap-bom-1.0.pom",
                "keywrap-bom/target/bom.json", "keywrap-bom/1.0/keywrap-bom-1.0-cyclonedx.json",
                "keywrap-core/pom.xml", "keywrap-core/1.0/keywrap-core-1.0.pom",
                "keywrap-core/target/bom.xml", "keywrap-core/1.0/keywrap-core-1.0-cyclonedx.xml",
                "keywrap-core/target/keywrap-core-1.0.jar", "keywrap-core/1.0/keywrap-core-1.0.jar",
                "keywrap-core/target/keywrap-core-1.0-sources.jar", "keywrap-core/1.0/keywrap-core-1.0-sources.jar",
                "keywrap-core/target/keywrap-core-1.0-javadoc.jar", "keywrap-core/1.0/keywrap-core-1.0-javadoc.jar");
        StringBuilder sums = new StringBuilder("0  ./tools/other/target/other-1.0.jar\nwords between\n");
        for (Map.Entry<String, String> file : built.entrySet()) {
            write(file.getKey(), BUILT.getOrDefault(file.getKey(), file.getKey()));
            write("repository/io/keywrap/" + file.getValue(), Files.readString(folder.resolve(file.getKey())));
            if (!change.equals("sums") || !file.getKey().equals("keywrap-core/pom.xml")) {
                sums.append(sha256(folder.resolve(file.getKey())))
                        .append("  ./")
                        .append(file.getKey())
                        .append('\n');
            }
        }
        sums.append(sha256(write("keywrap-bom/pom.xml", BUILT.get("keywrap-bom/pom.xml"))))
                .append("  ./keywrap-bom/pom.xml\n");
        sums.append(sha256(write("tools/cli/target/cli-1.0.jar", ""))).append("  ./tools/cli/target/cli-1.0.jar\n");
        write("sums", sums.append("9 files, all the same in both builds.\n").toString());
        Path jar = folder.resolve("repository/io/keywrap/keywrap-core/1.0/keywrap-core-1.0.jar");
        switch (change) {
            case "jar" -> Files.writeString(jar, "other");
            case "pom" -> Files.writeString(jar.resolveSibling("keywrap-core-1.0.pom"), "other");
            case "missing" -> Files.delete(jar);
            default -> {}
        }
        Path script = Files.copy(
                Reactor.ROOT.resolve("tools/keywrap-release/published"),
                Files.createDirectories(folder.resolve("tools/keywrap-release")).resolve("published"));
        found("curl");
        Outcome outcome = run(
                folder,
                Map.of(),
                List.of(found("bash"), script.toString(), "sums", "file:" + folder.resolve("repository")));
        assertThat(outcome.exit()).as(outcome.said()).isEqualTo(exit);
        assertThat(outcome.said()).contains(says);
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
