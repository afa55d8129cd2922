package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing is pulled in whose licence nobody has looked at. */
class ThirdPartyTest {
    private static final Path LISTING = Reactor.ROOT.resolve("docs/third-party.md");
    private static final Path NOTICES = Reactor.ROOT.resolve("docs/third-party-notices.txt");
    private static final String UPDATE = "tools/consumer/run, then tools/keywrap-release/sbom --update";
    private static final Pattern ROW = Pattern.compile("\\| ([^:| ]+):([^:| ]+) \\| ([^| ]+) \\| ([^|]+) \\|.*");
    /** What only tests have on their class path. */
    private static final Pattern OF_TESTS = Pattern.compile(
            ".*/(io/keywrap|org/junit|org/assertj|net/bytebuddy|org/opentest4j|org/apiguardian|org/apache/maven)/.*");

    private static final List<String> HEADER = List.of(
            "# Third-party licences",
            "",
            "What the published modules and the command pull in at run time, with licences as their own descriptions name them,",
            "written as SPDX does: `A OR B` where the authors say that one may choose, `A; B` where a description has both and no",
            "more is said. Some of these jars hold code of others, [below](#what-is-inside-of-them). The command is the only file of",
            "keywrap that holds others' code; the texts are inside of it, in `META-INF`. The notices that come with these jars, and the",
            "licences of what they hold of others, are in [third-party-notices.txt](third-party-notices.txt).",
            "",
            "The page is written by " + UPDATE.replace("tools/", "`tools/").replace("run,", "run`,") + "`.",
            "",
            "| artifact | version | licence | pulled in by |",
            "| --- | --- | --- | --- |");

    private static final List<String> INSIDE = List.of(
            "",
            "## What is inside of them",
            "",
            "Found by what can be seen in a jar: texts of licences in `META-INF` beside its own, native libraries, and packages that",
            "were moved. A jar where that is seen, and which is not described here, breaks the build. No list of dependencies names",
            "any of it. The command leaves out the native libraries of `grpc-netty-shaded`.",
            "",
            "| artifact | holds | licence | its text in the jar |",
            "| --- | --- | --- | --- |");

    @TempDir
    Path folder;

    /** Quick, and so part of every build: a jar that is new, or a version that is, is not in the listing. */
    @Test
    void everythingOnTheClassPathIsListed() throws IOException {
        Set<String> listed = new TreeSet<>(listed().keySet());
        Set<String> unknown = new TreeSet<>();
        Set<String> unseen = new TreeSet<>(listed);
        for (Path jar : jarsOfOthers()) {
            String folder = jar.getParent().toString();
            listed.stream()
                    .filter(artifact -> folder.endsWith("/" + artifact))
                    .findFirst()
                    .ifPresentOrElse(unseen::remove, () -> unknown.add(folder));
        }
        assertThat(unknown)
                .as("jars that docs/third-party.md does not list; look at their licences, then: %s", UPDATE)
                .isEmpty();
        assertThat(unseen)
                .as("listed in docs/third-party.md, and not pulled in; write it again: %s", UPDATE)
                .isEmpty();
    }

    /** The folders of the repository that are listed, and the artifact in each. */
    private static Map<String, String> listed() throws IOException {
        Map<String, String> listed = new TreeMap<>();
        for (String line : Files.readAllLines(LISTING)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                listed.put(
                        row.group(1).replace('.', '/') + "/" + row.group(2) + "/" + row.group(3),
                        row.group(1) + ":" + row.group(2));
            }
        }
        return listed;
    }

    private static List<Path> jarsOfOthers() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar") && !entry.contains("/target/"))
                .filter(entry -> !OF_TESTS.matcher(entry).matches())
                .map(Path::of)
                .toList();
    }

    /** As quick: neither poms nor lists of dependencies tell what others have put into their jars. */
    @Test
    void whatJarsHoldOfOthersIsDescribed() throws IOException {
        List<String> page = Files.readAllLines(LISTING);
        Map<String, String> listed = listed();
        List<String> problems = new ArrayList<>();
        for (Path jar : jarsOfOthers()) {
            String folder = jar.getParent().toString();
            for (Map.Entry<String, String> artifact : listed.entrySet()) {
                if (folder.endsWith("/" + artifact.getKey())) {
                    problems.addAll(Inside.undescribed(artifact.getValue(), jar));
                }
            }
        }
        assertThat(problems).as("look at it, and describe it in Inside").isEmpty();
        assertThat(listed.values()).containsAll(Inside.artifacts());
        int rows = page.indexOf(INSIDE.get(1)) < 0 ? page.size() : page.indexOf(INSIDE.get(1)) + INSIDE.size() - 1;
        assertThat(Committed.difference(page.subList(rows, page.size()), inside(listed.values())))
                .as("%s is out of date; write it again: %s", LISTING, UPDATE)
                .isEmpty();
    }

    private static List<String> inside(Collection<String> artifacts) {
        return Inside.artifacts().stream()
                .filter(artifacts::contains)
                .flatMap(artifact -> Inside.rows(artifact).stream())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "META-INF/license/LICENSE.other.txt",
                "META-INF/licenses/other/COPYING",
                "META-INF/Other-LICENSE",
                "META-INF/THIRD-PARTY.txt",
                "linux/libother.so",
                "windows/other.dll",
                "a/b/shaded/c/D.class"
            })
    void aJarThatHoldsOthersCodeAndIsNotDescribedIsRefused(String entry) throws IOException {
        assertThat(Inside.undescribed(
                        "a:b", jar("META-INF/LICENSE", "META-INF/NOTICE.txt", "a/b/Licence.class", entry)))
                .containsExactly("a:b has " + entry);
    }

    @Test
    void aTextThatIsDescribedAndGoneIsNoticed() throws IOException {
        assertThat(Inside.undescribed("org.xerial:sqlite-jdbc", jar("linux/libother.so")))
                .containsExactly("org.xerial:sqlite-jdbc has no META-INF/maven/org.xerial/sqlite-jdbc/LICENSE.zentus");
    }

    private Path jar(String... entries) throws IOException {
        Path jar = folder.resolve("some.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String entry : entries) {
                out.putNextEntry(new JarEntry(entry));
            }
        }
        return jar;
    }

    @Test
    void everyJarHasTheLicenceAndTheNoticeOfKeywrap() throws Exception {
        for (Reactor.Module module : Reactor.published()) {
            for (String name : List.of("LICENSE", "NOTICE")) {
                assertThat(module.classes().resolve("META-INF").resolve(name))
                        .hasSameBinaryContentAs(Reactor.ROOT.resolve(name));
            }
        }
    }

    @Test
    void aLicenceThatNobodyKnowsIsRefused() {
        assertThat(Licences.of("a:b", List.of("Apache License, Version 2.0"))).isEqualTo("Apache-2.0");
        assertThat(Licences.of("a:b", List.of("GNU General Public License v3"))).isEqualTo("UNKNOWN");
        assertThat(Licences.of("a:b", List.of())).isEqualTo("UNKNOWN");
        assertThat(Licences.of("a:b", List.of("EPL-2.0", "LGPL-2.1-only"))).isEqualTo("UNKNOWN");
    }

    @Test
    void aLicenceIsTakenForNoOtherVersionOfIt() {
        assertThat(Licences.of("net.java.dev.jna:jna", List.of("Apache-2.0", "LGPL-2.1-only")))
                .isEqualTo("Apache-2.0 OR LGPL-2.1-only");
        assertThat(Licences.of("net.java.dev.jna:jna", List.of("Apache-2.0", "LGPL-2.1-or-later")))
                .isEqualTo("Apache-2.0 OR LGPL-2.1-or-later");
        assertThat(Licences.of("ch.qos.logback:logback-core", List.of("EPL-2.0", "LGPL-2.1-only")))
                .isEqualTo("EPL-2.0 OR LGPL-2.1-only");
        for (String vague : List.of("GNU Lesser General Public License", "LGPL-2.1", "LGPL")) {
            assertThat(Licences.of("net.java.dev.jna:jna", List.of("Apache-2.0", vague)))
                    .isEqualTo("UNKNOWN");
        }
        for (String vague : List.of("BSD", "BSD License", "The BSD License", "BSD-4-Clause")) {
            assertThat(Licences.of("a:b", List.of(vague))).isEqualTo("UNKNOWN");
        }
        assertThat(Licences.of("a:b", List.of("The New BSD License"))).isEqualTo("BSD-3-Clause");
        assertThat(Licences.of("a:b", List.of("The BSD 3-Clause License"))).isEqualTo("BSD-3-Clause");
        assertThat(Licences.of("org.jline:jline-native", List.of("BSD-4-Clause")))
                .isEqualTo("BSD-3-Clause");
    }

    @Test
    void severalLicencesAreAChoiceOnlyWhereTheirAuthorsSaySo() {
        assertThat(Licences.of("a:b", List.of("MIT", "Apache-2.0"))).isEqualTo("Apache-2.0; MIT");
        assertThat(Licences.of("a:b", List.of("Apache-2.0", "LGPL-2.1-only"))).isEqualTo("UNKNOWN");
        assertThat(Licences.of("org.hdrhistogram:HdrHistogram", List.of("BSD-2-Clause", "CC0-1.0")))
                .isEqualTo("BSD-2-Clause OR CC0-1.0");
    }

    @Tag("release")
    @Test
    void theListingIsWhatIsPulledIn() throws Exception {
        Map<Artifact, String> licences = new TreeMap<>();
        Map<Artifact, Set<String>> by = new TreeMap<>();
        List<String> unknown = new ArrayList<>();
        for (Sbom sbom : Sbom.all()) {
            sbom.listed().forEach((artifact, names) -> {
                if (!artifact.isOurs()) {
                    String licence = Licences.of(artifact.id(), names);
                    licences.put(artifact, licence);
                    by.computeIfAbsent(artifact, any -> new TreeSet<>())
                            .add(sbom.module().artifactId().replaceFirst("^keywrap-", ""));
                    if (licence.equals("UNKNOWN")) {
                        unknown.add(artifact + " " + names);
                    }
                }
            });
        }
        assertThat(unknown)
                .as("licences that Licences does not know, or does not allow")
                .isEmpty();
        List<String> lines = new ArrayList<>(HEADER);
        licences.forEach((artifact, licence) -> lines.add("| " + artifact.id() + " | " + artifact.version() + " | "
                + licence + " | " + String.join(", ", by.get(artifact)) + " |"));
        lines.addAll(INSIDE);
        lines.addAll(inside(licences.keySet().stream().map(Artifact::id).toList()));
        Committed.check(LISTING, lines, UPDATE);
        Committed.check(NOTICES, Notices.of(Sbom.all()), UPDATE);
    }
}
