package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.byok.ByokKms;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages name exists, and what they must name they do. */
class DocNamesTest {
    private static final List<String> JDK = List.of(
            "java.io.",
            "java.lang.",
            "java.nio.channels.",
            "java.nio.file.",
            "java.security.",
            "java.time.",
            "java.util.",
            "java.util.concurrent.",
            "java.util.function.",
            "javax.crypto.");
    private static final String EMULATORS = "tools/keywrap-emulators/src/main/java/io/keywrap/emulators";
    private static final List<String> LATER = List.of(
            "keywrap-testkit/src/main/java/io/keywrap/testkit",
            "keywrap-aws/src/main/java/io/keywrap/aws",
            "keywrap-aws/src/test/java/io/keywrap/aws",
            "keywrap-gcp/src/main/java/io/keywrap/gcp",
            "keywrap-gcp/src/test/java/io/keywrap/gcp",
            "keywrap-azure/src/main/java/io/keywrap/azure",
            "keywrap-azure/src/test/java/io/keywrap/azure",
            "integrations/keywrap-azure-storage/src/main/java/io/keywrap/azure/storage",
            "integrations/keywrap-jdbc/src/main/java/io/keywrap/jdbc",
            "integrations/keywrap-jdbc/src/test/java/io/keywrap/jdbc",
            "integrations/keywrap-micrometer/src/main/java/io/keywrap/micrometer",
            "integrations/keywrap-tink/src/main/java/io/keywrap/tink",
            "integrations/keywrap-tink/src/test/java/io/keywrap/tink",
            "tools/keywrap-cli/src/main/java/io/keywrap/cli",
            "tools/keywrap-cli/src/test/java/io/keywrap/cli",
            "tools/keywrap-release/src/test/java/io/keywrap/release",
            "docs/examples/backup-service/src/main/java/com/example/backup",
            EMULATORS);
    private static final List<String> PROTOCOLS = List.of(
            "docs/emulators.md",
            "docs/evidence/revocation-in-flight.md",
            "docs/evidence/rewrap.md",
            "docs/evidence/time-to-revoke.md",
            "docs/guides/onboarding.md");
    private static final List<String> CLOUD_ERRORS = List.of(
            "keywrap-aws/src/main/java/io/keywrap/aws/AwsErrors.java",
            "keywrap-aws/src/test/java/io/keywrap/aws/AwsErrorsTest.java",
            "keywrap-azure/src/main/java/io/keywrap/azure/AzureErrors.java",
            "keywrap-azure/src/test/java/io/keywrap/azure/AzureErrorsTest.java",
            "keywrap-azure/src/test/java/io/keywrap/azure/WireAccessCases.java");
    private static final Pattern CODE = Pattern.compile("`([A-Z][a-z]\\w*)(?:\\.(\\w+)(\\(?)[^`]*)?`");
    private static final Pattern EXCEPTION = Pattern.compile("`(\\w+Exception)`");

    @Test
    void everyTypeAndMethodInCodeExists() throws Exception {
        Map<String, List<Class<?>>> known = types();
        List<String> missing = new ArrayList<>();
        for (Path page : DocPages.all()) {
            for (MatchResult name : CODE.matcher(DocPages.prose(page)).results().toList()) {
                List<Class<?>> types = known.getOrDefault(name.group(1), List.of());
                boolean exists = types.isEmpty() ? isOfTheJdk(name.group(1)) : isOfThisModule(name, types);
                if (!exists
                        && !isOfALaterModule(name)
                        && !isCodeOfACloud(name)
                        && !(PROTOCOLS.stream().anyMatch(page::endsWith) && isOfAProtocol(name))) {
                    missing.add(DocPages.root().relativize(page) + ": " + name.group());
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void errorsPageHasEveryConcreteExceptionAndNoOther() throws Exception {
        Set<String> concrete = new TreeSet<>();
        for (List<Class<?>> types : types().values()) {
            types.stream()
                    .filter(KeywrapException.class::isAssignableFrom)
                    .filter(type -> !Modifier.isAbstract(type.getModifiers()) && !type.isAnonymousClass())
                    .forEach(type -> concrete.add(type.getSimpleName()));
        }
        Set<String> listed = new TreeSet<>();
        DocPages.read("docs/errors.md")
                .split("\n## What is not a ", 2)[0]
                .lines()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> EXCEPTION.matcher(line).results().limit(1))
                .forEach(name -> listed.add(name.group(1)));
        assertThat(concrete).hasSizeGreaterThan(10);
        assertThat(listed).isEqualTo(concrete);
    }

    @Test
    void optionsPageHasEveryOption() {
        String page = DocPages.read("docs/options.md");
        Stream.of(
                        KeyProviders.Builder.class,
                        Keystores.Builder.class,
                        ByokKms.Builder.class,
                        Keychains.Builder.class,
                        Keychains.Spec.class,
                        Rewrap.Builder.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .filter(name -> !name.equals("build"))
                .forEach(name -> assertThat(page).contains("`" + name + "("));
        Arrays.stream(EnvelopeCipher.class.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("with"))
                .forEach(name -> assertThat(page).contains("`" + name + "("));
    }

    private static boolean isOfThisModule(MatchResult name, List<Class<?>> types) {
        return types.stream()
                .anyMatch(type -> name.group(2) == null
                        || has(type, name.group(2), !name.group(3).isEmpty()));
    }

    /** What is built after this module, so its sources are asked. */
    private static boolean isOfALaterModule(MatchResult name) {
        return LATER.stream()
                .map(sources -> DocPages.root().resolve(sources).resolve(name.group(1) + ".java"))
                .filter(Files::exists)
                .map(DocPages::read)
                .anyMatch(source -> name.group(2) == null
                        || Pattern.compile(
                                        "\\b" + name.group(2) + (name.group(3).isEmpty() ? "\\b" : "\\("))
                                .matcher(source)
                                .find());
    }

    /** A code that the map of a cloud's errors, or its table of tests, knows. */
    private static boolean isCodeOfACloud(MatchResult name) {
        return name.group(2) == null
                && CLOUD_ERRORS.stream()
                        .anyMatch(source -> DocPages.read(source).contains('"' + name.group(1) + '"'));
    }

    /** An operation, error or field of a protocol, which some source has as a text. */
    private static boolean isOfAProtocol(MatchResult name) throws IOException {
        try (Stream<Path> sources = Files.list(DocPages.root().resolve(EMULATORS))) {
            return sources.map(DocPages::read).anyMatch(source -> source.contains('"' + name.group(1) + '"'));
        }
    }

    private static boolean has(Class<?> type, String member, boolean method) {
        return method
                ? Arrays.stream(type.getMethods()).anyMatch(m -> m.getName().equals(member))
                : Stream.concat(
                                Arrays.stream(type.getFields()).map(field -> field.getName()),
                                Arrays.stream(type.getDeclaredClasses()).map(Class::getSimpleName))
                        .anyMatch(member::equals);
    }

    private static boolean isOfTheJdk(String name) {
        return JDK.stream().anyMatch(prefix -> exists(prefix + name));
    }

    private static boolean exists(String name) {
        try {
            Class.forName(name, false, null);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** All types of this module and its tests by their simple names. */
    private static Map<String, List<Class<?>>> types() throws Exception {
        Map<String, List<Class<?>>> types = new HashMap<>();
        for (Class<?> one : List.of(KekId.class, DocNamesTest.class)) {
            Path classes = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI());
            for (String name : namesIn(classes)) {
                Class<?> type = Class.forName(name, false, DocNamesTest.class.getClassLoader());
                types.computeIfAbsent(type.getSimpleName(), key -> new ArrayList<>())
                        .add(type);
            }
        }
        return types;
    }

    private static List<String> namesIn(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.startsWith("io/keywrap/") && name.endsWith(".class"))
                    .filter(name -> !name.endsWith("package-info.class"))
                    .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
                    .toList();
        }
    }
}
