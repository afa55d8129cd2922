package io.keywrap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documentation of the project, as the tests that check it read it. */
final class DocPages {
    private static final Pattern BLOCK = Pattern.compile("^```(\\S*) ?(.*)\\R((?s:.*?))^```$", Pattern.MULTILINE);

    private DocPages() {}

    /** The folder that README.md and docs/ are in. */
    static Path root() {
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return module.getParent();
    }

    /** Every page: those at the root, and everything in docs/. */
    static List<Path> all() {
        List<Path> pages = new ArrayList<>(filesIn(root(), 1));
        pages.addAll(filesIn(root().resolve("docs"), 10));
        return pages;
    }

    static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(String page) {
        return read(root().resolve(page));
    }

    /** The fenced blocks of a page. */
    static List<Block> blocks(Path page) {
        List<Block> blocks = new ArrayList<>();
        String text = read(page);
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            int line = (int) text.substring(0, matcher.start()).lines().count() + 1;
            String place = root().relativize(page) + ":" + line;
            blocks.add(new Block(place, matcher.group(1), matcher.group(2), matcher.group(3)));
        }
        return blocks;
    }

    /** The text of a page without its fenced blocks. */
    static String prose(Path page) {
        return BLOCK.matcher(read(page)).replaceAll("");
    }

    private static List<Path> filesIn(Path folder, int depth) {
        try (Stream<Path> files = Files.find(
                folder,
                depth,
                (file, attributes) -> file.getFileName().toString().endsWith(".md"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A fenced block.
     *
     * @param place page and line
     * @param language what stands behind the fence
     * @param name what stands behind the language
     * @param content the lines
     */
    record Block(String place, String language, String name, String content) {
        @Override
        public String toString() {
            return place;
        }
    }
}
