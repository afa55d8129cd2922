package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.rewrap.KekQuestion.Match;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One key has several names, and one that is missed would be deleted. */
class KekQuestionTest {
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/backup";
    private static final String GCP = "gcp-kms://projects/p/locations/l/keyRings/r/cryptoKeys/k";
    private static final String AZURE = "azure-kms://https://acme.vault.azure.net/keys/tenant";

    private static final String AZURE_443 = "azure-kms://https://acme.vault.azure.net:443/keys/tenant";
    /** A project has an id and a number, and either is its name. */
    private static final String GCP_BY_NUMBER = "gcp-kms://projects/12/locations/l/keyRings/r/cryptoKeys/k";

    @ParameterizedTest
    @CsvSource({
        // asked for, version, wrapped under, its version, what follows
        "keystore:main#a, , keystore:main#a, '', NEEDS",
        "keystore:main#a, , keystore:main#ab, '', OTHER",
        "keystore:main#a, 1, keystore:main#a, '', UNTOLD",
        "aws-kms://" + ARN + ", , aws-kms://" + ARN + ", m1, NEEDS",
        "aws-kms://" + ARN + ", m1, aws-kms://" + ARN + ", m1, NEEDS",
        "aws-kms://" + ARN + ", m1, aws-kms://" + ARN + ", m2, OTHER",
        "aws-kms://" + ARN + ", m1, aws-kms://" + ARN + ", '', UNTOLD",
        "aws-kms://" + ARN + ", , aws-kms://" + ALIAS + ", " + ARN + ", NEEDS",
        "aws-kms://" + ARN + ", m1, aws-kms://" + ALIAS + ", " + ARN + ", UNTOLD",
        "aws-kms://" + ARN + ", , aws-kms://" + ALIAS + ", " + ARN + "x, OTHER",
        GCP + ", , " + GCP + ", 3, NEEDS",
        GCP + ", 3, " + GCP + ", 3, NEEDS",
        GCP + ", 3, " + GCP + ", 13, OTHER",
        GCP + ", projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3, " + GCP + ", 3, NEEDS",
        GCP + "/cryptoKeyVersions/3, , " + GCP + ", 3, NEEDS",
        GCP + "/cryptoKeyVersions/3, , " + GCP + ", 4, OTHER",
        GCP + ", , " + GCP + "2, 3, OTHER",
        AZURE + ", , " + AZURE + "/0f, 0f, NEEDS",
        AZURE + ", 0f, " + AZURE + "/0f, 0f, NEEDS",
        AZURE + ", 0e, " + AZURE + "/0f, 0f, OTHER",
        AZURE + "/0f, , " + AZURE + ", 0f, NEEDS",
        AZURE + "/0f, , " + AZURE + "/0f, 0f, NEEDS",
        AZURE + "/0e, , " + AZURE + ", 0f, OTHER",
        AZURE + "/, , " + AZURE + ", 0f, NEEDS",
        AZURE + ", , " + AZURE + "/, 0f, NEEDS",
        AZURE + "/0f/, , " + AZURE + ", 0f, NEEDS",
        AZURE + ", , " + AZURE_443 + ", 0f, NEEDS",
        AZURE_443 + ", , " + AZURE + ", 0f, NEEDS",
        AZURE_443 + "/0f, , " + AZURE + ", 0f, NEEDS",
        GCP + ", , " + GCP_BY_NUMBER + ", 3, NEEDS",
        GCP_BY_NUMBER + ", , " + GCP + ", 3, NEEDS",
        GCP_BY_NUMBER + "/cryptoKeyVersions/3, , " + GCP + ", 3, NEEDS",
        GCP_BY_NUMBER + "/cryptoKeyVersions/3, , " + GCP + ", 4, OTHER",
        GCP + ", , " + GCP_BY_NUMBER + "2, 3, OTHER",
        GCP + ", , gcp-kms://projects/q/locations/l/keyRings/r/cryptoKeys/k, 3, OTHER",
        GCP_BY_NUMBER + ", , gcp-kms://projects/13/locations/l/keyRings/r/cryptoKeys/k, 3, OTHER",
        "azure-kms://https://ACME.vault.azure.net/keys/Tenant, , " + AZURE + ", 0f, NEEDS",
    })
    void namesOfOneKey(String asked, String version, String kek, String used, Match match) {
        WrappedDek wrap = WrappedDek.builder(DekId.random(), KekId.of(kek))
                .kekVersion(used)
                .build("A", new byte[40]);

        assertThat(new KekQuestion(KekId.of(asked), Optional.ofNullable(version)).of(wrap))
                .isEqualTo(match);
    }
}
