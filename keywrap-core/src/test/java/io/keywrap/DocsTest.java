package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.DocPages.Block;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Java in README.md and docs/ compiles and runs.
 *
 * <p>A block is the body of a method that has what {@link DocBlock} gives; one that declares a class stands for itself.
 * A block of {@code java softhsm} runs in a process of its own that has a token of SoftHSM2, where that is installed. Blocks
 * of {@code java testkit}, {@code java emulators}, {@code java aws}, {@code java gcp}, {@code java azure}, {@code java azure-storage},
 * {@code java onboarding}, {@code java products}, {@code java jdbc}, {@code java micrometer} and {@code java tink} are left to
 * those modules, which have tests for them.
 */
class DocsTest {
    private static final String IMPORTS = Stream.of(
                    "io.keywrap",
                    "io.keywrap.byok",
                    "io.keywrap.envelope",
                    "io.keywrap.keychain",
                    "io.keywrap.keystore",
                    "io.keywrap.provider",
                    "io.keywrap.recovery",
                    "io.keywrap.revocation",
                    "io.keywrap.rewrap",
                    "io.keywrap.store",
                    "io.keywrap.stream",
                    "java.io",
                    "java.nio",
                    "java.nio.channels",
                    "java.nio.charset",
                    "java.nio.file",
                    "java.security",
                    "java.time",
                    "java.util",
                    "java.util.concurrent",
                    "javax.crypto",
                    "javax.crypto.spec")
            .map(name -> "import " + name + ".*;")
            .collect(Collectors.joining(" "));

    private static final Set<String> ELSEWHERE = Set.of(
            "testkit",
            "emulators",
            "aws",
            "gcp",
            "azure",
            "azure-storage",
            "onboarding",
            "products",
            "jdbc",
            "micrometer",
            "tink");

    private static final Pattern CLASS = Pattern.compile("class (\\w+)");

    @TempDir
    Path classes;

    @TempDir
    Path folder;

    static Stream<Block> blocks() {
        return DocPages.all().stream()
                .flatMap(page -> DocPages.blocks(page).stream())
                .filter(block -> block.language().equals("java") && !ELSEWHERE.contains(block.name()));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void blockCompilesAndRuns(Block block) throws Exception {
        boolean whole = block.content().contains("class ");
        compile(whole ? IMPORTS + block.content() : wrapped(block));
        if (block.name().equals("softhsm")) {
            assumeThat(DocsToken.isInstalled()).as("SoftHSM2 is installed").isTrue();
            runWithToken();
        } else if (!whole) {
            run();
        } else if (block.content().contains(" main(")) {
            runMain(block);
        }
    }

    @Test
    void thereAreBlocks() {
        assertThat(blocks().map(Block::place)).hasSizeGreaterThan(5).anyMatch(place -> place.startsWith("README.md"));
    }

    private static String wrapped(Block block) {
        return IMPORTS + " public class Example extends DocBlock {"
                + " public Example(Path folder) throws IOException { super(folder); }"
                + " @Override public void run() throws Exception {\n"
                + block.content() + "\n}}";
    }

    private void compile(String source) throws Exception {
        Matcher name = CLASS.matcher(source);
        Path file = Files.writeString(classes.resolve((name.find() ? name.group(1) : "Example") + ".java"), source);
        String path = pathOf(KekId.class) + File.pathSeparator + pathOf(DocsTest.class);
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", classes.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
    }

    /** A whole program, which is given a folder. */
    private void runMain(Block block) throws Exception {
        Matcher name = CLASS.matcher(block.content());
        assertThat(name.find()).isTrue();
        URL[] path = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, DocsTest.class.getClassLoader())) {
            Method main = loader.loadClass(name.group(1)).getMethod("main", String[].class);
            for (int run = 1; run <= 2; run++) { // The second one finds what the first has made.
                main.invoke(null, (Object) new String[] {folder.resolve("work").toString()});
            }
        }
        assertThat(folder.resolve("work/restored.csv")).hasSameBinaryContentAs(folder.resolve("work/accounts.csv"));
    }

    private void run() throws Exception {
        URL[] path = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, DocsTest.class.getClassLoader())) {
            DocBlock example = (DocBlock) loader.loadClass("Example")
                    .getConstructor(Path.class)
                    .newInstance(Files.createDirectory(folder.resolve("work")));
            example.run();
        }
    }

    /** The token is made as docs/guides/keystore.md says, with its configuration. */
    private void runWithToken() throws Exception {
        String configuration = DocPages.blocks(DocPages.root().resolve("docs/guides/keystore.md")).stream()
                .map(Block::content)
                .filter(content -> content.startsWith("name = backup"))
                .findFirst()
                .orElseThrow();
        DocsToken token = DocsToken.in(folder, configuration);
        token.addKey("tenant-42");
        Path work = token.folder();
        String path = classes + File.pathSeparator + System.getProperty("java.class.path");
        token.run("java", "-cp", path, DocBlock.class.getName(), "Example", work.toString());
    }

    private static Path pathOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
