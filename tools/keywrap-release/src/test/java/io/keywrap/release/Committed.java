package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file that is committed and must say what is true now. */
final class Committed {
    private static final boolean UPDATE = Boolean.getBoolean("keywrap.update");

    private Committed() {}

    /** Compares, or with {@code -Dkeywrap.update=true} writes. */
    static void check(Path file, List<String> lines, String command) throws IOException {
        String now = String.join("\n", lines) + "\n";
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, now);
            return;
        }
        List<String> before = Files.exists(file) ? Files.readAllLines(file) : List.of();
        assertThat(difference(located(before), located(lines)))
                .as(
                        "%s is out of date; if the change is meant, write it again: %s",
                        Reactor.ROOT.relativize(file), command)
                .isEmpty();
    }

    /** Each member with the type that it is of. */
    private static List<String> located(List<String> lines) {
        List<String> located = new ArrayList<>();
        String type = "";
        for (String line : lines) {
            boolean member = line.startsWith("    ");
            type = member ? type : line;
            located.add(member ? line.strip() + "   in " + type : line);
        }
        return located;
    }

    /** Lines that went, then lines that came; where only their order differs, the first that moved. */
    static List<String> difference(List<String> before, List<String> now) {
        List<String> difference = new ArrayList<>();
        List<String> gone = new ArrayList<>(before);
        now.forEach(gone::remove);
        gone.forEach(line -> difference.add("- " + line));
        List<String> come = new ArrayList<>(now);
        before.forEach(come::remove);
        come.forEach(line -> difference.add("+ " + line));
        for (int i = 0; difference.isEmpty() && i < now.size(); i++) {
            if (!now.get(i).equals(before.get(i))) {
                difference.add("moved: " + now.get(i));
            }
        }
        return difference;
    }
}
