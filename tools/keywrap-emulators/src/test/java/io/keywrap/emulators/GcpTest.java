package io.keywrap.emulators;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.rpc.ApiException;
import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.EncryptRequest;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;

/** An emulator with one key, and the client of google-cloud-kms, which tries everything once. */
abstract class GcpTest {
    static final ByteString PLAINTEXT = ByteString.copyFromUtf8("0123456789abcdef0123456789abcdef");
    static final ByteString AAD = ByteString.copyFromUtf8("tenant=acme");

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z"));
    final GcpKmsEmulator gcp = GcpKmsEmulator.builder().time(time).start(0);
    final GcpKmsKey key = gcp.createKey();
    final KeyManagementServiceClient client = client(gcp.endpoint());

    @AfterEach
    void stop() throws InterruptedException {
        client.shutdownNow();
        client.awaitTermination(10, TimeUnit.SECONDS);
        gcp.close();
    }

    static KeyManagementServiceClient client(String endpoint) {
        try {
            KeyManagementServiceSettings.Builder settings = KeyManagementServiceSettings.newBuilder()
                    .setEndpoint(endpoint)
                    .setCredentialsProvider(NoCredentialsProvider.create())
                    .setTransportChannelProvider(KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                            .setChannelConfigurator(channel -> channel.usePlaintext())
                            .build());
            settings.getStubSettingsBuilder().applyToAllUnaryMethods(call -> {
                call.setRetryableCodes(Set.of());
                return null;
            });
            return KeyManagementServiceClient.create(settings.build());
        } catch (Exception e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    EncryptResponse encrypt(String name) {
        return client.encrypt(EncryptRequest.newBuilder()
                .setName(name)
                .setPlaintext(PLAINTEXT)
                .setPlaintextCrc32C(crc(PLAINTEXT))
                .setAdditionalAuthenticatedData(AAD)
                .setAdditionalAuthenticatedDataCrc32C(crc(AAD))
                .build());
    }

    /** A new ciphertext of the key. */
    ByteString blob() {
        return encrypt(key.name()).getCiphertext();
    }

    DecryptResponse decrypt(String name, ByteString ciphertext) {
        return client.decrypt(DecryptRequest.newBuilder()
                .setName(name)
                .setCiphertext(ciphertext)
                .setCiphertextCrc32C(crc(ciphertext))
                .setAdditionalAuthenticatedData(AAD)
                .setAdditionalAuthenticatedDataCrc32C(crc(AAD))
                .build());
    }

    /** "OK", or the code and the text of the error. */
    String open(ByteString ciphertext) {
        return result(() -> decrypt(key.name(), ciphertext));
    }

    /** "OK", or the code and the text of the error. */
    String wrap() {
        return result(() -> encrypt(key.name()));
    }

    static String result(Callable<?> call) {
        try {
            call.call();
            return "OK";
        } catch (ApiException e) {
            return e.getStatusCode().getCode() + ": " + reason(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** What the service says, without the status that gRPC puts before it. */
    static String reason(ApiException error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        return String.valueOf(cause.getMessage()).replaceFirst("^[A-Z_]+: ", "");
    }

    static Int64Value crc(ByteString bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.toByteArray());
        return Int64Value.of(crc.getValue());
    }
}
