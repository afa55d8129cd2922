package io.keywrap.aws;

import static io.keywrap.aws.SdkFailures.client;
import static io.keywrap.aws.SdkFailures.kms;
import static io.keywrap.aws.SdkFailures.map;
import static io.keywrap.aws.SdkFailures.sts;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.aws.AwsErrors.Question;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kms.model.KmsException;

/** Who failed, the key or the role that was to be assumed, and what is told of the cause. */
class AwsErrorSourcesTest {
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final KekId KEK = KekId.of("aws-kms://" + ARN);
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme-secretive");
    private static final Question NEW = new Question(KEK, false, false, false, CONTEXT);
    private static final Question WORKED = new Question(KEK, false, true, false, CONTEXT);

    @Nested
    class ARoleToBeAssumed {
        @Test
        void thatIsRefusedIsTheCustomersDenial() {
            KekException mapped = map(client("while loading credentials", sts("AccessDenied", 403)), NEW);
            assertThat(((KekRevokedException) mapped).reason()).isEqualTo(Reason.DENIED);
            assertThat(mapped.operatorAction()).contains("external id");
            assertThat(mapped.rawCode()).contains("AccessDenied");
        }

        @Test
        void failsForOurCredentialsAndForOutagesAsAnyCall() {
            assertThat(map(sts("ExpiredToken", 403), NEW)).isInstanceOf(KekConfigurationException.class);
            assertThat(map(sts("InvalidClientTokenId", 403), NEW)).isInstanceOf(KekConfigurationException.class);
            assertThat(map(sts("Throttling", 400), NEW)).isInstanceOf(KekThrottledException.class);
            assertThat(map(sts("ServiceUnavailable", 503), NEW)).isInstanceOf(KekUnreachableException.class);
            assertThat(map(sts("RegionDisabledException", 400), NEW)).isInstanceOf(KekConfigurationException.class);
        }

        @Test
        void isOurOwnMistakeIfOurPolicyForbidsIt() {
            assertThat(map(sts("AccessDenied", 403, "no identity-based policy allows the sts:AssumeRole action"), NEW))
                    .isInstanceOf(KekConfigurationException.class);
            assertThat(map(sts("AccessDenied", 403, "no role trust policy allows the sts:AssumeRole action"), NEW))
                    .isInstanceOf(KekRevokedException.class);
        }

        @Test
        void isOurOwnMistakeWhereStsSaysWhy() {
            assertThat(map(sts("RegionDisabledException", 403), NEW)).isInstanceOf(KekConfigurationException.class);
        }

        @Test
        void hasPermissionsOfItsOwnerWhoMayTakeThemBack() {
            Question assumed = new Question(KEK, false, true, true, CONTEXT);
            String denial = "… because no %s allows the kms:Decrypt action";
            assertThat(map(kms("AccessDeniedException", 400, denial.formatted("identity-based policy")), assumed))
                    .isInstanceOf(KekRevokedException.class);
            assertThat(map(kms("AccessDeniedException", 400, denial.formatted("VPC endpoint policy")), assumed))
                    .isInstanceOf(KekConfigurationException.class);
        }

        @Test
        void neverSpeaksForTheKey() {
            assertThat(map(sts("DisabledException", 400), NEW)).isInstanceOf(KekConfigurationException.class);
            assertThat(map(sts("NotFoundException", 400), WORKED)).isInstanceOf(KekConfigurationException.class);
        }
    }

    @Nested
    class TheCause {
        @Test
        void isKept() {
            KmsException failure = kms("ValidationException", 400, "1 validation error detected");
            assertThat(map(failure, NEW)).hasCause(failure);
        }

        @Test
        void isNotToldByWayOfTheCodeEither() {
            KekException mapped = map(kms("Value '{tenant=acme-secretive}'", 400, "x"), NEW);
            assertThat(mapped.rawCode()).isEmpty();
            assertThat(mapped).hasMessageNotContaining("acme-secretive");
        }

        @Test
        void isNotToldByWayOfAWordEither() {
            KekException mapped = map(kms("acme-secretive", 400, "x"), NEW);
            assertThat(mapped.rawCode()).isEmpty();
            assertThat(mapped).hasMessageNotContaining("acme-secretive");
        }

        @Test
        void isLeftOutIfAnEarlierAttemptTellsAValueOfTheKeyContext() {
            KmsException failure = kms("KMSInternalException", 500, "x");
            failure.addSuppressed(client("outer", client("attempt 1: acme-secretive", null)));
            assertThat(map(failure, NEW)).hasNoCause();
        }

        @Test
        void isLeftOutIfItTellsAValueOfTheKeyContext() {
            KmsException failure =
                    kms("ValidationException", 400, "Value '{tenant=acme-secretive}' at 'encryptionContext'");
            assertThat(map(failure, NEW)).hasNoCause().hasMessageNotContaining("acme-secretive");
            assertThat(map(client("outer", failure), NEW)).hasNoCause();
        }
    }
}
