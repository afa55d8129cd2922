package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.AzureAuditEvent;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide to Tink is true: its Java runs against Azure Key Vault, its figures are those of the tests. */
class TinkDocsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern BLOCK =
            Pattern.compile("^```java tink\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final String IMPORTS = Stream.of(
                    "com.google.crypto.tink.*",
                    "com.google.crypto.tink.aead.*",
                    "io.keywrap.*",
                    "io.keywrap.azure.*",
                    "io.keywrap.keychain.*",
                    "io.keywrap.provider.*",
                    "io.keywrap.revocation.*",
                    "io.keywrap.store.*",
                    "io.keywrap.tink.*",
                    "java.nio.charset.*",
                    "java.security.GeneralSecurityException",
                    "java.time.*",
                    "java.util.*")
            .map(name -> "import " + name + "; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    private static String page(String name) throws IOException {
        return Files.readString(ROOT.resolve(name));
    }

    @Test
    void itsJavaCompilesAndRunsAgainstAzure() throws Exception {
        List<String> blocks = BLOCK.matcher(page("docs/guides/tink.md"))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(5);
        compile(String.join("\n", blocks));
        List<String> log = new ArrayList<>();
        URL[] path = {folder.toUri().toURL()};
        try (AzureVault vault = new AzureVault();
                URLClassLoader loader = new URLClassLoader(path, TinkDocsTest.class.getClassLoader())) {
            ((TinkDocBlock) loader.loadClass("Example")
                            .getConstructor(Object.class, Path.class, List.class)
                            .newInstance(vault, folder.resolve("store"), log))
                    .run();
            assertThat(log).hasSize(6).startsWith("id,name").endsWith("1,acme", "2,acme", "3,acme", "DISABLED");
            assertThat(log.get(1))
                    .startsWith("DISABLED: cannot decrypt under the KEK " + vault.keyUri())
                    .contains("to do: ");
            assertThat(vault.emulator.events())
                    .extracting(AzureAuditEvent::operationName)
                    .contains("KeyWrap", "KeyUnwrap");
        }
    }

    @Test
    void theOptionsPageHasEveryOption() throws IOException {
        String options = page("docs/options.md");
        Arrays.stream(KeywrapKmsClient.Builder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(method -> method.getName())
                .filter(name -> !name.equals("build"))
                .forEach(name -> assertThat(options).contains("`" + name + "("));
    }

    @Test
    void theJarsOfTinkAreAsManyAndAsLargeAsThePageSays() throws IOException {
        long bytes = 0;
        int jars = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.matches(".*/com/google/(crypto/tink|code/gson|code/findbugs|protobuf/protobuf-java)/.*")) {
                jars++;
                bytes += Files.size(Path.of(entry));
            }
        }
        assertThat(page("docs/compatibility.md")).contains("%d jars, %.1f MB".formatted(jars, bytes / 1e6));
    }

    private void compile(String blocks) throws IOException {
        Path file = Files.writeString(
                folder.resolve("Example.java"),
                IMPORTS + "public class Example extends io.keywrap.tink.TinkDocBlock {"
                        + " public Example(Object vault, java.nio.file.Path folder, List<String> log) { super(vault, folder, log); }"
                        + " @Override public void run() throws Exception {\n" + blocks + "\n} }");
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
    }
}
