package io.keywrap.aws;

import io.keywrap.KekException;
import io.keywrap.aws.AwsErrors.Question;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.sts.model.StsException;

/** Exceptions as the SDK throws them, and what keywrap makes of them. */
final class SdkFailures {
    private SdkFailures() {}

    static KekException map(RuntimeException e, Question question) {
        return AwsErrors.of(e, question, null);
    }

    static KmsException kms(@Nullable String code, int status, @Nullable String text) {
        AwsServiceException.Builder builder =
                KmsException.builder().statusCode(status).requestId("request-1").message(text);
        if (code != null) {
            builder.awsErrorDetails(AwsErrorDetails.builder()
                    .errorCode(code)
                    .errorMessage(text)
                    .serviceName("Kms")
                    .build());
        }
        return (KmsException) builder.build();
    }

    static AwsServiceException sts(String code, int status) {
        return sts(code, status, "refused");
    }

    static AwsServiceException sts(String code, int status, String text) {
        return StsException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(text)
                        .serviceName("Sts")
                        .build())
                .build();
    }

    static SdkClientException client(String text, @Nullable Throwable cause) {
        return SdkClientException.create(text, cause);
    }
}
