package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Element;

/** The public API changes only where somebody meant it: {@code docs/api} has a line for each member. */
class PublicApiTest {
    private static final Path LISTINGS = Reactor.ROOT.resolve("docs/api");
    static final String UPDATE = "./mvnw test -pl tools/keywrap-release -am -Dtest=PublicApiTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dkeywrap.update=true";

    @TestFactory
    Stream<DynamicTest> isWhatTheListingSays() throws Exception {
        return Reactor.published().stream()
                .map(module -> DynamicTest.dynamicTest(
                        module.artifactId(),
                        () -> Committed.check(
                                LISTINGS.resolve(module.artifactId() + ".txt"), listing(module), UPDATE)));
    }

    @Test
    void everyListingHasItsModule() throws Exception {
        Set<String> modules = Reactor.published().stream()
                .map(module -> module.artifactId() + ".txt")
                .collect(Collectors.toSet());
        try (Stream<Path> files = Files.list(LISTINGS)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(modules);
        }
    }

    /** What is not exported is compared with no release either. */
    @Test
    void japicmpLeavesOutWhatIsNotExported() throws Exception {
        Reactor.Module core = Reactor.published().stream()
                .filter(module -> module.artifactId().equals("keywrap-core"))
                .findFirst()
                .orElseThrow();
        Set<String> hidden = packages(core);
        hidden.removeIf(exported(core));
        assertThat(japicmpExcludes()).containsExactlyInAnyOrderElementsOf(hidden);
    }

    /** A module without a release to compare with stops the comparison; whoever lets it through says so where releases are made. */
    @Test
    void theStepsOfAReleaseNameWhatIsComparedWithNothing() throws Exception {
        List<String> skipped = new ArrayList<>();
        for (Reactor.Module module : Reactor.published()) {
            if (Reactor.text(Reactor.pom(module.folder()), "properties", "japicmp.skip")
                    .isPresent()) {
                skipped.add(module.artifactId());
            }
        }
        assertThat(Files.readString(Reactor.ROOT.resolve("docs/releasing.md")))
                .contains("Compared with nothing: " + (skipped.isEmpty() ? "none" : String.join(", ", skipped)) + ".");
    }

    private static List<String> listing(Reactor.Module module) throws Exception {
        List<String> lines = new ArrayList<>();
        lines.add("# The public API of " + module.artifactId()
                + ", a line for each member; null is allowed where a ? is.");
        lines.add("# " + UPDATE);
        lines.add("");
        lines.addAll(ModuleLines.of(module));
        Predicate<String> exported = exported(module);
        for (String name : module.classNames()) {
            if (exported.test(name.substring(0, name.lastIndexOf('.')))) {
                Class<?> type = Class.forName(name, false, PublicApiTest.class.getClassLoader());
                if (Signatures.isVisible(type)) {
                    lines.add("");
                    lines.addAll(Signatures.of(type));
                }
            }
        }
        return lines;
    }

    private static Predicate<String> exported(Reactor.Module module) throws IOException {
        Optional<ModuleDescriptor> descriptor = ModuleLines.descriptor(module);
        if (descriptor.isEmpty()) {
            return name -> true;
        }
        return descriptor.get().exports().stream()
                .filter(export -> !export.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet())::contains;
    }

    private static Set<String> packages(Reactor.Module module) throws IOException {
        return module.classNames().stream()
                .map(name -> name.substring(0, name.lastIndexOf('.')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> japicmpExcludes() throws IOException {
        Element plugins = Reactor.child(Reactor.pom(Reactor.ROOT), "build", "pluginManagement", "plugins")
                .orElseThrow();
        Element japicmp = Reactor.children(plugins, "plugin").stream()
                .filter(plugin -> Reactor.text(plugin, "artifactId").orElse("").equals("japicmp-maven-plugin"))
                .findFirst()
                .orElseThrow();
        return Reactor.children(
                        Reactor.child(japicmp, "configuration", "parameter", "excludes")
                                .orElseThrow(),
                        "exclude")
                .stream()
                .map(Element::getTextContent)
                .toList();
    }
}
