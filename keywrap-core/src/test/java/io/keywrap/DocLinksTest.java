package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Links between pages lead to files and headings that exist. */
class DocLinksTest {
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

    @Test
    void everyRelativeLinkLeadsSomewhere() {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : DocPages.all()) {
            for (MatchResult link : LINK.matcher(DocPages.prose(page)).results().toList()) {
                String target = link.group(1);
                if (!target.matches("[a-z]+:.*")) {
                    links++;
                    if (!leadsSomewhere(page, target)) {
                        broken.add(DocPages.root().relativize(page) + " → " + target);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(30);
    }

    @Test
    void everyPageIsLinkedFromAnother() {
        List<Path> linked = new ArrayList<>();
        for (Path page : DocPages.all()) {
            LINK.matcher(DocPages.prose(page))
                    .results()
                    .map(link -> fileOf(page, link.group(1)))
                    .filter(target -> !target.equals(page))
                    .forEach(linked::add);
        }
        assertThat(DocPages.all())
                .filteredOn(page -> !page.equals(DocPages.root().resolve("README.md")))
                .allSatisfy(page -> assertThat(linked).contains(page));
    }

    private static boolean leadsSomewhere(Path page, String target) {
        Path file = fileOf(page, target);
        int hash = target.indexOf('#');
        return Files.exists(file) && (hash < 0 || anchors(file).contains(target.substring(hash + 1)));
    }

    private static Path fileOf(Path page, String target) {
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        return file.isEmpty() ? page : page.resolveSibling(file).normalize();
    }

    private static List<String> anchors(Path page) {
        return HEADING.matcher(DocPages.prose(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
