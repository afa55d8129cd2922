package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.CloudTrailEvent;
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

/** What the documentation says of AWS: its Java compiles and runs, its figures are true. */
class AwsDocsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern BLOCK =
            Pattern.compile("^```java aws\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final String IMPORTS = Stream.of(
                    "io.keywrap",
                    "io.keywrap.aws",
                    "io.keywrap.emulators.AwsKmsEmulator",
                    "io.keywrap.keychain",
                    "io.keywrap.provider",
                    "io.keywrap.store",
                    "io.keywrap.stream",
                    "java.io",
                    "java.nio.file",
                    "java.time",
                    "java.util",
                    "java.util.concurrent",
                    "software.amazon.awssdk.regions",
                    "software.amazon.awssdk.services.kms")
            .map(name -> "import " + (name.endsWith("Emulator") ? name : name + ".*") + "; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    @Test
    void theQuickstartCompilesAndRuns() throws Exception {
        List<String> blocks = BLOCK.matcher(Files.readString(ROOT.resolve("docs/quickstart/aws.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(5);
        Path classes = compiled(String.join("\n", blocks));
        Path work = Files.createDirectory(folder.resolve("work"));
        URL[] path = {classes.toUri().toURL()};
        try (AwsKmsEmulator emulator =
                AwsKmsEmulator.builder().region("eu-west-1").start(0)) {
            SdkSettings settings = SdkSettings.of(emulator);
            try (URLClassLoader loader = new URLClassLoader(path, AwsDocsTest.class.getClassLoader())) {
                AwsDocBlock example = (AwsDocBlock) loader.loadClass("Example")
                        .getConstructor(Path.class, AwsKmsEmulator.class)
                        .newInstance(work, emulator);
                example.run();
            } finally {
                settings.close();
            }
            assertThat(work.resolve("restored.csv")).hasSameBinaryContentAs(work.resolve("accounts.csv"));
            assertThat(emulator.events())
                    .extracting(CloudTrailEvent::eventName)
                    .contains("GenerateDataKey", "Decrypt", "DescribeKey", "AssumeRole", "ReEncrypt");
        }
    }

    @Test
    void theJarsOfTheSdkAreAsManyAndAsLargeAsThePagesSay() throws IOException {
        long bytes = 0;
        int jars = 0;
        int optionalJars = 0;
        long optionalBytes = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            boolean optional = entry.matches(".*/(sts|aws-query-protocol)-[0-9.]+\\.jar");
            if (entry.contains("/software/amazon/") || entry.contains("/org/reactivestreams/")) {
                jars++;
                bytes += Files.size(Path.of(entry));
                optionalJars += optional ? 1 : 0;
                optionalBytes += optional ? Files.size(Path.of(entry)) : 0;
            }
        }
        String without = "%d jars, %.1f MB".formatted(jars - optionalJars, (bytes - optionalBytes) / 1e6);
        String with = "%d jars, %.1f MB".formatted(jars, bytes / 1e6);
        for (String page : List.of("docs/providers.md", "docs/compatibility.md")) {
            assertThat(Files.readString(ROOT.resolve(page))).contains(without).contains(with);
        }
    }

    @Test
    void theOptionsPageHasEveryOption() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/options.md"));
        Arrays.stream(AwsKms.Builder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .filter(name -> !name.equals("build"))
                .forEach(name -> assertThat(page).contains("`" + name + "("));
    }

    private Path compiled(String blocks) throws IOException {
        Path classes = Files.createDirectory(folder.resolve("classes"));
        Path file = Files.writeString(
                classes.resolve("Example.java"),
                IMPORTS
                        + "public class Example extends AwsDocBlock { public Example(Path folder, AwsKmsEmulator emulator)"
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
