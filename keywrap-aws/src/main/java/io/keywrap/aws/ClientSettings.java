package io.keywrap.aws;

import java.util.Optional;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsServiceClientConfiguration;

/** How a client was set up. */
final class ClientSettings {
    private ClientSettings() {}

    /** What a client tells of it; empty if somebody has put another around it that does not. */
    static Optional<KmsServiceClientConfiguration> of(KmsClient client) {
        try {
            return Optional.ofNullable(client.serviceClientConfiguration());
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        }
    }
}
