package io.keywrap.cli;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import com.google.protobuf.FieldMask;
import java.io.IOException;

/** The owner of a key of Google Cloud, at an emulator. */
final class GcpWire {
    private GcpWire() {}

    static KeyManagementServiceClient client(String endpoint) throws IOException {
        return KeyManagementServiceClient.create(KeyManagementServiceSettings.newBuilder()
                .setEndpoint(endpoint)
                .setCredentialsProvider(NoCredentialsProvider.create())
                .setTransportChannelProvider(KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                        .setChannelConfigurator(channel -> channel.usePlaintext())
                        .build())
                .build());
    }

    static void set(KeyManagementServiceClient client, String version, CryptoKeyVersionState state) {
        client.updateCryptoKeyVersion(
                CryptoKeyVersion.newBuilder().setName(version).setState(state).build(),
                FieldMask.newBuilder().addPaths("state").build());
    }
}
