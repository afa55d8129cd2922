package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar of key names. */
class GcpKeyNameTest {
    private static final String NAME = "projects/acme-prod/locations/europe-west1/keyRings/Ring_1/cryptoKeys/kek-1";

    @ParameterizedTest
    @ValueSource(
            strings = {
                NAME,
                "projects/123456789012/locations/global/keyRings/r/cryptoKeys/k",
                "projects/example.com:acme-prod/locations/us/keyRings/r/cryptoKeys/k",
                "projects/acme-1/locations/eur4/keyRings/r/cryptoKeys/K_9"
            })
    void readsEveryKindAndWritesItAsItWas(String name) {
        GcpKeyName read = GcpKeyName.parse(name);
        assertThat(read)
                .hasToString(name)
                .isEqualTo(GcpKeyName.of(read.kekId()))
                .hasSameHashCodeAs(GcpKeyName.parse(name));
        assertThat(read.kekId()).isEqualTo(KekId.of("gcp-kms://" + name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kek",
                NAME + "\n",
                NAME + "/",
                "/" + NAME,
                NAME + "/cryptoKeyVersions/1",
                NAME + "/cryptoKeyVersions/0",
                NAME + "/cryptoKeyVersions/",
                "projects/acme/locations/europe-west1/keyRings/r/cryptoKeys/k",
                "projects/Acme-prod/locations/europe-west1/keyRings/r/cryptoKeys/k",
                "projects/acme-prod/locations/Europe/keyRings/r/cryptoKeys/k",
                "projects/acme-prod/locations/europe-west1/keyRings/r!/cryptoKeys/k",
                "projects/acme-prod/locations/europe-west1/keyRings/r/cryptoKeys/a/b",
                "projects/acme-prod/locations/europe-west1/keyRings/r/cryptoKeys/",
                "projects/acme-prod/locations/../keyRings/r/cryptoKeys/k",
                "//cloudkms.googleapis.com/" + NAME
            })
    void refusesEverythingElse(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GcpKeyName.parse(name))
                .withMessageContaining("projects/<project>/locations/<location>");
    }

    @Test
    void refusesADomainThatMakesTheIdTooLong() {
        String longest = "projects/" + "a".repeat(253) + ":acme-prod/locations/us/keyRings/r/cryptoKeys/k";
        assertThat(GcpKeyName.parse(longest).kekId().uri()).endsWith(longest);
        assertThatIllegalArgumentException().isThrownBy(() -> GcpKeyName.parse(longest.replace("a:", "aa:")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcp-kms:" + NAME,
                "gcp-kms:///" + NAME,
                "aws-kms://" + NAME,
                "gcp-kms://kek",
                "gcp-kms://https://cloudkms.googleapis.com/v1/" + NAME
            })
    void refusesOtherKekIds(String uri) {
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> GcpKeyName.of(KekId.of(uri)))
                .withMessageContaining("gcp-kms://projects/<project>");
    }

    @Test
    void refusesAVersionAndSaysWhatToLeaveOut() {
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> GcpKeyName.of(KekId.of("gcp-kms://" + NAME + "/cryptoKeyVersions/7")))
                .withMessageContaining("leave out /cryptoKeyVersions/7");
    }

    @Test
    void hasItsParts() {
        GcpKeyName name = GcpKeyName.parse(NAME);
        assertThat(name.project()).isEqualTo("acme-prod");
        assertThat(name.location()).isEqualTo("europe-west1");
        assertThat(name.keyRing()).isEqualTo("Ring_1");
        assertThat(name.key()).isEqualTo("kek-1");
        assertThat(name).isNotEqualTo(NAME).isNotEqualTo(GcpKeyName.parse(NAME + "2"));
    }

    @Test
    void knowsItsVersionsAndNoOthers() {
        GcpKeyName name = GcpKeyName.parse(NAME);
        assertThat(name.versionIn(NAME + "/cryptoKeyVersions/12")).contains("12");
        assertThat(name.version("12")).isEqualTo(NAME + "/cryptoKeyVersions/12");
        assertThat(name.versionIn(NAME)).isEmpty();
        assertThat(name.versionIn(NAME + "/cryptoKeyVersions/012")).isEmpty();
        assertThat(name.versionIn(NAME + "2/cryptoKeyVersions/12")).isEmpty();
        assertThat(name.versionIn("")).isEmpty();
    }

    @Test
    void failsWithItsLocationAndIsWithdrawnByItsProject() {
        try (KeyProvider provider = GcpKms.factory().create(KekId.of("gcp-kms://" + NAME))) {
            assertThat(provider.place()).isEqualTo(new KeyProvider.Place("gcp-kms/europe-west1", "acme-prod"));
        }
    }
}
