package io.keywrap.aws;

import java.util.Deque;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.StsClientBuilder;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

/** The credentials of an assumed role. The one class that needs the SDK's {@code sts}, which is optional. */
final class AssumedRole {
    private AssumedRole() {}

    /** Asks nobody yet; what it opens is pushed, to be closed from the top. */
    static AwsCredentialsProvider credentials(
            AwsRole role, Region region, @Nullable AwsCredentialsProvider vendor, Deque<AutoCloseable> opened) {
        StsClientBuilder builder = AwsKms.tuned(StsClient.builder()).region(region);
        if (vendor != null) {
            builder.credentialsProvider(vendor);
        }
        StsClient sts = builder.build();
        opened.push(sts);
        StsAssumeRoleCredentialsProvider credentials = StsAssumeRoleCredentialsProvider.builder()
                .stsClient(sts)
                .refreshRequest(request -> request.roleArn(role.arn())
                        .externalId(role.externalId().orElse(null))
                        .roleSessionName(role.sessionName()))
                .build();
        opened.push(credentials);
        return credentials;
    }
}
