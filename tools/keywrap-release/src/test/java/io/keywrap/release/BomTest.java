package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** What is published can be had through the BOM, and nothing else. */
class BomTest {
    private static final Predicate<String> OURS = key -> key.startsWith("io.keywrap:");

    @Test
    void listsExactlyThePublishedModules() throws Exception {
        List<String> published = Reactor.published().stream()
                .map(module -> "io.keywrap:" + module.artifactId())
                .toList();
        Map<String, String> bom = managed(Reactor.pom(Reactor.ROOT.resolve("keywrap-bom")));
        assertThat(bom.keySet().stream().filter(OURS))
                .as("modules in keywrap-bom/pom.xml; one that is not published says maven.deploy.skip in its pom")
                .containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    void pinsTheRestToWhatTheBuildItselfUses() throws Exception {
        Map<String, String> bom = managed(Reactor.pom(Reactor.ROOT.resolve("keywrap-bom")));
        Element pom = Reactor.pom(Reactor.ROOT);
        Map<String, String> parent = managed(pom);
        parent.replaceAll((key, version) -> version.startsWith("${")
                ? Reactor.text(pom, "properties", version.substring(2, version.length() - 1))
                        .orElse(version)
                : version);
        bom.keySet().removeIf(OURS);
        assertThat(bom).isNotEmpty();
        assertThat(parent).containsAllEntriesOf(bom);
    }

    /** The other tests of this module see only what is on its class path. */
    @Test
    void allThatIsPublishedIsCheckedHere() throws Exception {
        List<String> missing = new ArrayList<>();
        List<String> classPath = List.of(System.getProperty("java.class.path").split(File.pathSeparator));
        for (Reactor.Module module : Reactor.published()) {
            String folder = module.folder().resolve("target").toString();
            Pattern jar = Pattern.compile("/" + Pattern.quote(module.artifactId()) + "-[0-9]");
            if (classPath.stream()
                    .noneMatch(entry ->
                            entry.startsWith(folder) || jar.matcher(entry).find())) {
                missing.add(module.artifactId());
            }
        }
        assertThat(missing)
                .as("published, and not among the dependencies of tools/keywrap-release/pom.xml")
                .isEmpty();
    }

    private static Map<String, String> managed(Element pom) {
        Map<String, String> versions = new TreeMap<>();
        Element dependencies =
                Reactor.child(pom, "dependencyManagement", "dependencies").orElseThrow();
        for (Element dependency : Reactor.children(dependencies, "dependency")) {
            versions.put(
                    Reactor.text(dependency, "groupId").orElseThrow() + ":"
                            + Reactor.text(dependency, "artifactId").orElseThrow(),
                    Reactor.text(dependency, "version").orElseThrow());
        }
        return versions;
    }
}
