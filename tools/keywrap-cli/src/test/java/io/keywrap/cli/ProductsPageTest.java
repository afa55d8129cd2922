package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each feature of a product takes: its blocks are short, compile, and run one after the other. */
class ProductsPageTest {
    private static final Path PAGE =
            Path.of("").toAbsolutePath().getParent().getParent().resolve("docs/products.md");
    private static final Pattern BLOCK =
            Pattern.compile("^```java products\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern ROW =
            Pattern.compile("^\\| [^|]*\\| [^|]+ \\| \\[[^]]+]\\(#([^)]+)\\) \\|$", Pattern.MULTILINE);
    private static final int STATEMENTS = 3;
    private static final int BLOCKS = 19;
    private static final String IMPORTS = Stream.of(
                    "io.keywrap.*",
                    "io.keywrap.aws.*",
                    "io.keywrap.azure.*",
                    "io.keywrap.byok.*",
                    "io.keywrap.cli.ProductsDocBlock",
                    "io.keywrap.gcp.*",
                    "io.keywrap.keychain.*",
                    "io.keywrap.onboarding.*",
                    "io.keywrap.provider.*",
                    "io.keywrap.revocation.*",
                    "io.keywrap.rewrap.*",
                    "io.keywrap.store.*",
                    "io.keywrap.stream.*",
                    "java.nio.file.*",
                    "java.time.*",
                    "java.util.*")
            .map(name -> "import " + name + "; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    private static List<String> blocks() throws IOException {
        return BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    @Test
    void noBlockHasMoreThanThreeStatements() throws IOException {
        assertThat(blocks())
                .hasSize(BLOCKS)
                .allSatisfy(block -> assertThat(
                                block.lines().filter(line -> line.endsWith(";") || line.endsWith("); }")))
                        .hasSizeLessThanOrEqualTo(STATEMENTS));
    }

    @Test
    void everyRowOfTheTableLeadsToABlock() throws IOException {
        String page = Files.readString(PAGE);
        List<String> rows = ROW.matcher(page).results().map(row -> row.group(1)).toList();
        assertThat(rows).hasSize(20).allSatisfy(place -> {
            String section = Stream.of(page.split("\n## "))
                    .filter(part -> place.equals(part.lines()
                            .findFirst()
                            .orElse("")
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z -]", "")
                            .replace(' ', '-')))
                    .findFirst()
                    .orElse("");
            assertThat(section).as(place).contains("```java products");
        });
    }

    @Test
    void allBlocksCompileAndRun() throws Exception {
        String methods = blocks().stream().map(block -> "{\n" + block + "}\n").collect(Collectors.joining());
        Path classes = CompiledBlocks.in(
                Files.createDirectory(folder.resolve("classes")),
                IMPORTS
                        + "public class Example extends ProductsDocBlock { public Example(Path folder) throws"
                        + " Exception { super(folder); } @Override public void run() throws"
                        + " Exception {\n" + methods + "}}");
        URL[] path = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, ProductsPageTest.class.getClassLoader());
                ProductsDocBlock example = (ProductsDocBlock) loader.loadClass("Example")
                        .getConstructor(Path.class)
                        .newInstance(Files.createDirectory(folder.resolve("work")))) {
            example.run();

            assertThat(example.target).isNotEmptyFile();
            assertThat(example.logged)
                    .anyMatch(line -> line.startsWith("this is the ARN of a key"))
                    .anyMatch(line -> line.contains("+++ policy with keywrap"))
                    .anyMatch(line -> line.startsWith("the key is a PASS\n"))
                    .contains("VENDOR and CUSTOMER for good", "needed to open: false, safe to delete: false", "ACTIVE")
                    .anyMatch(line -> line.contains("BEGIN CERTIFICATE"))
                    .anyMatch(line -> line.contains("\"RETAINED\""));
        }
    }
}
