package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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
            "written as SPDX does. The command is the only file of keywrap that holds others' code; the texts are inside of it, in",
            "`META-INF`. The notices that come with these jars are in [third-party-notices.txt](third-party-notices.txt).",
            "",
            "The page is written by " + UPDATE.replace("tools/", "`tools/").replace("run,", "run`,") + "`.",
            "",
            "| artifact | version | licence | pulled in by |",
            "| --- | --- | --- | --- |");

    /** Quick, and so part of every build: a jar that is new, or a version that is, is not in the listing. */
    @Test
    void everythingOnTheClassPathIsListed() throws IOException {
        Set<String> listed = new TreeSet<>();
        for (String line : Files.readAllLines(LISTING)) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && !row.group(1).equals("---")) {
                listed.add(row.group(1).replace('.', '/') + "/" + row.group(2) + "/" + row.group(3));
            }
        }
        Set<String> unknown = new TreeSet<>();
        Set<String> unseen = new TreeSet<>(listed);
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar") && !entry.contains("/target/"))
                .filter(entry -> !OF_TESTS.matcher(entry).matches())
                .map(entry -> Path.of(entry).getParent().toString())
                .forEach(folder -> listed.stream()
                        .filter(artifact -> folder.endsWith("/" + artifact))
                        .findFirst()
                        .ifPresentOrElse(unseen::remove, () -> unknown.add(folder)));
        assertThat(unknown)
                .as("jars that docs/third-party.md does not list; look at their licences, then: %s", UPDATE)
                .isEmpty();
        assertThat(unseen)
                .as("listed in docs/third-party.md, and not pulled in; write it again: %s", UPDATE)
                .isEmpty();
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
        assertThat(Licences.of("a:b", List.of("Apache-2.0", "LGPL-2.1-only"))).isEqualTo("Apache-2.0 OR LGPL-2.1-only");
        assertThat(Licences.of("a:b", List.of("Apache-2.0", "LGPL-2.1-or-later")))
                .isEqualTo("Apache-2.0 OR LGPL-2.1-or-later");
        assertThat(Licences.of("ch.qos.logback:logback-core", List.of("EPL-2.0", "LGPL-2.1-only")))
                .isEqualTo("EPL-2.0 OR LGPL-2.1-only");
        for (String vague : List.of("GNU Lesser General Public License", "LGPL-2.1", "LGPL")) {
            assertThat(Licences.of("a:b", List.of("Apache-2.0", vague))).isEqualTo("UNKNOWN");
        }
        for (String vague : List.of("BSD", "BSD License", "The BSD License", "BSD-4-Clause")) {
            assertThat(Licences.of("a:b", List.of(vague))).isEqualTo("UNKNOWN");
        }
        assertThat(Licences.of("a:b", List.of("The New BSD License"))).isEqualTo("BSD-3-Clause");
        assertThat(Licences.of("a:b", List.of("The BSD 3-Clause License"))).isEqualTo("BSD-3-Clause");
        assertThat(Licences.of("org.jline:jline-native", List.of("BSD-4-Clause")))
                .isEqualTo("BSD-3-Clause");
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
                    String licence = Licences.of(artifact.group() + ":" + artifact.name(), names);
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
        licences.forEach((artifact, licence) -> lines.add("| " + artifact.group() + ":" + artifact.name() + " | "
                + artifact.version() + " | " + licence + " | " + String.join(", ", by.get(artifact)) + " |"));
        Committed.check(LISTING, lines, UPDATE);
        Committed.check(NOTICES, Notices.of(Sbom.all()), UPDATE);
    }
}
