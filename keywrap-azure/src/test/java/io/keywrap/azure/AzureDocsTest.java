package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.AzureAuditEvent;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documentation says of Azure: its Java compiles and runs, its figures are true. */
class AzureDocsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern BLOCK =
            Pattern.compile("^```java azure\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final String IMPORTS = Stream.of(
                    "com.azure.core.credential.TokenCredential",
                    "com.azure.core.util.ClientOptions",
                    "io.keywrap.*",
                    "io.keywrap.azure.*",
                    "io.keywrap.emulators.AzureKeyVaultEmulator",
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
        Path classes = compiled("AzureDocBlock", "docs/quickstart/azure.md", 4);
        Path work = Files.createDirectory(folder.resolve("work"));
        URL[] path = {classes.toUri().toURL()};
        try (AzureKeyVaultEmulator emulator = AzureKeyVaultEmulator.start();
                URLClassLoader loader = new URLClassLoader(path, AzureDocsTest.class.getClassLoader())) {
            AzureDocBlock example = (AzureDocBlock) loader.loadClass("Example")
                    .getConstructor(Path.class, AzureKeyVaultEmulator.class)
                    .newInstance(work, emulator);
            example.run();
            assertThat(work.resolve("restored.csv")).hasSameBinaryContentAs(work.resolve("accounts.csv"));
            assertThat(emulator.events())
                    .extracting(AzureAuditEvent::operationName)
                    .contains("KeyWrap", "KeyUnwrap", "KeyGet");
        }
    }

    @Test
    void theGuideToCertificatesCompilesAndRuns() throws Exception {
        Path classes = compiled("CertificateDocBlock", "docs/guides/azure-certificates.md", 4);
        Path work = Files.createDirectory(folder.resolve("work"));
        URL[] path = {classes.toUri().toURL()};
        try (AzureKeyVaultEmulator emulator = AzureKeyVaultEmulator.start();
                URLClassLoader loader = new URLClassLoader(path, AzureDocsTest.class.getClassLoader())) {
            CertificateDocBlock example = (CertificateDocBlock) loader.loadClass("Example")
                    .getConstructor(Path.class, AzureKeyVaultEmulator.class)
                    .newInstance(work, emulator);
            example.run();
            assertThat(work.resolve("accounts.csv.kw")).isNotEmptyFile();
            assertThat(emulator.events())
                    .filteredOn(event -> event.operationName().equals("Token"))
                    .isNotEmpty()
                    .allMatch(event -> event.status() == 200);
        }
    }

    @Test
    void theJarsOfBouncyCastleAreAsManyAndAsLargeAsThePagesSay() throws IOException {
        assertThat(Files.readString(ROOT.resolve("docs/compatibility.md"))).contains(told(".*/org/bouncycastle/.*"));
        assertThat(Files.readString(ROOT.resolve("docs/guides/azure-certificates.md")))
                .contains(told(".*/org/bouncycastle/.*"));
    }

    @Test
    void theJarsOfTheSdkAreAsManyAndAsLargeAsThePagesSay() throws IOException {
        String told =
                told(".*/(com/azure|com/microsoft/azure|com/fasterxml/jackson|io/projectreactor|org/reactivestreams"
                        + "|net/java/dev/jna)/.*");
        for (String page : List.of("docs/providers.md", "docs/compatibility.md")) {
            assertThat(Files.readString(ROOT.resolve(page))).contains(told);
        }
    }

    /** The jars of the class path that match. */
    private static String told(String pattern) throws IOException {
        long bytes = 0;
        int jars = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.matches(pattern)) {
                jars++;
                bytes += Files.size(Path.of(entry));
            }
        }
        return "%d jars, %.1f MB".formatted(jars, bytes / 1e6);
    }

    @Test
    void theOptionsPageHasEveryOption() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/options.md"));
        Stream.of(AzureKms.Builder.class, ApplicationCertificates.Builder.class)
                .flatMap(builder -> Arrays.stream(builder.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .filter(name -> !List.of("build", "create", "open").contains(name))
                .forEach(name -> assertThat(page).contains("`" + name + "("));
    }

    private Path compiled(String base, String page, int size) throws IOException {
        List<String> blocks = BLOCK.matcher(Files.readString(ROOT.resolve(page)))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(size);
        Path classes = Files.createDirectory(folder.resolve("classes"));
        Path file = Files.writeString(
                classes.resolve("Example.java"),
                IMPORTS
                        + "public class Example extends " + base
                        + " { public Example(Path folder, AzureKeyVaultEmulator"
                        + " emulator) throws IOException { super(folder, emulator); }"
                        + " @Override public void run() throws Exception {\n"
                        + String.join("\n", blocks) + "\n}}");
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
