package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.GcpAuditEvent;
import io.keywrap.emulators.GcpKmsEmulator;
import java.io.File;
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

/** What the documentation says of Google Cloud: its Java compiles and runs, its figures are true. */
class GcpDocsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern BLOCK =
            Pattern.compile("^```java gcp\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final String IMPORTS = Stream.of(
                    "com.google.cloud.kms.v1.KeyManagementServiceClient",
                    "com.google.cloud.kms.v1.KeyManagementServiceSettings",
                    "io.keywrap.*",
                    "io.keywrap.gcp.*",
                    "io.keywrap.emulators.GcpKmsEmulator",
                    "io.keywrap.keychain.*",
                    "io.keywrap.provider.*",
                    "io.keywrap.store.*",
                    "io.keywrap.stream.*",
                    "java.io.*",
                    "java.nio.file.*",
                    "java.time.*",
                    "java.util.*")
            .map(name -> "import " + name + "; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    @Test
    void theQuickstartCompilesAndRuns() throws Exception {
        List<String> blocks = BLOCK.matcher(Files.readString(ROOT.resolve("docs/quickstart/gcp.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(4);
        Path classes = compiled(String.join("\n", blocks));
        Path work = Files.createDirectory(folder.resolve("work"));
        URL[] path = {classes.toUri().toURL()};
        try (GcpKmsEmulator emulator = GcpKmsEmulator.start();
                URLClassLoader loader = new URLClassLoader(path, GcpDocsTest.class.getClassLoader());
                GcpDocBlock example = (GcpDocBlock) loader.loadClass("Example")
                        .getConstructor(Path.class, GcpKmsEmulator.class)
                        .newInstance(work, emulator)) {
            example.run();
            assertThat(work.resolve("restored.csv")).hasSameBinaryContentAs(work.resolve("accounts.csv"));
            assertThat(emulator.events())
                    .extracting(GcpAuditEvent::method)
                    .contains("Encrypt", "Decrypt", "GetCryptoKey");
        }
    }

    @Test
    void theJarsOfGooglesClientAreAsManyAndAsLargeAsThePagesSay() throws IOException {
        long bytes = 0;
        int jars = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            boolean ofGoogle = Stream.of(
                            "/com/google/",
                            "/io/grpc/",
                            "/io/opencensus/",
                            "/io/perfmark/",
                            "/org/codehaus/mojo/",
                            "/org/threeten/")
                    .anyMatch(entry::contains);
            boolean ofCore = entry.contains("/error_prone_annotations/");
            if (ofGoogle && !ofCore) {
                jars++;
                bytes += Files.size(Path.of(entry));
            }
        }
        String all = "%d jars, %.1f MB".formatted(jars, bytes / 1e6);
        for (String page : List.of("docs/providers.md", "docs/compatibility.md")) {
            assertThat(Files.readString(ROOT.resolve(page))).contains(all);
        }
    }

    private Path compiled(String blocks) throws IOException {
        Path classes = Files.createDirectory(folder.resolve("classes"));
        Path file = Files.writeString(
                classes.resolve("Example.java"),
                IMPORTS
                        + "public class Example extends GcpDocBlock { public Example(Path folder, GcpKmsEmulator emulator)"
                        + " throws IOException { super(folder, emulator); } @Override public void run() throws Exception {\n"
                        + blocks + "\n}}");
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", classes.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
        return classes;
    }
}
