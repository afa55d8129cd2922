package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every numbered rule of docs/format.md has a test that names it, and no test names a rule that does not exist. */
class FormatRulesTest {
    private static final Pattern RULE = Pattern.compile("^\\* \\*\\*([A-Z]\\d+)\\*\\* ", Pattern.MULTILINE);
    private static final Pattern ANNOTATION = Pattern.compile("@FormatRule\\(([^)]*)\\)");
    private static final Pattern ID = Pattern.compile("\"([^\"]*)\"");

    @Test
    void everyRuleHasATestAndEveryTestsRuleExists() throws IOException {
        Set<String> tested = tested();
        assertThat(tested).isEqualTo(rules());
    }

    @Test
    void rulesAreNumberedWithoutGaps() {
        List<String> rules = RULE.matcher(DocPages.read("docs/format.md"))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(rules).doesNotHaveDuplicates();
        for (String rule : rules) {
            int number = Integer.parseInt(rule.substring(1));
            assertThat(number == 1 || rules.contains(rule.charAt(0) + "" + (number - 1)))
                    .as(rule)
                    .isTrue();
        }
    }

    private static Set<String> rules() {
        Set<String> rules = new TreeSet<>();
        RULE.matcher(DocPages.read("docs/format.md")).results().forEach(match -> rules.add(match.group(1)));
        assertThat(rules).hasSizeGreaterThan(40);
        return rules;
    }

    private static Set<String> tested() throws IOException {
        Set<String> tested = new TreeSet<>();
        try (Stream<Path> sources = Files.find(
                Path.of(System.getProperty("basedir", ""), "src", "test", "java"),
                20,
                (file, attributes) -> file.toString().endsWith(".java"))) {
            for (Path source : sources.toList()) {
                ANNOTATION
                        .matcher(Files.readString(source))
                        .results()
                        .flatMap(match -> ID.matcher(match.group(1)).results())
                        .map((MatchResult id) -> id.group(1))
                        .forEach(tested::add);
            }
        }
        return tested;
    }
}
