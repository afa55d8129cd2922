package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.TimeSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void theBlockCompilesAndRuns() throws Exception {
        var block = BLOCK.matcher(Files.readString(PAGE));
        assertThat(block.find()).isTrue();
        String source = "import io.keywrap.emulators.*; import java.net.*; import java.time.*;"
                + " public class Example implements Runnable { public void run() {\n" + block.group(1) + "}}";
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
        var paragraph = OPERATIONS.matcher(Files.readString(PAGE));
        assertThat(paragraph.find()).isTrue();
        List<String> named = Pattern.compile("`(\\w+)`")
                .matcher(paragraph.group(1))
                .results()
                .map(name -> name.group(1))
                .toList();
        KmsStore store = new KmsStore(TimeSource.system());
        Authorizer authorizer = new Authorizer();
        KmsOperations operations = new KmsOperations(store, authorizer, new KmsKeys(store, authorizer));

        assertThat(named).containsExactlyInAnyOrderElementsOf(operations.names());
    }
}
