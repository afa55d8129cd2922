package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide to blobs is true: its Java compiles and runs. */
class StorageDocsTest {
    private static final Path PAGE = Path.of("").toAbsolutePath().resolve("../../docs/guides/azure-storage.md");
    private static final Pattern BLOCK =
            Pattern.compile("^```java azure-storage\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final String IMPORTS = Stream.of(
                    "com.azure.core.util.*",
                    "com.azure.storage.blob.models.*",
                    "com.azure.storage.blob.options.*",
                    "com.azure.storage.blob.specialized.cryptography.*",
                    "io.keywrap.*",
                    "io.keywrap.aws.AwsKms",
                    "io.keywrap.azure.storage.*",
                    "io.keywrap.gcp.GcpKms",
                    "io.keywrap.keychain.*",
                    "io.keywrap.provider.*",
                    "io.keywrap.revocation.*",
                    "io.keywrap.store.*",
                    "java.io.*",
                    "java.nio.charset.StandardCharsets",
                    "java.time.Duration",
                    "java.util.*")
            .map(name -> "import " + name + "; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    @Test
    void itsJavaCompilesAndRuns() throws Exception {
        List<String> blocks = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(5);
        compile(String.join("\n", blocks));
        URL[] path = {folder.toUri().toURL()};
        try (Blobs blobs = new Blobs();
                URLClassLoader loader = new URLClassLoader(path, StorageDocsTest.class.getClassLoader())) {
            GuideBlock example = (GuideBlock) loader.loadClass("Example")
                    .getConstructor(Object.class, Path.class)
                    .newInstance(blobs, folder.resolve("store"));
            example.run();
            assertThat(example.logged).element(1).asString().startsWith("DISABLED: ");
            example.logged.remove(1);
            assertThat(example.logged).containsExactly("id,name", "id,name", "DISABLED", "id,name", "id,name");
        }
    }

    private void compile(String blocks) throws IOException {
        Path file = Files.writeString(
                folder.resolve("Example.java"),
                IMPORTS
                        + "public class Example extends GuideBlock { public Example(Object blobs, java.nio.file.Path folder) { super(blobs, folder); }"
                        + " @Override public void run() throws Exception {\n" + blocks + "\nproviders.close(); } }");
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
    }
}
