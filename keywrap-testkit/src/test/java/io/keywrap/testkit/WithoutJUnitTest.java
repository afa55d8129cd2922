package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Those who test with something else than JUnit 5 have all of the testkit but its contracts and its extension. */
class WithoutJUnitTest {
    @Test
    void aProductIsTestedAllTheSame() throws Exception {
        try (URLClassLoader alone = new URLClassLoader(classPathWithoutJUnit(), ClassLoader.getPlatformClassLoader())) {
            assertThatExceptionOfType(ClassNotFoundException.class)
                    .isThrownBy(() -> alone.loadClass("org.opentest4j.TestAbortedException"));
            Class<?> scenario = alone.loadClass(Scenario.class.getName());
            assertThat(scenario.getMethod("run").invoke(null)).isEqualTo("DISABLED");
        }
    }

    @Test
    void whatAKmsCannotDoIsAnUnsupportedOperation() throws Exception {
        try (URLClassLoader alone = new URLClassLoader(classPathWithoutJUnit(), ClassLoader.getPlatformClassLoader())) {
            Class<?> scenario = alone.loadClass(Scenario.class.getName());
            assertThat(scenario.getMethod("advanceTheClockOfTheMachine").invoke(null))
                    .isEqualTo("the clock of this KMS cannot be moved: give it a ManualTime");
        }
    }

    @Test
    void aModuleThatDoesNotRequireItIsCompiledAndRun(@TempDir Path folder) throws Exception {
        Path sources = Files.createDirectories(folder.resolve("src/org/example"));
        Files.writeString(
                folder.resolve("src/module-info.java"), "module org.example { requires io.keywrap.testkit; }");
        Files.writeString(sources.resolve("Backup.java"), """
                package org.example;

                import io.keywrap.testkit.*;

                public class Backup {
                    public static void main(String[] arguments) {
                        LeakCheck.forLeases().assertNoOpenLease();
                        System.out.print(new InMemoryKms().kek("customer").id());
                        try {
                            new InMemoryKms().advance(java.time.Duration.ofSeconds(1));
                        } catch (UnsupportedOperationException e) {
                            System.out.print(", unsupported");
                        }
                    }
                }
                """);
        String path = modulesWithoutJUnit();
        assertThat(path).doesNotContain("junit").doesNotContain("opentest4j");
        String compiled = folder.resolve("classes").toString();
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String[] javac = {
            "-Xlint:all",
            "-Werror",
            "-d",
            compiled,
            "-p",
            path,
            "--module-source-path",
            "org.example=" + folder + "/src",
            "-m",
            "org.example"
        };
        assertThat(ToolProvider.findFirst("javac").orElseThrow().run(out, out, javac))
                .as("%s", messages)
                .isZero();
        assertThat(run("-p", compiled + File.pathSeparator + path, "-m", "org.example/org.example.Backup"))
                .endsWith("memory:customer, unsupported");
    }

    private static String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments));
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        java.waitFor();
        return printed;
    }

    private static String modulesWithoutJUnit() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry ->
                        entry.matches(".*(keywrap-[a-z]+[^/]*\\.jar|[^-]classes/?|slf4j-api.*|jspecify.*|caffeine.*)"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static URL[] classPathWithoutJUnit() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.matches(".*(junit|opentest4j|apiguardian|assertj).*\\.jar")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(new URL[0]);
    }

    /** What runs there. */
    public static final class Scenario {
        private Scenario() {}

        /** Gives the message of the failure. */
        public static String advanceTheClockOfTheMachine() {
            try {
                new InMemoryKms().advance(Duration.ofSeconds(1));
                return "moved";
            } catch (UnsupportedOperationException e) {
                return e.getMessage();
            }
        }

        /** Gives the reason for which a revoked KEK is refused. */
        public static String run() {
            ManualTime time = ManualTime.startingAt(Instant.EPOCH);
            InMemoryKms kms = new InMemoryKms(time);
            InMemoryKek customer = kms.kek("customer");
            try (KeyProviders providers = KeyProviders.builder()
                    .register(kms)
                    .cacheDeadline(Duration.ZERO)
                    .time(time)
                    .build()) {
                Keychain keychain = Keychains.builder(new InMemoryKeychainStore(), providers)
                        .seal(KeychainSeal.wrappedBy(kms.kek("vendor").id()))
                        .build()
                        .create("tenant-42", spec -> spec.control(customer.id()));
                customer.faults(FaultPlan.ofUnwraps().slow(Duration.ofSeconds(1), 1));
                keychain.primary().close();
                customer.disable();
                keychain.primary().close();
                return "not refused";
            } catch (KekRevokedException e) {
                return e.reason().name();
            }
        }
    }
}
