package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.TimeSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

    private static final Pattern AZURE_OPERATIONS =
            Pattern.compile("^Operations of the vault.*?`Token`", Pattern.MULTILINE | Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void theBlocksCompileAndRun() throws Exception {
        List<String> blocks = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(2);
        for (int i = 0; i < blocks.size(); i++) {
            run("Example" + i, blocks.get(i));
        }
    }

    private void run(String name, String block) throws Exception {
        String source = "import io.keywrap.emulators.*; import java.net.*; import java.time.*; import java.util.*;"
                + " public class " + name + " implements Runnable { public void run() {\n" + block + "}}";
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
        URL[] classes = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(classes, DocsTest.class.getClassLoader())) {
            ((Runnable) loader.loadClass(name).getConstructor().newInstance()).run();
        }
    }

    @Test
    void everyOperationOfAwsIsNamed() throws Exception {
        var paragraph = OPERATIONS.matcher(Files.readString(PAGE));
        assertThat(paragraph.find()).isTrue();
        List<String> named = names(paragraph.group(1));
        KmsStore store = new KmsStore(TimeSource.system());
        Authorizer authorizer = new Authorizer();
        KmsOperations operations = new KmsOperations(store, authorizer, new KmsKeys(store, authorizer));

        assertThat(named).containsExactlyInAnyOrderElementsOf(operations.names());
    }

    @Test
    void everyOperationOfAzureIsNamed() throws Exception {
        var paragraph = AZURE_OPERATIONS.matcher(Files.readString(PAGE));
        assertThat(paragraph.find()).isTrue();
        assertThat(names(paragraph.group()))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(VaultOperation.values())
                        .map(operation -> operation.logName)
                        .toList());
    }

    private static List<String> names(String text) {
        return Pattern.compile("`(\\w+)`")
                .matcher(text)
                .results()
                .map(name -> name.group(1))
                .toList();
    }
}
