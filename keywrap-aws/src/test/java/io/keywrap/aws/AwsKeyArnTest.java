package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AwsKeyArnTest {
    private static final String UUID = "1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String MRK = "mrk-1234abcd12ab34cd56ef1234567890ab";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:kms:us-east-1:111122223333:key/" + UUID,
                "arn:aws:kms:eu-west-1:111122223333:key/" + MRK,
                "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/" + UUID,
                "arn:aws-cn:kms:cn-north-1:111122223333:key/" + UUID,
                "arn:aws-eusc:kms:eusc-de-east-1:111122223333:key/" + UUID,
                "arn:aws-iso-b:kms:us-isob-east-1:111122223333:key/" + UUID,
                "arn:aws:kms:usgo-abcdefghijklmnopqrst-abcdefghijklmnopqrst-99:111122223333:key/" + UUID,
                "arn:aws:kms:ap-southeast-2:111122223333:alias/Spanning-KMS",
                "arn:aws:kms:ap-southeast-2:111122223333:alias/team/a_b-c"
            })
    void readsEveryKindAndWritesItAsItWas(String arn) {
        assertThat(AwsKeyArn.parse(arn)).hasToString(arn);
        KekId kekId = KekId.of("aws-kms://" + arn);
        assertThat(AwsKeyArn.of(kekId)).isEqualTo(AwsKeyArn.parse(arn)).hasSameHashCodeAs(AwsKeyArn.parse(arn));
        assertThat(AwsKeyArn.of(kekId).kekId()).isEqualTo(kekId);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                UUID,
                "alias/acme",
                "arn:aws:kms:us-east-1:111122223333:key/" + UUID + "\n",
                "arn:aws:kms:us-east-1:111122223333:key/1234ABCD-12AB-34CD-56EF-1234567890AB",
                "arn:aws:kms:us-east-1:111122223333:key/" + UUID + "0",
                "arn:aws:kms:us-east-1:111122223333:key/mrk-1234",
                "arn:aws:kms:us-east-1:11112222333:key/" + UUID,
                "arn:aws:kms::111122223333:key/" + UUID,
                "arn:aws:kms:us-abcdefghijklmnopqrstu-1:111122223333:key/" + UUID,
                "arn:aws:kms:evil.example.com:111122223333:key/" + UUID,
                "arn:aws:s3:us-east-1:111122223333:key/" + UUID,
                "arn:other:kms:us-east-1:111122223333:key/" + UUID,
                "arn:aws:kms:us-east-1:111122223333:alias/aws/s3",
                "arn:aws:kms:us-east-1:111122223333:alias/",
                "arn:aws:kms:us-east-1:111122223333:" + UUID
            })
    void refusesEverythingElse(String arn) {
        assertThatIllegalArgumentException().isThrownBy(() -> AwsKeyArn.parse(arn));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aws-kms:arn:aws:kms:us-east-1:111122223333:key/" + UUID,
                "aws-kms://" + UUID,
                "gcp-kms://arn:aws:kms:us-east-1:111122223333:key/" + UUID,
                "aws-kms://arn:aws:kms:us-east-1:111122223333:key/" + UUID + "?x"
            })
    void refusesOtherKekIds(String uri) {
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> AwsKms.factory().create(KekId.of(uri)))
                .withMessageContaining("aws-kms://")
                .satisfies(e -> assertThat(e.kekId()).contains(KekId.of(uri)));
    }

    @Test
    void hasItsParts() {
        AwsKeyArn arn = AwsKeyArn.parse("arn:aws-cn:kms:cn-north-1:111122223333:alias/acme");
        assertThat(arn.partition()).isEqualTo("aws-cn");
        assertThat(arn.region()).isEqualTo("cn-north-1");
        assertThat(arn.account()).isEqualTo("111122223333");
        assertThat(arn.isAlias()).isTrue();
        assertThat(arn.isMultiRegion()).isFalse();
    }

    @Test
    void sharesMaterialWithItsReplicasAlone() {
        AwsKeyArn primary = AwsKeyArn.parse("arn:aws:kms:eu-west-1:111122223333:key/" + MRK);
        assertThat(shares(primary, "arn:aws:kms:us-east-1:111122223333:key/" + MRK))
                .isTrue();
        assertThat(shares(primary, "arn:aws:kms:us-east-1:444455556666:key/" + MRK))
                .isFalse();
        assertThat(shares(primary, "arn:aws-cn:kms:cn-north-1:111122223333:key/" + MRK))
                .isFalse();
        assertThat(shares(primary, "arn:aws:kms:us-east-1:111122223333:key/" + MRK.replace('1', '2')))
                .isFalse();
        AwsKeyArn single = AwsKeyArn.parse("arn:aws:kms:eu-west-1:111122223333:key/" + UUID);
        assertThat(shares(single, "arn:aws:kms:us-east-1:111122223333:key/" + UUID))
                .isFalse();
        assertThat(shares(single, single.toString())).isTrue();
    }

    private static boolean shares(AwsKeyArn one, String other) {
        return one.sharesMaterialWith(AwsKeyArn.parse(other));
    }

    @Test
    void failsWithItsRegionAndIsWithdrawnByItsAccount() {
        KekId kekId = KekId.of("aws-kms://arn:aws:kms:eu-west-1:111122223333:key/" + UUID);
        try (KeyProvider provider = AwsKms.factory().create(kekId)) {
            assertThat(provider.place()).isEqualTo(new KeyProvider.Place("aws-kms/eu-west-1", "111122223333"));
        }
    }
}
