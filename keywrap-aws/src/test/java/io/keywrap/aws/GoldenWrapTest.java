package io.keywrap.aws;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/**
 * Wraps as an earlier build wrote them are asked for with the very request that opened them then: key, algorithm, ciphertext
 * and every pair of the encryption context. What AWS has inside of the ciphertext is AWS's own, so a server that knows this
 * one request stands in for it. Made once, without keywrap's adapter, and never again.
 */
class GoldenWrapTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/v1");
    private static final DekId ID = DekId.of("00112233445566778899aabbccddeeff");
    private static final EncryptionContext CONTEXT =
            EncryptionContext.ofDek("tenant-42", ID, EncryptionContext.of("tenant", "grüße"));

    @RegisterExtension
    static final WireMockExtension AWS =
            WireMockExtension.newInstance().options(options().dynamicPort()).build();

    @ParameterizedTest
    @CsvSource({
        "wrapped, ''",
        "generated, 'c1ba89d0e0bd4cdfb2f1e9b6fd5a9a6a1b6ad2ee0fa95fc0b0bfe2f3d8b5a2c4'",
    })
    void opensByTheRequestOfVersion1(String name, String version) throws IOException {
        String text = Files.readString(GOLDEN.resolve(name + "-dek.txt"));
        WrappedDek wrapped = WrappedDek.parseText(text);
        assertThat(wrapped.toText()).isEqualTo(text);
        assertThat(wrapped.dekId()).isEqualTo(ID);
        assertThat(wrapped.kekVersion()).isEqualTo(version);
        String request = Files.readString(GOLDEN.resolve(name + "-request.json"));
        AWS.stubFor(post("/")
                .withHeader("X-Amz-Target", equalTo("TrentService.Decrypt"))
                .withRequestBody(equalToJson(request, false, false))
                .willReturn(okJson(answer(wrapped))));
        try (KmsClient client = client(AWS.baseUrl());
                KeyProvider provider = AwsKms.factory(arn -> client).create(wrapped.kekId());
                Dek dek = provider.unwrap(wrapped, CONTEXT, deadline())) {
            assertThat(dek.<byte[]>withBytes(byte[]::clone)).isEqualTo(key());
        }
    }

    private static String answer(WrappedDek wrapped) {
        return """
                {"KeyId": "%s", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "Plaintext": "%s"}
                """.formatted(
                        wrapped.kekId().toString().substring("aws-kms://".length()),
                        Base64.getEncoder().encodeToString(key()));
    }

    private static byte[] key() {
        byte[] key = new byte[Dek.BYTES];
        Arrays.fill(key, (byte) 9);
        return key;
    }

    private static Deadline deadline() {
        return Deadline.after(Duration.ofSeconds(10), TimeSource.system());
    }

    private static KmsClient client(String endpoint) {
        return AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(URI.create(endpoint))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                .build();
    }
}
