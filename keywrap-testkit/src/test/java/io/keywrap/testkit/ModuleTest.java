package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a user of the jar can see. */
class ModuleTest {
    @Test
    void exportsAreTheseForEverybodyAndNoOthers() throws IOException {
        ModuleDescriptor module;
        try (InputStream in = Files.newInputStream(Path.of("target", "classes", "module-info.class"))) {
            module = ModuleDescriptor.read(in);
        }
        assertThat(module.name()).isEqualTo("io.keywrap.testkit");
        assertThat(module.exports()).noneMatch(ModuleDescriptor.Exports::isQualified);
        assertThat(module.exports())
                .extracting(ModuleDescriptor.Exports::source)
                .containsExactly("io.keywrap.testkit");
        assertThat(module.requires())
                .extracting(ModuleDescriptor.Requires::name)
                .containsExactlyInAnyOrder(
                        "java.base", "io.keywrap", "org.jspecify", "org.junit.jupiter.api", "org.opentest4j");
        assertThat(module.requires())
                .filteredOn(required -> required.name().matches("org\\.(junit|opentest4j).*"))
                .allMatch(required -> required.modifiers().equals(Set.of(ModuleDescriptor.Requires.Modifier.STATIC)));
        assertThat(module.opens())
                .extracting(ModuleDescriptor.Opens::targets)
                .containsExactly(Set.of("org.junit.platform.commons"));
    }
}
