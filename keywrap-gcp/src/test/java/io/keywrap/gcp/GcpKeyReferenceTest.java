package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.onboarding.KeyReference;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What customers paste for a key in Google Cloud KMS. */
class GcpKeyReferenceTest {
    private static final String NAME = "projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek";

    private static KeyReference parse(String pasted) {
        return GcpKeyReference.parse(pasted, Set.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                NAME,
                " \t" + NAME + "\n",
                "\"" + NAME + "\"",
                "\u201e" + NAME + "\u201c",
                NAME + ",",
                NAME + ".",
                NAME + "/",
                "/" + NAME,
                "gcp-kms://" + NAME,
                "//cloudkms.googleapis.com/" + NAME,
                "https://cloudkms.googleapis.com/v1/" + NAME,
                NAME + "/cryptoKeyVersions/3",
                "projects%2Facme-prod%2Flocations%2Feurope-west1%2FkeyRings%2Fbackup%2FcryptoKeys%2Fkek",
                "projects/acme-prod/locations/europe-west1/keyrings/backup/cryptokeys/kek",
                "https://console.cloud.google.com/security/kms/key/manage/europe-west1/backup/kek?project=acme-prod",
                "https://console.cloud.google.com/security/kms/key/manage/europe-west1/backup/kek/versions?hl=en&project=acme-prod#x"
            })
    void theNameOfAKeyWhateverStandsAroundIt(String pasted) {
        assertThat(parse(pasted).required().uri()).isEqualTo("gcp-kms://" + NAME);
    }

    @Test
    void whatWasLeftOutIsSaid() {
        assertThat(parse(NAME).notes()).isEmpty();
        assertThat(parse(NAME + "/cryptoKeyVersions/3").notes())
                .containsExactly("the version was left out: a KEK is a key with all its versions");
        assertThat(parse("//cloudkms.googleapis.com/" + NAME).notes()).hasSize(1);
    }

    @Test
    void aProjectOfADomain() {
        String name = "projects/example.com:acme-prod/locations/global/keyRings/r/cryptoKeys/k";
        assertThat(parse(name).required().uri()).isEqualTo("gcp-kms://" + name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | nothing: the field is empty",
                "projects/123456789012/locations/europe-west1/keyRings/backup/cryptoKeys/kek | the name of a key with the number of its project",
                "projects/acme-prod/locations/europe-west1/keyRings/backup | a key ring, which has many keys",
                "projects/acme-prod/locations/europe-west1 | a project or a location, without a key",
                "projects/acme-prod | a project or a location, without a key",
                "projects/acme-prod/secrets/kek | a secret in Secret Manager, not a key",
                "projects/acme-prod/locations/europe-west1/keyRings/backup/importJobs/i | something in Cloud KMS that is not a key",
                "projects/acme-prod/locations/europe-west1/ekmConnections/e | something in Cloud KMS that is not a key",
                "projects/acme-prod/serviceAccounts/x | a resource of Google Cloud that is not a key",
                "projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/k.k | the name of a key with a part that cannot be",
                "projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek/cryptoKeyVersions/x | the name of a key with a part that cannot be",
                "projects/ACME/locations/europe-west1/keyRings/backup/cryptoKeys/kek | the name of a key with a part that cannot be",
                "projects/acme-prod/locations/europe-west1/keyRings/back up/cryptoKeys/kek"
                        + " | a text with white space in its middle, perhaps a name that was cut into lines",
                "projects/PROJECT_ID/locations/europe-west1/keyRings/backup/cryptoKeys/kek | an example with places that are still to be filled in",
                "locations/europe-west1/keyRings/backup/cryptoKeys/kek | the end of a resource name, whose project is missing",
                "keyRings/backup/cryptoKeys/kek | the end of a resource name, whose project is missing",
                "backup@acme-prod.iam.gserviceaccount.com | a service account",
                "https://console.cloud.google.com/security/kms/keyring/manage/europe-west1/backup?project=acme-prod"
                        + " | the address of a page of the console that is not that of a key",
                "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab | a reference of AWS",
                "https://acme.vault.azure.net/keys/kek | a reference of Azure",
                "kek | nothing that names a key in Cloud KMS"
            })
    void whatItLooksLikeIsSaid(String pasted, String looksLike) {
        KeyReference reference = parse(pasted);

        assertThat(reference.kekId()).isEmpty();
        assertThat(reference.looksLike()).isEqualTo(looksLike);
        assertThat(reference.pasteInstead().orElseThrow()).contains("paste");
    }

    @Test
    void theKeyFileOfAServiceAccountIsNotRepeated() {
        String file = "{\"type\": \"service_account\", \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nhush\\n\"}";

        assertThat(parse(file).explanation())
                .contains("a private key", "do not send it")
                .doesNotContain("hush");
    }

    @Test
    void aLocationThatTheProductDoesNotServe() {
        assertThat(GcpKeyReference.parse(NAME, Set.of("europe-west1")).kekId()).isPresent();

        KeyReference elsewhere = GcpKeyReference.parse(NAME, Set.of("us-east1", "us"));

        assertThat(elsewhere.looksLike()).isEqualTo("a key in europe-west1, where this data centre takes none");
        assertThat(elsewhere.pasteInstead().orElseThrow()).contains("in us or us-east1");
    }
}
