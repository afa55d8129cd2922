package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.KekId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of key stores and their files. */
class KeyStoreFilesTest {
    @Test
    void optionsWinOverTheEnvironment() {
        KeyStoreFiles files =
                KeyStoreFiles.of(List.of("a=1.p12", "b=2=2.p12"), Map.of("KEYWRAP_KEYSTORES", "a=env.p12;c=3.p12;"));

        assertThat(files.byName())
                .containsExactly(
                        Map.entry("a", Path.of("1.p12")),
                        Map.entry("b", Path.of("2=2.p12")),
                        Map.entry("c", Path.of("3.p12")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a=", "=f", "a b=f", "a#b=f"})
    void whatIsNoMappingIsRefused(String mapping) {
        assertThatThrownBy(() -> KeyStoreFiles.of(List.of(mapping), Map.of())).isInstanceOf(UsageException.class);
        if (!mapping.isEmpty()) {
            Map<String, String> environment = Map.of("KEYWRAP_KEYSTORES", mapping);
            assertThatThrownBy(() -> KeyStoreFiles.of(List.of(), environment))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("KEYWRAP_KEYSTORES");
        }
    }

    @Test
    void aNameStandsOnce() {
        assertThatThrownBy(() -> KeyStoreFiles.of(List.of("a=1", "a=2"), Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void onlyKeksUnderARegisteredNameAreHeld() {
        KeyStoreFiles files = KeyStoreFiles.of(List.of("main=1"), Map.of());

        assertThat(files.hold(KekId.of("keystore:main#a"))).isTrue();
        assertThat(files.hold(KekId.of("keystore:mainly#a"))).isFalse();
        assertThat(files.hold(KekId.of("keystore:other#a"))).isFalse();
        assertThat(files.hold(KekId.of("aws-kms:main#a"))).isFalse();
    }
}
