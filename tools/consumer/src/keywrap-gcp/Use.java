package com.example.consumer;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.keywrap.gcp.GcpKms;

/** Google Cloud KMS by Google's client. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) throws Exception {
        KeyManagementServiceSettings settings = GcpKms.tune(KeyManagementServiceSettings.newBuilder()
                        .setEndpoint(Nobody.HOST)
                        .setCredentialsProvider(NoCredentialsProvider.create())
                        .setTransportChannelProvider(
                                KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                                        .setChannelConfigurator(channel -> channel.usePlaintext())
                                        .build()))
                .build();
        try (KeyManagementServiceClient client = KeyManagementServiceClient.create(settings)) {
            Nobody.answers(
                    GcpKms.factory(name -> client),
                    "gcp-kms://projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/tenant-42");
        }
    }
}
