package io.keywrap.release;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The licences that keywrap's users can live with, by what the poms of others call them. Whatever is not here is unknown. */
final class Licences {
    static final String UNKNOWN = "UNKNOWN";
    /** In the order in which they are tried; the names are SPDX's. */
    private static final Map<Pattern, String> NAMES = new LinkedHashMap<>();

    /** Of those whose description says too little, by the text that they come with: "BSD", without a number. */
    private static final Map<String, String> LOOKED_UP =
            Map.of("org.jline:jline-native", "BSD-3-Clause", "org.jline:jline-terminal", "BSD-3-Clause");

    /**
     * Those of which their authors say that one may choose: Logback in its README, JNA in its pom and in META-INF/LICENSE,
     * HdrHistogram in META-INF/LICENSE.txt. Poms that name several do not say whether one is enough.
     */
    private static final Set<String> CHOICES = Set.of(
            "ch.qos.logback:logback-classic",
            "ch.qos.logback:logback-core",
            "net.java.dev.jna:jna",
            "net.java.dev.jna:jna-platform",
            "org.hdrhistogram:HdrHistogram");

    /** Copyleft for the files themselves; fine where another one may be chosen, and where somebody has thought about it. */
    private static final Set<String> WEAK_COPYLEFT = Set.of("EPL-1.0", "EPL-2.0", "LGPL-2.1-only", "LGPL-2.1-or-later");

    /** Unchanged, in the command alone, with its sources where its texts in META-INF say. */
    private static final Set<String> THOUGHT_ABOUT =
            Set.of("ch.qos.logback:logback-classic", "ch.qos.logback:logback-core");

    static {
        name(
                "Apache-2.0",
                "(the )?apache( software)?( license|-2)?,?( version)? ?2?(\\.0)?( license)?|apache-2\\.0|al 2\\.0");
        name("MIT", "(the )?mit( license)?( \\(mit\\))?|bouncy castle licence");
        name("MIT-0", "mit-0");
        name("BSD-2-Clause", "bsd-2-clause|(the )?bsd 2-clause.*|simplified bsd.*");
        name("BSD-3-Clause", "bsd-3-clause|(the )?new bsd( license)?|.*bsd 3-clause.*");
        name("CC0-1.0", "cc0-1\\.0|.*cc0.*");
        name("EPL-1.0", "epl-1\\.0|eclipse public license.*1\\.0");
        name("EPL-2.0", "epl-2\\.0|eclipse public license.*2\\.0");
        name("LGPL-2.1-only", "lgpl-2\\.1-only");
        name("LGPL-2.1-or-later", "lgpl-2\\.1-or-later");
    }

    private Licences() {}

    private static void name(String spdx, String pattern) {
        NAMES.put(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), spdx);
    }

    /**
     * The licence of an artifact: {@code A}; {@code A OR B} if its author says that it is a choice; or else {@code A; B}, of which
     * both have to be taken as holding. {@link #UNKNOWN} if one of them is not known, or not allowed.
     */
    static String of(String artifact, List<String> names) {
        if (LOOKED_UP.containsKey(artifact)) {
            return LOOKED_UP.get(artifact);
        }
        TreeSet<String> known = names.stream().map(Licences::spdx).collect(Collectors.toCollection(TreeSet::new));
        boolean choice = CHOICES.contains(artifact);
        boolean copyleft =
                choice ? WEAK_COPYLEFT.containsAll(known) : known.stream().anyMatch(WEAK_COPYLEFT::contains);
        boolean refused = copyleft && !THOUGHT_ABOUT.contains(artifact);
        return known.isEmpty() || known.contains(UNKNOWN) || refused
                ? UNKNOWN
                : String.join(choice ? " OR " : "; ", known);
    }

    private static String spdx(String name) {
        return NAMES.entrySet().stream()
                .filter(entry -> entry.getKey().matcher(name.trim()).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(UNKNOWN);
    }
}
