package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a user of the jar can see, and what the sources must look like. */
class ModuleTest {
    private static final Set<String> EXPORTS = Set.of(
            "io.keywrap",
            "io.keywrap.provider",
            "io.keywrap.keystore",
            "io.keywrap.byok",
            "io.keywrap.store",
            "io.keywrap.keychain",
            "io.keywrap.envelope",
            "io.keywrap.stream",
            "io.keywrap.recovery",
            "io.keywrap.revocation",
            "io.keywrap.rewrap",
            "io.keywrap.onboarding");
    private static final int MOST_PUBLIC_TYPES = 96;
    private static final int MOST_LINES = 400;

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.keywrap");

    @Test
    void exportsAreTheseForEverybodyAndNoOthers() throws IOException {
        ModuleDescriptor module = module();
        assertThat(module.name()).isEqualTo("io.keywrap");
        assertThat(module.exports()).noneMatch(ModuleDescriptor.Exports::isQualified);
        assertThat(module.exports())
                .extracting(ModuleDescriptor.Exports::source)
                .containsExactlyInAnyOrderElementsOf(EXPORTS);
        assertThat(module.opens()).isEmpty();
        assertThat(module.provides()).isEmpty();
    }

    @Test
    void requiresNothingButTheCacheAndTheLogger() throws IOException {
        assertThat(module().requires())
                .filteredOn(required -> !required.modifiers().contains(ModuleDescriptor.Requires.Modifier.MANDATED))
                .extracting(required -> required.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC)
                        ? "static " + required.name()
                        : required.name())
                .containsExactlyInAnyOrder("com.github.benmanes.caffeine", "org.slf4j", "static org.jspecify");
    }

    @Test
    void publicTypesAreFew() {
        List<String> types = classes.stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(type -> EXPORTS.contains(type.getPackageName()))
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getName)
                .sorted()
                .toList();
        assertThat(types).contains("io.keywrap.stream.EnvelopeCipher").hasSizeLessThanOrEqualTo(MOST_PUBLIC_TYPES);
    }

    @Test
    void noExportedSignatureNamesAnInternalType() {
        List<String> leaks = new ArrayList<>();
        int members = 0;
        for (JavaClass type : classes) {
            Class<?> reflected = type.reflect();
            if (EXPORTS.contains(type.getPackageName()) && isVisible(reflected)) {
                for (Member member : visibleMembers(reflected)) {
                    members++;
                    typesOf(member)
                            .filter(used -> used.getName().startsWith("io.keywrap"))
                            .filter(used -> !EXPORTS.contains(used.getPackageName()) || !isVisible(used))
                            .forEach(used -> leaks.add(member + " names " + used.getName()));
                }
            }
        }
        assertThat(members).isGreaterThan(200);
        assertThat(leaks).isEmpty();
    }

    @Test
    void noSourceFileIsLong() throws IOException {
        TreeMap<String, Long> tooLong = new TreeMap<>();
        List<Path> sources;
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        for (Path source : sources) {
            try (Stream<String> lines = Files.lines(source)) {
                long count = lines.count();
                if (count > MOST_LINES) {
                    tooLong.put(source.toString(), count);
                }
            }
        }
        assertThat(sources).hasSizeGreaterThan(80);
        assertThat(tooLong).isEmpty();
    }

    private static ModuleDescriptor module() throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("target", "classes", "module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }

    private static boolean isVisible(Class<?> type) {
        for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
            if (!Modifier.isPublic(outer.getModifiers()) && !Modifier.isProtected(outer.getModifiers())) {
                return false;
            }
        }
        return true;
    }

    private static List<Member> visibleMembers(Class<?> type) {
        Stream<Member> all = Stream.of(
                        type.getDeclaredMethods(), type.getDeclaredConstructors(), type.getDeclaredFields())
                .flatMap(Arrays::stream);
        return all.filter(member -> !member.isSynthetic())
                .filter(member ->
                        Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
                .sorted(Comparator.comparing(Member::toString))
                .collect(Collectors.toList());
    }

    private static Stream<Class<?>> typesOf(Member member) {
        if (member instanceof Method method) {
            return Stream.concat(Stream.of(method.getReturnType()), Arrays.stream(method.getParameterTypes()));
        }
        if (member instanceof Constructor<?> constructor) {
            return Arrays.stream(constructor.getParameterTypes());
        }
        return Stream.of(((Field) member).getType());
    }
}
