package com.example.consumer;

import io.keywrap.aws.AwsKms;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** AWS KMS by the client of the AWS SDK. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) {
        KmsClient client = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(URI.create("http://" + Nobody.HOST))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                .build();
        Nobody.answers(
                AwsKms.factory(arn -> client),
                "aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    }
}
