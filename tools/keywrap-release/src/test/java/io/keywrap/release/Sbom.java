package io.keywrap.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.w3c.dom.Element;

/** What CycloneDX says of a module, and what Maven resolves for whoever depends on it. Both are made by {@code tools/consumer/run}. */
record Sbom(Reactor.Module module) {
    /** All that is given away: the published modules, and the command. */
    static List<Sbom> all() throws Exception {
        List<Sbom> all = new ArrayList<>();
        for (Reactor.Module module : Reactor.modules()) {
            if (module.isPublished() || module.artifactId().equals("keywrap-cli")) {
                all.add(new Sbom(module));
            }
        }
        return all;
    }

    /** What is listed, with the licences as its own descriptions name them; what is optional is not pulled in. */
    Map<Artifact, List<String>> listed() throws IOException {
        Map<Artifact, List<String>> listed = new TreeMap<>();
        Element bom = Reactor.xml(required(module.folder().resolve("target/bom.xml")));
        for (Element component :
                Reactor.children(Reactor.child(bom, "components").orElseThrow(), "component")) {
            if (!Reactor.text(component, "scope").orElse("required").equals("optional")) {
                listed.put(
                        new Artifact(
                                Reactor.text(component, "group").orElseThrow(),
                                Reactor.text(component, "name").orElseThrow(),
                                Reactor.text(component, "version").orElseThrow()),
                        licences(component));
            }
        }
        return listed;
    }

    private static List<String> licences(Element component) {
        List<String> names = new ArrayList<>();
        Reactor.child(component, "licenses").ifPresent(licences -> {
            Reactor.text(licences, "expression").ifPresent(names::add);
            for (Element licence : Reactor.children(licences, "license")) {
                names.add(Reactor.text(licence, "id")
                        .or(() -> Reactor.text(licence, "name"))
                        .orElse(""));
            }
        });
        return names;
    }

    /** The jars that come with it, itself left out. */
    List<Artifact.Resolved> resolved() throws IOException {
        String name = module.artifactId();
        Path listing = module.isPublished()
                ? Reactor.ROOT
                        .resolve("tools/consumer/target/cases")
                        .resolve(name)
                        .resolve("resolved.txt")
                : module.folder().resolve("target/resolved.txt");
        return Artifact.resolved(required(listing)).stream()
                .filter(resolved -> !resolved.artifact().name().equals(name))
                .toList();
    }

    private static Path required(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new IOException(file + " is not there: run tools/consumer/run first");
        }
        return file;
    }
}
