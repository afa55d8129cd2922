package io.keywrap.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/**
 * The notices in the jars of others (Apache-2.0, section 4 d), and the licences of what those jars hold of yet others; each text
 * once, under the names of those that have it.
 */
final class Notices {
    private static final String RULE = "-".repeat(78);

    private Notices() {}

    static List<String> of(List<Sbom> sboms) throws IOException {
        Map<String, Set<String>> same = new TreeMap<>();
        Set<String> own = new TreeSet<>();
        String licence = words(Files.readString(Reactor.ROOT.resolve("LICENSE")));
        for (Sbom sbom : sboms) {
            for (Artifact.Resolved resolved : sbom.resolved()) {
                if (!resolved.artifact().isOurs()) {
                    texts(resolved)
                            .forEach((name, text) -> (words(text).equals(licence)
                                            ? own
                                            : same.computeIfAbsent(text, any -> new TreeSet<>()))
                                    .add(name));
                }
            }
        }
        List<String> lines = new ArrayList<>(
                List.of(
                        "Notices in the jars that keywrap's modules pull in, and licences of what those jars hold of others, as they are there.",
                        "None of them is part of a jar of a library of keywrap; the command has in META-INF those of what it holds."));
        same.entrySet().stream()
                .sorted(Comparator.comparing(
                        entry -> entry.getValue().iterator().next()))
                .forEach(entry -> section(lines, entry.getValue(), entry.getKey()));
        section(lines, own, "Apache License, Version 2.0, the same text as in keywrap's own LICENSE.");
        return lines;
    }

    private static void section(List<String> lines, Set<String> names, String text) {
        lines.add("");
        lines.add(RULE);
        lines.addAll(names);
        lines.add(RULE);
        lines.addAll(text.lines().toList());
    }

    /** By the artifact, or by the artifact and the entry of a licence. */
    private static Map<String, String> texts(Artifact.Resolved resolved) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        String notices = notices(resolved);
        if (!notices.isEmpty()) {
            texts.put(resolved.artifact().toString(), notices);
        }
        Inside.texts(resolved).forEach((entry, text) -> texts.put(resolved.artifact() + ", " + entry, trimmed(text)));
        return texts;
    }

    private static String notices(Artifact.Resolved resolved) throws IOException {
        try (JarFile jar = new JarFile(resolved.jar().toFile())) {
            List<String> texts = new ArrayList<>();
            for (JarEntry entry : jar.stream().toList()) {
                if (entry.getName().matches("(META-INF/)?NOTICE(\\.txt|\\.md)?")) {
                    texts.add(trimmed(new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8)));
                }
            }
            return String.join("\n\n", texts);
        }
    }

    private static String trimmed(String text) {
        return text.lines()
                .map(String::stripTrailing)
                .dropWhile(String::isEmpty)
                .collect(Collectors.joining("\n"))
                .stripTrailing();
    }

    private static String words(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
