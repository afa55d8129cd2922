package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.onboarding.KeyReference;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What customers paste for a key in AWS KMS. */
class AwsKeyReferenceTest {
    private static final String ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/" + ID;
    private static final String ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/Spanning-KMS";
    private static final String MRK = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";

    private static KeyReference parse(String pasted) {
        return AwsKeyReference.parse(pasted, Set.of());
    }

    @Nested
    class Accepted {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    ARN,
                    "  " + ARN + "\r\n",
                    "\"" + ARN + "\"",
                    "\u201c" + ARN + "\u201d",
                    "`" + ARN + "`",
                    "<" + ARN + ">",
                    "\ufeff" + ARN + "\u200b",
                    "\u00a0" + ARN + "\u00a0",
                    ARN + ",",
                    ARN + ".",
                    "aws-kms://" + ARN,
                    "aws:kms:eu-west-1:111122223333:key/" + ID,
                    "arn:aws:kms:eu-west-1:111122223333:key/1234ABCD-12AB-34CD-56EF-1234567890AB",
                    "ARN: " + ARN,
                    "Key ARN\t" + ARN + "\tEnabled",
                    "{\"KeyMetadata\": {\"Arn\": \"" + ARN + "\"}}",
                    "arn:aws:kms:eu-west-1:111122223333:\n   key/" + ID,
                    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-\n56ef-1234567890ab",
                    "https://eu-west-1.console.aws.amazon.com/kms/home?region=eu-west-1#/kms/keys/arn%3Aaws%3Akms%3Aeu-west-1"
                        + "%3A111122223333%3Akey%2F" + ID,
                    ARN + " " + ARN
                })
        void theArnOfAKeyWhateverStandsAroundIt(String pasted) {
            assertThat(parse(pasted).required().uri()).isEqualTo("aws-kms://" + ARN);
            assertThat(parse(pasted).looksLike()).isEqualTo("the ARN of a key");
        }

        @Test
        void whatWasPutRightIsSaid() {
            assertThat(parse(ARN).notes()).isEmpty();
            assertThat(parse("aws:kms:eu-west-1:111122223333:key/" + ID).notes())
                    .containsExactly("arn: was put before it");
            assertThat(parse("Key: " + ARN).notes()).containsExactly("what stood around it was left out");
            assertThat(parse(ARN.toUpperCase(java.util.Locale.ROOT)).notes())
                    .containsExactly("it was written in lower case");
        }

        @Test
        void anAliasWithAWarningAndInItsOwnCase() {
            assertThat(parse(ALIAS).required().uri()).isEqualTo("aws-kms://" + ALIAS);
            assertThat(parse("'" + ALIAS + "'").explanation()).contains("whoever may move this alias");
        }

        @Test
        void otherPartitionsAndMultiRegionKeys() {
            String china = "arn:aws-cn:kms:cn-north-1:111122223333:key/" + ID;
            assertThat(parse(china).required().uri()).isEqualTo("aws-kms://" + china);
            assertThat(parse(MRK).looksLike()).isEqualTo("the ARN of a multi-Region key");
        }
    }

    @Nested
    class Refused {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "'' | nothing: the field is empty",
                    "'  \"\" ' | nothing: the field is empty",
                    "1234abcd-12ab-34cd-56ef-1234567890ab | the id of a key, which says neither account nor Region",
                    "key/1234abcd-12ab-34cd-56ef-1234567890ab | the id of a key, which says neither account nor Region",
                    "mrk-1234abcd12ab34cd56ef1234567890ab | the id of a key, which says neither account nor Region",
                    "alias/Spanning-KMS | the name of an alias, which says neither account nor Region",
                    "111122223333 | the id of an account",
                    "1111-2222-3333 | the id of an account",
                    "https://eu-west-1.console.aws.amazon.com/kms/home?region=eu-west-1#/kms/keys/1234abcd-12ab-34cd-56ef-1234567890ab"
                        + " | the address of a page of the console, which does not say the account",
                    "arn:aws:iam::111122223333:role/backup | the ARN of something in iam, not in kms",
                    "arn:aws:s3:::bucket | the ARN of something in s3, not in kms",
                    "arn:aws:kms::111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab | an ARN of KMS with no Region",
                    "arn:aws:kms:eu-west:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab | an ARN of KMS with a"
                            + " Region that cannot be",
                    "arn:aws:kms:eu-west-1::key/1234abcd-12ab-34cd-56ef-1234567890ab | an ARN of KMS with no account",
                    "arn:aws:kms:eu-west-1:11112222333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
                            + " | an ARN of KMS with an account that has not 12 digits",
                    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef | an ARN of KMS with an id of the"
                            + " key that is cut, or longer than one",
                    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890abc"
                            + " | an ARN of KMS with an id of the key that is cut, or longer than one",
                    "arn:aws:kms:eu-west-1:111122223333:alias/a b | an ARN of KMS with a name of the alias that cannot"
                            + " be",
                    "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3 | a key that AWS manages itself, which nobody can"
                            + " grant or withdraw",
                    "arn:aws:kms:eu-west-1:111122223333:grant/1 | an ARN of KMS with something that is neither a key"
                            + " nor an alias",
                    "arn:amazon:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
                            + " | an ARN of KMS with a partition that AWS does not have",
                    ":kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab | the end of an ARN, whose"
                            + " beginning is missing",
                    "arn:aws:kms:eu-west-1:111122223333:key/<id> | an example with places that are still to be filled"
                            + " in",
                    "AKIAIOSFODNN7EXAMPLE | an access key of AWS",
                    "projects/acme/locations/europe-west1/keyRings/backup/cryptoKeys/kek | a reference of Google Cloud",
                    "https://acme.vault.azure.net/keys/kek | a reference of Azure",
                    "hello | nothing that names a key in AWS KMS"
                })
        void whatItLooksLikeIsSaid(String pasted, String looksLike) {
            KeyReference reference = parse(pasted);

            assertThat(reference.kekId()).isEmpty();
            assertThat(reference.looksLike()).isEqualTo(looksLike);
            assertThat(reference.pasteInstead().orElseThrow())
                    .containsAnyOf("paste the ARN of the key", "paste the ARN of");
        }

        @Test
        void twoKeysAtOnce() {
            assertThat(parse(ARN + "\n" + MRK).looksLike()).isEqualTo("the ARNs of several keys");
            assertThat(parse(ARN + "\n" + ALIAS).looksLike()).isEqualTo("the ARNs of several keys");
        }

        @Test
        void anAliasInALongerTextSinceNobodyKnowsWhereItEnds() {
            assertThat(parse("use " + ALIAS + " please").kekId()).isEmpty();
            assertThat(parse("arn:aws:kms:eu-west-1:111122223333:alias/Spanning\nKMS")
                            .kekId())
                    .isEmpty();
        }

        @Test
        void secretsAreNotRepeated() {
            String secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
            assertThat(parse(secret).explanation())
                    .contains("a secret", "replace it")
                    .doesNotContain(secret);
            assertThat(parse("-----BEGIN PRIVATE KEY-----\nMIIE" + secret).explanation())
                    .contains("a private key")
                    .doesNotContain(secret);
        }

        @Test
        void aTextThatIsFarTooLong() {
            assertThat(parse("a".repeat(5000)).looksLike()).startsWith("more than the name of a key");
        }

        @Test
        void aPartitionOfManyPartsWithoutMuchStack() throws InterruptedException {
            String[] looksLike = new String[1];
            Thread thread = new Thread(
                    null,
                    () -> looksLike[0] =
                            parse("aws" + "-a".repeat(2000) + ":kms").looksLike(),
                    "small",
                    256 << 10);
            thread.start();
            thread.join();
            assertThat(looksLike[0]).isEqualTo("nothing that names a key in AWS KMS");
        }
    }

    @Nested
    class Regions {
        private final Set<String> europe = Set.of("eu-west-1", "eu-central-1");

        @Test
        void aKeyInOneOfThemIsAccepted() {
            assertThat(AwsKeyReference.parse(ARN, europe).kekId()).isPresent();
        }

        @Test
        void aKeyElsewhereIsToBeMadeThere() {
            KeyReference reference = AwsKeyReference.parse(ARN.replace("eu-west-1", "us-west-2"), europe);

            assertThat(reference.looksLike()).isEqualTo("a key in us-west-2, where this data centre takes none");
            assertThat(reference.pasteInstead())
                    .contains("make a key in eu-central-1 or eu-west-1, and paste its ARN; a key cannot be moved to"
                            + " another Region");
        }

        @Test
        void aMultiRegionKeyIsToBeReplicatedThere() {
            assertThat(AwsKeyReference.parse(MRK, Set.of("eu-west-1")).explanation())
                    .contains("make a replica of it in eu-west-1, and paste the ARN of the replica");
        }
    }
}
