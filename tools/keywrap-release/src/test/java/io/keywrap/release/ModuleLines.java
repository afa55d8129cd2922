package io.keywrap.release;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.w3c.dom.Element;

/** What a jar is for the module system: its descriptor, or the name in its manifest, of which the pom is the source. */
final class ModuleLines {
    private static final String INDENT = "    ";

    private ModuleLines() {}

    static Optional<ModuleDescriptor> descriptor(Reactor.Module module) throws IOException {
        Path descriptor = module.classes().resolve("module-info.class");
        if (Files.notExists(descriptor)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(descriptor)) {
            return Optional.of(ModuleDescriptor.read(in));
        }
    }

    static List<String> of(Reactor.Module module) throws IOException {
        Optional<ModuleDescriptor> descriptor = descriptor(module);
        return descriptor.isPresent()
                ? of(descriptor.get())
                : List.of("automatic module " + automaticName(Reactor.pom(module.folder())));
    }

    static List<String> of(ModuleDescriptor module) {
        Set<String> lines = new TreeSet<>();
        module.requires().stream()
                .filter(required -> !required.modifiers().contains(ModuleDescriptor.Requires.Modifier.MANDATED))
                .forEach(required -> lines.add("requires " + words(required.modifiers()) + required.name()));
        module.exports().forEach(export -> lines.add("exports " + export.source() + to(export.targets())));
        module.opens().forEach(open -> lines.add("opens " + open.source() + to(open.targets())));
        module.uses().forEach(used -> lines.add("uses " + used));
        module.provides()
                .forEach(provided -> lines.add(
                        "provides " + provided.service() + " with " + String.join(", ", provided.providers())));
        List<String> all = new ArrayList<>(List.of((module.isOpen() ? "open module " : "module ") + module.name()));
        lines.forEach(line -> all.add(INDENT + line));
        return all;
    }

    /** Without one the name would be made of the jar's, and change with it. */
    static String automaticName(Element pom) throws IOException {
        return Reactor.child(pom, "build", "plugins").stream()
                .flatMap(plugins -> Reactor.children(plugins, "plugin").stream())
                .filter(plugin -> Reactor.text(plugin, "artifactId").orElse("").equals("maven-jar-plugin"))
                .flatMap(plugin ->
                        Reactor.text(plugin, "configuration", "archive", "manifestEntries", "Automatic-Module-Name")
                                .stream())
                .findFirst()
                .orElseThrow(
                        () -> new IOException(Reactor.text(pom, "artifactId").orElse("")
                                + " has neither a module-info nor an Automatic-Module-Name for maven-jar-plugin"));
    }

    private static String words(Collection<ModuleDescriptor.Requires.Modifier> modifiers) {
        return modifiers.stream()
                .map(modifier -> modifier.name().toLowerCase(Locale.ROOT) + " ")
                .sorted()
                .collect(Collectors.joining());
    }

    private static String to(Set<String> targets) {
        return targets.isEmpty() ? "" : " to " + String.join(", ", new TreeSet<>(targets));
    }
}
