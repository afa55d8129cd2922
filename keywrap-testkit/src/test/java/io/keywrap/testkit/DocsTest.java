package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.keywrap.DekLease;
import io.keywrap.keychain.Keychain;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/**
 * The blocks of {@code java testkit} in the documentation compile, and their tests pass.
 *
 * <p>A block is the body of a test class, which has the extension if the block does not register it; one that declares a
 * class stands for itself.
 */
class DocsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final String GUIDE = "docs/guides/testing.md";
    private static final Pattern BLOCK =
            Pattern.compile("^```java testkit\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern EFFECT =
            Pattern.compile("^\\|[^|]*\\| `kek\\(\\)\\.(\\w+)\\(.*\\| `?(\\w+)`? \\|$", Pattern.MULTILINE);
    private static final Pattern CLASS = Pattern.compile("class (\\w+)");
    private static final String IMPORTS = Stream.of(
                    "static org.junit.jupiter.api.Assertions",
                    "com.example.acme",
                    "com.example.backup",
                    "io.keywrap",
                    "io.keywrap.keychain",
                    "io.keywrap.provider",
                    "io.keywrap.store",
                    "io.keywrap.stream",
                    "io.keywrap.testkit",
                    "java.time",
                    "java.util",
                    "org.junit.jupiter.api",
                    "org.junit.jupiter.api.extension")
            .map(name -> "import " + name + ".*; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    static Stream<String> blocks() throws IOException {
        return Stream.concat(blocksOf("README.md").stream(), blocksOf(GUIDE).stream());
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void blockCompilesAndItsTestsPass(String block) throws Exception {
        Matcher declared = CLASS.matcher(block);
        String name = declared.find() ? declared.group(1) : "Example";
        compile(name, IMPORTS + (name.equals("Example") ? asTest(block) : block));
        URL[] path = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, DocsTest.class.getClassLoader())) {
            Events tests = EngineTestKit.engine("junit-jupiter")
                    .selectors(selectClass(loader.loadClass(name)))
                    .execute()
                    .testEvents();
            assertThat(tests.failed().map(event -> event.getRequiredPayload(TestExecutionResult.class)))
                    .isEmpty();
            assertThat(tests.succeeded().count()).isPositive();
        }
    }

    @Test
    void theFiveLinesComeFirstAndAreTheSameEverywhere() throws Exception {
        String test = Files.readString(Path.of("src/test/java/com/example/backup/BackupServiceTest.java"));
        List<String> five = blocksOf(GUIDE)
                .get(0)
                .lines()
                .filter(line -> line.endsWith(";"))
                .toList();
        assertThat(five).hasSize(5);
        assertThat(blocksOf("README.md").get(0)).isEqualTo(blocksOf(GUIDE).get(0));
        assertThat(test.replace("serviceOf(keywrap", "new BackupService(keywrap"))
                .contains(five.stream().map(String::strip).toList());
    }

    @Test
    void everyEffectInTheTableIsWhatTheNextUnwrapMeets() throws Exception {
        List<MatchResult> rows =
                EFFECT.matcher(Files.readString(ROOT.resolve(GUIDE))).results().toList();
        assertThat(rows).hasSize(12);
        for (MatchResult row : rows) {
            KeywrapExtension keywrap = new KeywrapExtension();
            Keychain keychain = keywrap.keychain();
            keychain.primary().close();
            cause(row.group(1), keywrap.kek());
            Throwable met = catchThrowable(() -> use(keychain));
            assertThat(met == null ? "succeeds" : met.getClass().getSimpleName())
                    .as(row.group())
                    .isEqualTo(row.group(2));
        }
    }

    private static void use(Keychain keychain) {
        try (DekLease lease = keychain.primary()) {
            lease.ensureUsable();
        }
    }

    private static void cause(String name, InMemoryKek kek) throws Exception {
        Method effect = Arrays.stream(InMemoryKek.class.getMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow();
        if (effect.getParameterCount() == 0) {
            effect.invoke(kek);
        } else {
            effect.invoke(kek, Duration.ofMinutes(1));
        }
    }

    private static String asTest(String block) {
        boolean registers = block.contains("@RegisterExtension");
        return "class Example {"
                + (registers ? "" : " @RegisterExtension final KeywrapExtension keywrap = new KeywrapExtension();")
                + "\n" + block + "\n}";
    }

    private void compile(String name, String source) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
    }

    private static List<String> blocksOf(String page) throws IOException {
        return BLOCK.matcher(Files.readString(ROOT.resolve(page)))
                .results()
                .map(block -> block.group(1))
                .toList();
    }
}
