package io.keywrap.aws;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.StsClientBuilder;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

/** The credentials of an assumed role. The one class that needs the SDK's {@code sts}, which is optional. */
final class AssumedRole {
    private AssumedRole() {}

    /** Asks nobody yet; what it opens is added to the list, to be closed in reverse order. */
    static AwsCredentialsProvider credentials(
            AwsRole role, Region region, @Nullable AwsCredentialsProvider vendor, List<AutoCloseable> opened) {
        StsClientBuilder builder = AwsKms.tuned(StsClient.builder()).region(region);
        if (vendor != null) {
            builder.credentialsProvider(vendor);
        }
        StsClient sts = builder.build();
        opened.add(sts);
        StsAssumeRoleCredentialsProvider credentials = StsAssumeRoleCredentialsProvider.builder()
                .stsClient(sts)
                .refreshRequest(request -> request.roleArn(role.arn())
                        .externalId(role.externalId().orElse(null))
                        .roleSessionName(role.sessionName()))
                .build();
        opened.add(credentials);
        return credentials;
    }
}
