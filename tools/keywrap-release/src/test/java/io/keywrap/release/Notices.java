package io.keywrap.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** The notices in the jars of others, each text once, under the names of those that have it (Apache-2.0, section 4 d). */
final class Notices {
    private static final String RULE = "-".repeat(78);

    private Notices() {}

    static List<String> of(List<Sbom> sboms) throws IOException {
        Map<Artifact, String> texts = new TreeMap<>();
        for (Sbom sbom : sboms) {
            for (Artifact.Resolved resolved : sbom.resolved()) {
                if (!resolved.artifact().isOurs()) {
                    String text = read(resolved);
                    if (!text.isEmpty()) {
                        texts.put(resolved.artifact(), text);
                    }
                }
            }
        }
        Map<String, Set<Artifact>> same = new TreeMap<>();
        texts.forEach((artifact, text) ->
                same.computeIfAbsent(text, any -> new TreeSet<>()).add(artifact));
        List<String> lines = new ArrayList<>(List.of(
                "Notices in the jars that keywrap's modules pull in, as they are there. None of them is part of a jar of a library",
                "of keywrap; the command has them in META-INF."));
        same.entrySet().stream()
                .sorted((a, b) -> a.getValue()
                        .iterator()
                        .next()
                        .compareTo(b.getValue().iterator().next()))
                .forEach(entry -> {
                    lines.add("");
                    lines.add(RULE);
                    entry.getValue().forEach(artifact -> lines.add(artifact.toString()));
                    lines.add(RULE);
                    lines.addAll(entry.getKey().lines().toList());
                });
        return lines;
    }

    private static String read(Artifact.Resolved resolved) throws IOException {
        try (JarFile jar = new JarFile(resolved.jar().toFile())) {
            List<String> texts = new ArrayList<>();
            for (JarEntry entry : jar.stream().toList()) {
                if (entry.getName().matches("(META-INF/)?NOTICE(\\.txt|\\.md)?")) {
                    texts.add(new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .map(String::stripTrailing)
                            .reduce("", (text, line) -> text.isEmpty() ? line : text + "\n" + line)
                            .strip());
                }
            }
            return String.join("\n\n", texts);
        }
    }
}
