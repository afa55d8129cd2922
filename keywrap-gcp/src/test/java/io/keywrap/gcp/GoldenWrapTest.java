package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A wrap as an earlier build wrote it is asked for with the very request that opened it then: key, ciphertext, and the
 * additional authenticated data, which Google binds and nobody could guess again. What Google has inside of the ciphertext is
 * Google's own, so a channel that knows this one request stands in for it. Made once, and never again.
 */
class GoldenWrapTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/v1");
    private static final DekId ID = DekId.of("00112233445566778899aabbccddeeff");
    private static final EncryptionContext CONTEXT =
            EncryptionContext.ofDek("tenant-42", ID, EncryptionContext.of("tenant", "grüße"));

    @Test
    void opensByTheRequestOfVersion1() throws Exception {
        String text = Files.readString(GOLDEN.resolve("wrapped-dek.txt"));
        WrappedDek wrapped = WrappedDek.parseText(text);
        assertThat(wrapped.toText()).isEqualTo(text);
        assertThat(wrapped.dekId()).isEqualTo(ID);
        assertThat(wrapped.kekId())
                .isEqualTo(KekId.of("gcp-kms://projects/acme-prod/locations/eu/keyRings/backup/cryptoKeys/customer"));
        assertThat(wrapped.kekVersion()).isEqualTo("7");
        DecryptRequest request =
                TextFormat.parse(Files.readString(GOLDEN.resolve("wrapped-request.txtpb")), DecryptRequest.class);
        try (KeyManagementServiceClient client = client(new OneRequest(request));
                KeyProvider provider = GcpKms.factory(name -> client).create(wrapped.kekId());
                Dek dek = provider.unwrap(
                        wrapped, CONTEXT, Deadline.after(Duration.ofSeconds(10), TimeSource.system()))) {
            assertThat(dek.<byte[]>withBytes(byte[]::clone)).isEqualTo(key());
        }
    }

    private static byte[] key() {
        byte[] key = new byte[Dek.BYTES];
        Arrays.fill(key, (byte) 9);
        return key;
    }

    private static KeyManagementServiceClient client(ClientInterceptor interceptor) throws Exception {
        KeyManagementServiceSettings.Builder settings =
                EmulatedKms.plain("127.0.0.1:1", NoCredentialsProvider.create());
        settings.setTransportChannelProvider(KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                .setChannelConfigurator(channel -> channel.usePlaintext())
                .setInterceptorProvider(() -> List.of(interceptor))
                .build());
        return EmulatedKms.client(GcpKms.tune(settings));
    }

    /** Answers one request, and fails every other. */
    private record OneRequest(DecryptRequest expected) implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new ClientCall<>() {
                private @Nullable Listener<A> listener;

                @Override
                public void start(Listener<A> by, Metadata headers) {
                    listener = by;
                }

                @Override
                public void request(int messages) {}

                @Override
                public void cancel(@Nullable String message, @Nullable Throwable cause) {}

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {
                    listener.onHeaders(new Metadata());
                    if (message.equals(expected)) {
                        listener.onMessage(
                                method.parseResponse(answer().toByteString().newInput()));
                        listener.onClose(Status.OK, new Metadata());
                    } else {
                        listener.onClose(Status.INTERNAL.withDescription("not as it was: " + message), new Metadata());
                    }
                }
            };
        }

        private static DecryptResponse answer() {
            ByteString plaintext = ByteString.copyFrom(key());
            return DecryptResponse.newBuilder()
                    .setPlaintext(plaintext)
                    .setPlaintextCrc32C(GcpAnswer.checksum(plaintext))
                    .setUsedPrimary(true)
                    .build();
        }
    }
}
