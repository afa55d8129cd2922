package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.TimeSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page about emulators names every operation and no other, and its Java compiles and runs. */
class DocsTest {
    private static final Path PAGE =
            Path.of("").toAbsolutePath().getParent().getParent().resolve("docs/emulators.md");
    private static final Pattern BLOCK =
            Pattern.compile("^```java emulators\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern OPERATIONS =
            Pattern.compile("^Operations: (.*?);", Pattern.MULTILINE | Pattern.DOTALL);

    @TempDir
    Path folder;

    private static Stream<String> blocks() throws IOException {
        return BLOCK.matcher(Files.readString(PAGE)).results().map(block -> block.group(1));
    }

    @Test
    void thereIsABlockForEachEmulator() throws Exception {
        assertThat(blocks())
                .hasSizeGreaterThanOrEqualTo(3)
                .anyMatch(b -> b.contains("AwsKms"))
                .anyMatch(b -> b.contains("GcpKms"))
                .anyMatch(b -> b.contains("AzureKeyVault"));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void everyBlockCompilesAndRuns(String block) throws Exception {
        String source = "import io.keywrap.emulators.*; import java.net.*; import java.time.*; import java.util.*;"
                + " public class Example implements Runnable { public void run() {\n" + block + "}}";
        Path file = Files.writeString(folder.resolve("Example.java"), source);
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
        URL[] classes = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(classes, DocsTest.class.getClassLoader())) {
            ((Runnable) loader.loadClass("Example").getConstructor().newInstance()).run();
        }
    }

    @Test
    void everyOperationIsNamed() throws Exception {
        KmsStore store = new KmsStore(TimeSource.system());
        Authorizer authorizer = new Authorizer();
        KmsOperations aws = new KmsOperations(store, authorizer, new KmsKeys(store, authorizer));
        GcpMethods gcp = new GcpMethods(new GcpStore(TimeSource.system()));
        List<String> azure = Stream.of(VaultOperation.values())
                .map(operation -> operation.logName)
                .toList();

        assertThat(OPERATIONS.matcher(Files.readString(PAGE)).results().map(DocsTest::names))
                .satisfiesExactly(
                        named -> assertThat(named).containsExactlyInAnyOrderElementsOf(aws.names()),
                        named -> assertThat(named)
                                .containsExactlyInAnyOrderElementsOf(
                                        gcp.all().stream().map(GcpMethod::name).toList()),
                        named -> assertThat(named).containsExactlyInAnyOrderElementsOf(azure));
    }

    private static List<String> names(MatchResult paragraph) {
        return Pattern.compile("`(\\w+)`")
                .matcher(paragraph.group(1))
                .results()
                .map(name -> name.group(1))
                .toList();
    }
}
