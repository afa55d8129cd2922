package io.keywrap.release;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/**
 * What jars of others hold of yet others: neither their poms nor a list of dependencies tells it. Found by what can be seen in a
 * jar, which is texts of licences beside its own, native libraries, and packages that were moved; described by hand.
 */
final class Inside {
    /** A jar's own licence and notice. */
    private static final Pattern OWN = Pattern.compile(
            "(META-INF/(maven/[^/]+/[^/]+/)?)?(LICEN[CS]E|NOTICE)(\\.txt|\\.md)?", Pattern.CASE_INSENSITIVE);

    private static final Pattern TEXT = Pattern.compile(
            "META-INF/(licen[cs]es?/.*[^/]|(.*/)?[^/]*(licen[cs]e|copying|third-?party)[^/]*)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern NO_TEXT =
            Pattern.compile("META-INF/(services|native-image)/.*|.*\\.(class|properties)|.*/");
    private static final Pattern NATIVE = Pattern.compile(".*\\.(so|dll|dylib|jnilib|a)");
    private static final Pattern MOVED = Pattern.compile(".*/(shaded|thirdparty|repackaged|relocated)/.*\\.class");

    private static final Map<String, List<Part>> KNOWN = new TreeMap<>();

    static {
        List<Part> jackson = List.of(
                new Part("FastDoubleParser", "MIT", "META-INF/FastDoubleParser-LICENSE"),
                new Part(
                        "fast_double_parser, fast_float, bigint, in FastDoubleParser",
                        "BSL-1.0; MIT; BSD-2-Clause",
                        "META-INF/FastDoubleParser-ThirdParty-LICENSE"),
                new Part("Schubfach", "MIT", "META-INF/Schubfach-LICENSE"));
        KNOWN.put("com.fasterxml.jackson.core:jackson-core", jackson);
        List<Part> sdk = new ArrayList<>(List.of(new Part("Jackson's jackson-core", "Apache-2.0", "META-INF/LICENSE")));
        sdk.addAll(jackson);
        KNOWN.put("software.amazon.awssdk:third-party-jackson-core", sdk);
        KNOWN.put(
                "com.google.guava:guava",
                List.of(new Part(
                        "tables made of the Public Suffix List, whose own licence is MPL-2.0", "Apache-2.0", "")));
        String folder = "META-INF/license/LICENSE.";
        KNOWN.put(
                "io.grpc:grpc-netty-shaded",
                List.of(
                        new Part("Netty, and JCTools in it", "Apache-2.0", "META-INF/LICENSE.txt"),
                        new Part("Tomcat Native, changed: native", "Apache-2.0", folder + "tomcat-native.txt"),
                        new Part("BoringSSL: native", "Apache-2.0", folder + "boringssl.txt"),
                        new Part("Maven Wrapper: only named", "Apache-2.0", folder + "mvn-wrapper.txt")));
        KNOWN.put("net.java.dev.jna:jna", List.of(new Part("libffi: native", "MIT", "")));
        KNOWN.put("org.jline:jline-native", List.of(new Part("its own library: native", "BSD-3-Clause", "")));
        String ongres = "META-INF/licenses/com.ongres.";
        KNOWN.put(
                "org.postgresql:postgresql",
                List.of(
                        new Part("SCRAM", "BSD-2-Clause", ongres + "scram/scram-client-3.2/META-INF/LICENSE"),
                        new Part("SCRAM", "BSD-2-Clause", ongres + "scram/scram-common-3.2/META-INF/LICENSE"),
                        new Part("StringPrep", "BSD-2-Clause", ongres + "stringprep/saslprep-2.2/META-INF/LICENSE"),
                        new Part("StringPrep", "BSD-2-Clause", ongres + "stringprep/stringprep-2.2/META-INF/LICENSE")));
        KNOWN.put(
                "org.xerial:sqlite-jdbc",
                List.of(
                        new Part("SQLite: native", "public domain", ""),
                        new Part(
                                "David Crawshaw's driver",
                                "BSD-2-Clause",
                                "META-INF/maven/org.xerial/sqlite-jdbc/LICENSE.zentus")));
    }

    private Inside() {}

    /**
     * Something of others in a jar.
     *
     * @param text the entry with its licence; empty if the jar has none
     */
    record Part(String what, String licence, String text) {}

    /** The rows of the page for a jar. */
    static List<String> rows(String artifact) {
        return KNOWN.getOrDefault(artifact, List.of()).stream()
                .map(part -> "| " + artifact.substring(artifact.indexOf(':') + 1) + " | " + part.what() + " | "
                        + part.licence() + " | " + (part.text().isEmpty() ? "not in the jar" : "`" + part.text() + "`")
                        + " |")
                .toList();
    }

    static List<String> artifacts() {
        return List.copyOf(KNOWN.keySet());
    }

    /** What can be seen in a jar and is not described, or described and not to be seen any more. */
    static List<String> undescribed(String artifact, Path file) throws IOException {
        List<Part> parts = KNOWN.getOrDefault(artifact, List.of());
        List<String> texts =
                parts.stream().map(Part::text).filter(text -> !text.isEmpty()).toList();
        List<String> problems = new ArrayList<>();
        try (JarFile jar = new JarFile(file.toFile())) {
            for (JarEntry entry : jar.stream().toList()) {
                String name = entry.getName();
                if (isText(name) && !texts.contains(name)) {
                    problems.add(artifact + " has " + name);
                } else if (parts.isEmpty()
                        && (NATIVE.matcher(name).matches()
                                || MOVED.matcher(name).matches())) {
                    problems.add(artifact + " has " + name);
                }
            }
            for (String text : texts) {
                if (jar.getEntry(text) == null) {
                    problems.add(artifact + " has no " + text);
                }
            }
        }
        return problems;
    }

    private static boolean isText(String name) {
        return TEXT.matcher(name).matches()
                && !OWN.matcher(name).matches()
                && !NO_TEXT.matcher(name).matches();
    }

    /** The licences of what is inside, by the entries that they are in. */
    static Map<String, String> texts(Artifact.Resolved resolved) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        try (JarFile jar = new JarFile(resolved.jar().toFile())) {
            for (Part part : KNOWN.getOrDefault(resolved.artifact().id(), List.of())) {
                if (!part.text().isEmpty()) {
                    try (InputStream in = jar.getInputStream(jar.getJarEntry(part.text()))) {
                        texts.put(part.text(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return texts;
    }
}
