package io.keywrap.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was written by hand, under the headings of {@code notes.md}: {@code ## ratios}, or the key of a question. */
final class Notes {
    static final String INTRODUCTION = "introduction";
    static final String RATIOS = "ratios";
    private static final String HEADING = "## ";
    private static final Set<String> HEADINGS = Stream.concat(
                    Stream.of(INTRODUCTION, RATIOS),
                    Stream.of(Question.values()).map(Question::key))
            .collect(Collectors.toSet());

    private final Map<String, String> byHeading;

    private Notes(Map<String, String> byHeading) {
        this.byHeading = byHeading;
    }

    /** The notes beside this class. */
    static Notes ofThisModule() {
        try (InputStream in = Objects.requireNonNull(Notes.class.getResourceAsStream("notes.md"))) {
            return of(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Takes notes from lines; what stands before the first heading is for those who write them.
     *
     * @throws IllegalArgumentException if a heading is none of those that the page has
     */
    static Notes of(List<String> lines) {
        Map<String, String> byHeading = new LinkedHashMap<>();
        String heading = "";
        for (String line : lines) {
            if (line.startsWith(HEADING)) {
                heading = line.substring(HEADING.length()).strip();
                if (!HEADINGS.contains(heading)) {
                    throw new IllegalArgumentException("notes.md: the page has no place for \"" + heading + "\"");
                }
            } else {
                byHeading.merge(heading, line + "\n", String::concat);
            }
        }
        return new Notes(byHeading);
    }

    /** The note under a heading, or nothing. */
    String under(String heading) {
        return Objects.requireNonNullElse(byHeading.get(heading), "").strip();
    }
}
