package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.onboarding.KeyReference;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What customers paste for a key in Azure. */
class AzureKeyReferenceTest {
    private static final String URL = "https://acme.vault.azure.net/keys/kek";
    private static final String VERSION = "/0123456789abcdef0123456789abcdef";

    private static KeyReference parse(String pasted) {
        return AzureKeyReference.parse(pasted, Set.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                URL,
                "  " + URL + "\r\n",
                "\"" + URL + "\"",
                "\u00ab" + URL + "\u00bb",
                "<" + URL + ">",
                URL + ".",
                URL + "/",
                URL + VERSION,
                URL + VERSION + "/",
                URL + "?api-version=7.4",
                "azure-kms://" + URL,
                "acme.vault.azure.net/keys/kek",
                "http://acme.vault.azure.net/keys/kek",
                "https://acme.vault.azure.net:443/keys/kek",
                "HTTPS://Acme.Vault.Azure.net/Keys/KEK",
                "Key Identifier: " + URL + VERSION,
                "{\"key\": {\"kid\": \"" + URL + VERSION + "\", \"kty\": \"RSA\"}}",
                "https://portal.azure.com/#@contoso.onmicrosoft.com/asset/Microsoft_Azure_KeyVault/Key/" + URL
                        + VERSION,
                "https://portal.azure.com/#view/Microsoft_Azure_KeyVault/KeyBlade/id/https%3A%2F%2Facme.vault.azure.net%2Fkeys%2Fkek",
                "https://portal.azure.com/#@contoso.onmicrosoft.com/resource/subscriptions/11111111-1111-4111-8111-111111111111"
                        + "/resourceGroups/g/providers/Microsoft.KeyVault/vaults/acme/keys/kek",
                URL + " " + URL
            })
    void theIdentifierOfAKeyWhateverStandsAroundIt(String pasted) {
        assertThat(parse(pasted).required().uri()).isEqualTo("azure-kms://" + URL);
    }

    @Test
    void otherCloudsAndManagedHsm() {
        assertThat(parse("https://acme.vault.usgovcloudapi.net/keys/kek").kekId())
                .isPresent();
        assertThat(parse("https://portal.azure.cn/#@t/resource/subscriptions/s/vaults/acme/keys/kek")
                        .required()
                        .uri())
                .isEqualTo("azure-kms://https://acme.vault.azure.cn/keys/kek");
        assertThat(parse("https://acme.managedhsm.azure.net/keys/kek").looksLike())
                .isEqualTo("the identifier of a key in a Managed HSM");
    }

    @Test
    void whatWasLeftOutIsSaid() {
        assertThat(parse(URL).notes()).isEmpty();
        assertThat(parse(URL + VERSION).notes())
                .containsExactly("the version was left out: a KEK is a key with all its versions");
        assertThat(parse("http://acme.vault.azure.net/keys/kek").notes()).containsExactly("http was made https");
        assertThat(parse("Key: " + URL).notes()).containsExactly("what stood around it was left out");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | nothing: the field is empty",
                "https://acme.vault.azure.net/ | a vault, which has many keys",
                "acme.vault.azure.net | a vault, which has many keys",
                "https://acme.vault.azure.net/secrets/kek | a secret or a certificate, not a key",
                "https://acme.vault.azure.net/certificates/kek/0123456789abcdef0123456789abcdef | a secret or a certificate, not a key",
                "https://acme.vault.azure.net/deletedkeys/kek | a key that was deleted; it can be recovered in the vault, Keys, Manage deleted keys",
                "https://acme.vault.azure.net/keys/ | an identifier with a part that cannot be, or one that was cut",
                "https://acme.vault.azure.net/keys/kek/0123 | an identifier with a part that cannot be, or one that was cut",
                "https://acme.vault.azure.net/keys/k_k | an identifier with a part that cannot be, or one that was cut",
                "https://acme.vault.azure.net/keys/kek/wrapkey | an identifier with a part that cannot be, or one that was cut",
                "https://acme.privatelink.vaultcore.azure.net/keys/kek"
                        + " | the name of a private endpoint; the key has the name of the vault itself, also where it is reached through one",
                "https://acme.vault.azure.net.evil.example/keys/kek | an address on a host that is none of Azure's vaults",
                "https://acme.vault.azure.net@evil.example/keys/kek | an address on a host that is none of Azure's vaults",
                "https://evil.example/keys/kek | an address on a host that is none of Azure's vaults",
                "https://acme.vault.azure.net:8443/keys/kek | an address on a host that is none of Azure's vaults",
                "https://acme.vault.azure.net/keys/k e k | a text with white space in its middle, perhaps an identifier that was cut into lines",
                "https://portal.azure.com/#@t/resource/subscriptions/s/vaults/acme/overview"
                        + " | the address of a page of the portal that is not that of a key",
                "https://portal.azure.com/#home | the address of a page of the portal that is not that of a key",
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/acme/keys/kek"
                        + " | a resource id, which does not say the host of the vault",
                "11111111-1111-4111-8111-111111111111 | the id of a tenant, a subscription or an application",
                "https://<vault>.vault.azure.net/keys/<name> | an example with places that are still to be filled in",
                "projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek | a reference of Google Cloud",
                "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab | a reference of AWS",
                "kek | nothing that names a key in Azure"
            })
    void whatItLooksLikeIsSaid(String pasted, String looksLike) {
        KeyReference reference = parse(pasted);

        assertThat(reference.kekId()).isEmpty();
        assertThat(reference.looksLike()).isEqualTo(looksLike);
        assertThat(reference.pasteInstead().orElseThrow()).contains("paste");
    }

    @Test
    void severalKeysAtOnce() {
        assertThat(parse(URL + "\n" + URL + "2").looksLike()).isEqualTo("the identifiers of several keys");
    }

    @Test
    void aSecretIsNotRepeated() {
        String secret = "abc8Q~" + "x".repeat(34);
        assertThat(parse(secret).explanation())
                .contains("a secret", "do not send it")
                .doesNotContain(secret);
    }

    @Test
    void anotherCloudThanThatOfTheDataCentre() {
        Set<String> us = Set.of("usgovcloudapi.net");

        assertThat(AzureKeyReference.parse("https://acme.vault.usgovcloudapi.net/keys/kek", us)
                        .kekId())
                .isPresent();
        assertThat(AzureKeyReference.parse(URL, us).explanation())
                .isEqualTo(
                        "this looks like a key in another cloud of Azure than this data centre uses; make a key in a vault in"
                                + " usgovcloudapi.net, and paste its identifier");
    }
}
