package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the API hold all that breaks a caller when it changes. */
class SignaturesTest {
    private static final String OUTER = SignaturesTest.class.getName() + "$";

    @TempDir
    Path folder;

    @Test
    void constantsHaveTheirValues() {
        assertThat(Signatures.of(Constants.class))
                .containsExactly(
                        "public static final class " + OUTER + "Constants",
                        "    protected static final long LIMIT = -9223372036854775808",
                        "    public new()",
                        "    public static final boolean ON = true",
                        "    public static final char MARK = \"\\u00b6\"",
                        "    public static final int[] SIZES",
                        "    public static final java.lang.String NAME = \"a\\\"\\\\\\u000a\"",
                        "    public static int count");
    }

    @Test
    @SuppressWarnings({"deprecation", "removal"})
    void whatIsDeprecatedIsSaidToBe() {
        assertThat(Signatures.of(Old.class))
                .containsExactly(
                        "@Deprecated public static class " + OUTER + "Old",
                        "    @Deprecated public int field",
                        "    @Deprecated public new()",
                        "    @Deprecated(forRemoval = true) public void gone()",
                        "    public void kept()");
    }

    @Test
    void aSealedTypeNamesWhatMayExtendIt() {
        assertThat(Signatures.of(Shape.class).get(0))
                .isEqualTo("public abstract static interface " + OUTER + "Shape permits " + OUTER + "Circle, " + OUTER
                        + "Square");
        assertThat(Signatures.of(Sign.class).get(0)).doesNotContain("permits");
    }

    @Test
    void aModuleIsItsNameAndWhatItRequiresExportsAndOpens() {
        ModuleDescriptor module = ModuleDescriptor.newModule("a.b")
                .requires(Set.of(ModuleDescriptor.Requires.Modifier.MANDATED), "java.base")
                .requires("c")
                .requires(
                        Set.of(
                                ModuleDescriptor.Requires.Modifier.TRANSITIVE,
                                ModuleDescriptor.Requires.Modifier.STATIC),
                        "d")
                .exports("a.b.open")
                .exports("a.b.few", Set.of("y", "x"))
                .opens("a.b.deep")
                .uses("e.Service")
                .build();
        assertThat(ModuleLines.of(module))
                .containsExactly(
                        "module a.b",
                        "    exports a.b.few to x, y",
                        "    exports a.b.open",
                        "    opens a.b.deep",
                        "    requires c",
                        "    requires static transitive d",
                        "    uses e.Service");
    }

    @Test
    void aJarWithoutAModuleNameIsRefused() throws Exception {
        Files.writeString(
                folder.resolve("pom.xml"),
                "<project><artifactId>unnamed</artifactId><build><plugins><plugin>"
                        + "<artifactId>maven-jar-plugin</artifactId></plugin></plugins></build></project>");
        assertThatThrownBy(() -> ModuleLines.of(new Reactor.Module(folder)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unnamed has neither");
    }

    /** Of each kind one. */
    public static final class Constants {
        public static final String NAME = "a\"\\\n";
        public static final char MARK = '\u00b6';
        public static final boolean ON = true;
        public static final int[] SIZES = {1};
        protected static final long LIMIT = Long.MIN_VALUE;
        static final int HIDDEN = 1;
        public static int count = 1;
    }

    /** Deprecated as a whole. */
    @Deprecated
    public static class Old {
        @Deprecated
        public int field;

        @Deprecated
        public Old() {}

        @Deprecated(forRemoval = true)
        public void gone() {}

        public void kept() {}
    }

    /** Sealed by its author. */
    public sealed interface Shape permits Circle, Square {}

    /** One. */
    public record Circle() implements Shape {}

    /** Another. */
    public record Square() implements Shape {}

    /** Sealed by the compiler. */
    public enum Sign {
        PLUS {
            @Override
            int of(int number) {
                return number;
            }
        },
        MINUS {
            @Override
            int of(int number) {
                return -number;
            }
        };

        abstract int of(int number);
    }
}
