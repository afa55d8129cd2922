package io.keywrap.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a module pulls in. */
record Artifact(String group, String name, String version) implements Comparable<Artifact> {
    /** {@code group:name:jar[:classifier]:version:scope:/path}, as Maven lists it. */
    private static final Pattern LISTED =
            Pattern.compile(" *([^: ]+):([^: ]+):jar(?::[^: ]+)?:([^: ]+):(?:compile|runtime):(/[^ ]+)( .*)?");

    @Override
    public int compareTo(Artifact other) {
        return Comparator.comparing(Artifact::group)
                .thenComparing(Artifact::name)
                .thenComparing(Artifact::version)
                .compare(this, other);
    }

    boolean isOurs() {
        return group.equals("io.keywrap");
    }

    /** Without the version. */
    String id() {
        return group + ":" + name;
    }

    @Override
    public String toString() {
        return group + ":" + name + ":" + version;
    }

    /** An artifact and where its jar is. */
    record Resolved(Artifact artifact, Path jar) {}

    /** Of a snapshot the version that it is published under, without the time. */
    private static String baseVersion(String version) {
        return version.replaceFirst("-[0-9]{8}\\.[0-9]{6}-[0-9]+$", "-SNAPSHOT");
    }

    /** What Maven resolved for compile and run time. */
    static List<Resolved> resolved(Path listing) throws IOException {
        List<Resolved> resolved = new ArrayList<>();
        for (String line : Files.readAllLines(listing)) {
            Matcher listed = LISTED.matcher(line.replaceAll("\u001B\\[[;\\d]*m", ""));
            if (listed.matches()) {
                resolved.add(new Resolved(
                        new Artifact(listed.group(1), listed.group(2), baseVersion(listed.group(3))),
                        Path.of(listed.group(4))));
            }
        }
        return resolved;
    }
}
