package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The launcher, in a checkout that has a blank in its path and a build that takes no time. Where nothing depends on an archive of
 * classes the JVM can make none, since that takes longer than all else.
 */
@Execution(ExecutionMode.CONCURRENT)
class LauncherIT {
    @TempDir
    Path folder;

    private Path root;
    private Path jar;
    private Path javaHome;

    @BeforeEach
    void checkout() throws Exception {
        root = Files.createDirectory(folder.resolve("my check out"));
        jar = root.resolve("tools/keywrap-cli/target/keywrap.jar");
        Files.copy(JarProcess.ROOT.resolve("keywrap"), root.resolve("keywrap"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(root.resolve(".mvn"));
        Files.writeString(root.resolve(".mvn/maven.config"), "-B\n");
        Files.createDirectories(root.resolve("docs"));
        Files.writeString(root.resolve("docs/page.md"), "# Page\n");
        Files.writeString(root.resolve("pom.xml"), "<project/>\n");
        executable(root.resolve("mvnw"), """
                #!/bin/bash
                echo a build >> builds
                for argument; do
                  case $argument in -Dcli.jar=*) cp '%s' "${argument#-Dcli.jar=}" ;; esac
                done
                cat > swallowed
                """.formatted(JarProcess.JAR));
        javaHome = Files.createDirectories(folder.resolve("a jdk"));
        Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"" + System.getProperty("java.version") + "\"\n");
        executable(Files.createDirectory(javaHome.resolve("bin")).resolve("java"), """
                #!/bin/bash
                case $1 in -Xshare:dump | -XX:DumpLoadedClassList=*) exit 1 ;; esac
                exec '%s' "$@"
                """.formatted(JarProcess.JAVA));
    }

    private void withArchives() {
        javaHome = Path.of(System.getProperty("java.home"));
    }

    private static void executable(Path file, String text) throws Exception {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private JarProcess.Result launch(Path launcher, String stdin, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(launcher.toString()));
        all.addAll(List.of(arguments));
        return JarProcess.run(process(all), stdin.getBytes(StandardCharsets.UTF_8));
    }

    private ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = JarProcess.inFolder(folder, command);
        builder.environment().put("JAVA_HOME", javaHome.toString());
        return builder;
    }

    private long builds() throws Exception {
        return Files.readAllLines(root.resolve("builds")).size();
    }

    @Test
    void firstUseBuildsAndLaterUseDoesNot() throws Exception {
        withArchives();
        JarProcess.Result first = launch(root.resolve("keywrap"), "", "--version");
        JarProcess.Result second = launch(root.resolve("keywrap"), "", "--version");

        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.out()).startsWith("keywrap ").hasLineCount(1);
        assertThat(first.err()).contains("building keywrap (first use)");
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
        assertThat(archives(root))
                .hasSize(1)
                .allSatisfy(archive -> assertThat(archive).isNotEmptyFile());
    }

    @Test
    void whereNoArchiveCanBeMadeItWorksWithoutAndTriesNoMore() throws Exception {
        JarProcess.Result first = launch(root.resolve("keywrap"), "", "--version");
        Files.setLastModifiedTime(
                archives(root).get(0), FileTime.from(Instant.now().plusSeconds(5)));
        FileTime made = Files.getLastModifiedTime(archives(root).get(0));
        JarProcess.Result second = launch(root.resolve("keywrap"), "", "--version");

        assertThat(first.out()).startsWith("keywrap ").hasLineCount(1);
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).isEmpty();
        assertThat(archives(root))
                .hasSize(1)
                .allSatisfy(archive -> assertThat(archive)
                        .isEmptyFile()
                        .satisfies(file ->
                                assertThat(Files.getLastModifiedTime(file)).isEqualTo(made)));
    }

    @Test
    void aCheckoutThatWasMovedGetsAnotherArchiveOfItsClasses() throws Exception {
        withArchives();
        launch(root.resolve("keywrap"), "", "--version");
        List<Path> before = archives(root);
        Path moved = Files.move(root, folder.resolve("moved"));

        assertThat(launch(moved.resolve("keywrap"), "", "--version").err()).isEmpty();

        assertThat(before).hasSize(1);
        assertThat(archives(moved)).hasSize(2);
    }

    private static List<Path> archives(Path checkout) throws Exception {
        try (Stream<Path> files = Files.list(checkout.resolve("tools/keywrap-cli/target"))) {
            return files.filter(file -> file.toString().endsWith(".jsa")).toList();
        }
    }

    @Test
    void changedSourcesAreBuiltAgain() throws Exception {
        launch(root.resolve("keywrap"), "", "--version");
        Files.setLastModifiedTime(
                root.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(5)));

        assertThat(launch(root.resolve("keywrap"), "", "--version").err()).contains("sources changed");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void aBuildThatFailsShowsItsLogAndLeavesNoJar() throws Exception {
        executable(root.resolve("mvnw"), "#!/bin/sh\necho it does not compile\nexit 1\n");

        JarProcess.Result result = launch(root.resolve("keywrap"), "", "--version");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("it does not compile", "keywrap: the build failed");
        assertThat(jar).doesNotExist();
    }

    @Test
    void itWorksThroughALinkAndKeepsStandardInputForTheCommandEvenWhenItBuilds() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("my check out/keywrap"));

        JarProcess.Result result = launch(link, "hello", "inspect", "-");

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).contains("does not begin with KWRP");
        assertThat(root.resolve("swallowed")).isEmptyFile();
    }

    @Test
    void theDemonstrationTakesTheDocumentsOfTheCheckout() throws Exception {
        JarProcess.Result result = launch(root.resolve("keywrap"), "", "demo");

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("1 file", "my check out/docs");
    }

    @Test
    void namesOfFilesAreUtf8EvenWithoutALocale() throws Exception {
        Files.writeString(root.resolve("docs/größe.md"), "x");
        ProcessBuilder builder = process(List.of(root.resolve("keywrap").toString(), "demo"));
        builder.environment().put("LC_ALL", "C");

        JarProcess.Result result = JarProcess.run(builder, new byte[0]);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("2 files");
    }

    private JarProcess.Result shell(String line) throws Exception {
        return JarProcess.run(
                process(List.of("bash", "-c", line, root.resolve("keywrap").toString())), new byte[0]);
    }

    @Test
    void aClosedStandardStreamIsRefusedSinceTheJvmWouldOpenAnotherFileInItsPlace() throws Exception {
        launch(root.resolve("keywrap"), "", "--version");

        JarProcess.Result input = shell("\"$0\" inspect - <&-");
        JarProcess.Result output = shell("\"$0\" --version >&-");

        assertThat(input.exitCode()).isEqualTo(1);
        assertThat(input.err()).contains("standard input is closed").hasLineCount(1);
        assertThat(output.exitCode()).isEqualTo(1);
        assertThat(output.err()).contains("standard output is closed").hasLineCount(1);
        assertThat(shell("\"$0\" --version 2>&-").exitCode()).isZero();
        assertThat(shell("\"$0\" --version </dev/null 2>/dev/null").exitCode()).isZero();
    }

    @Test
    void aResultOnAFullDeviceIsAFailure() throws Exception {
        launch(root.resolve("keywrap"), "", "--version");

        JarProcess.Result result = shell("\"$0\" --help >/dev/full");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("standard output").hasLineCount(1);
    }

    @Test
    void aCheckoutThatCannotBeWrittenAndWasNeverBuiltSaysWhatToDo() throws Exception {
        Files.createDirectories(jar.getParent().getParent().getParent());
        Files.writeString(jar.getParent().getParent(), "in the way");

        JarProcess.Result result = launch(root.resolve("keywrap"), "", "--version");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("keywrap: ").contains("to do: ").hasLineCount(1);
    }

    @Test
    void aCheckoutThatCanNoLongerBeWrittenRunsTheOlderBuildWithAWarning() throws Exception {
        launch(root.resolve("keywrap"), "", "--version");
        Path lock = jar.resolveSibling(".keywrap-lock");
        Files.deleteIfExists(lock);
        Files.createDirectory(lock);
        Files.setLastModifiedTime(
                root.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(5)));

        JarProcess.Result result = launch(root.resolve("keywrap"), "", "--version");

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).contains("sources are newer").hasLineCount(1);
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void anotherCollectorIsTakenWhoeverNamesItAndAnUnknownOptionIsSaid() throws Exception {
        withArchives();
        for (String variable : List.of("KEYWRAP_JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")) {
            JarProcess.Result result = launchWith(variable, "-XX:+UseParallelGC");

            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(result.out()).startsWith("keywrap ").hasLineCount(1);
        }

        JarProcess.Result unknown = launchWith("KEYWRAP_JAVA_OPTS", "-XX:MaxRamPercentage=50");

        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("Unrecognized VM option 'MaxRamPercentage=50'");
    }

    private JarProcess.Result launchWith(String variable, String value) throws Exception {
        ProcessBuilder builder = process(List.of(root.resolve("keywrap").toString(), "--version"));
        builder.environment().put(variable, value);
        return JarProcess.run(builder, new byte[0]);
    }

    @Test
    void aMissingJavaIsSaid() throws Exception {
        ProcessBuilder builder =
                JarProcess.inFolder(folder, List.of(root.resolve("keywrap").toString(), "demo"));
        builder.environment().put("JAVA_HOME", folder.resolve("nowhere").toString());

        JarProcess.Result result = JarProcess.run(builder, new byte[0]);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("has no bin/java").hasLineCount(1);
    }
}
