package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.KmsInternalException;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.NotFoundException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.StsException;

/** The real client of AWS understands what the emulator says. */
class AwsSdkClientTest extends AwsTest {
    private static final Map<String, String> CONTEXT = Map.of("tenant", "acme");

    private final KmsClient client = client(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIA", "s")));

    private KmsClient client(AwsCredentialsProvider credentials) {
        return KmsClient.builder()
                .endpointOverride(aws.endpoint())
                .region(Region.of(aws.region()))
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
    }

    @AfterEach
    void closeClient() {
        client.close();
    }

    private GenerateDataKeyResponse generate() {
        return client.generateDataKey(
                r -> r.keyId(key.arn()).keySpec(DataKeySpec.AES_256).encryptionContext(CONTEXT));
    }

    private DecryptResponse decrypt(SdkBytes blob) {
        return client.decrypt(r -> r.keyId(key.arn()).ciphertextBlob(blob).encryptionContext(CONTEXT));
    }

    @Test
    void everyOperationOfItsLifeIsUnderstood() {
        GenerateDataKeyResponse made = generate();
        DecryptResponse opened = decrypt(made.ciphertextBlob());

        assertThat(opened.plaintext()).isEqualTo(made.plaintext());
        assertThat(opened.keyId()).isEqualTo(key.arn());
        assertThat(opened.keyMaterialId()).isEqualTo(made.keyMaterialId());
        client.scheduleKeyDeletion(r -> r.keyId(key.arn()).pendingWindowInDays(7));
        var metadata = client.describeKey(r -> r.keyId(key.arn())).keyMetadata();
        assertThat(metadata.keyState()).isEqualTo(KeyState.PENDING_DELETION);
        assertThat(metadata.deletionDate()).isEqualTo(time.now().plus(Duration.ofDays(7)));
        client.cancelKeyDeletion(r -> r.keyId(key.arn()));
        client.enableKey(r -> r.keyId(key.arn()));
        client.rotateKeyOnDemand(r -> r.keyId(key.arn()));
        assertThat(client.listKeyRotations(r -> r.keyId(key.arn())).rotations()).hasSize(1);
        assertThat(client.listKeysPaginator().keys()).hasSize(1);
        client.createAlias(r -> r.aliasName("alias/a").targetKeyId(key.arn()));
        assertThat(client.listAliases().aliases()).hasSize(1);
    }

    @Test
    void errorsAreOfTheClassesOfItsModel() {
        SdkBytes blob = generate().ciphertextBlob();
        KmsException wrongContext = catchThrowableOfType(
                InvalidCiphertextException.class,
                () -> client.decrypt(r -> r.keyId(key.arn()).ciphertextBlob(blob)));
        assertThat(wrongContext.awsErrorDetails().errorMessage()).isNull();
        assertThat(wrongContext.requestId()).isEqualTo(aws.events().get(1).requestId());
        assertThat(catchThrowableOfType(
                        IncorrectKeyException.class,
                        () -> client.decrypt(r -> r.keyId(aws.createKey().arn()).ciphertextBlob(blob))))
                .isNotNull();

        key.disable();
        assertThat(catchThrowableOfType(DisabledException.class, () -> decrypt(blob))
                        .awsErrorDetails()
                        .errorMessage())
                .isEqualTo(key.arn() + " is disabled.");
        key.set(AwsKeyState.PENDING_IMPORT);
        assertThat(catchThrowableOfType(KmsInvalidStateException.class, () -> decrypt(blob)))
                .isNotNull();
        key.enable();
        aws.inject(AwsFault.error(500, "KMSInternalException", ""), 1);
        assertThat(catchThrowableOfType(KmsInternalException.class, () -> decrypt(blob))
                        .statusCode())
                .isEqualTo(500);
        key.delete();
        assertThat(catchThrowableOfType(NotFoundException.class, () -> decrypt(blob)))
                .isNotNull();
    }

    @Test
    void codesWithoutAClassAreThere() {
        SdkBytes blob = generate().ciphertextBlob();
        aws.inject(AwsFault.throttling(), 1);
        KmsException throttled = catchThrowableOfType(KmsException.class, () -> decrypt(blob));
        assertThat(throttled.statusCode()).isEqualTo(400);
        assertThat(throttled.isThrottlingException()).isTrue();
        key.policy("{\"Statement\":[]}");
        assertThat(catchThrowableOfType(KmsException.class, () -> decrypt(blob))
                        .awsErrorDetails()
                        .errorCode())
                .isEqualTo("AccessDeniedException");
        aws.inject(AwsFault.answer(503, ""), 1);
        KmsException bodyless = catchThrowableOfType(KmsException.class, () -> decrypt(blob));
        assertThat(bodyless.statusCode()).isEqualTo(503);
        assertThat(bodyless.awsErrorDetails().errorCode()).isNull();
    }

    @Test
    void rolesAreAssumed() {
        String role = "arn:aws:iam::111122223333:role/for-vendor";
        AwsPrincipal vendor = aws.principal("arn:aws:iam::444455556666:role/vendor");
        aws.role(AwsRole.of(role).trusting(vendor.arn()).withExternalId("x-42"));
        try (StsClient sts = StsClient.builder()
                .endpointOverride(aws.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(vendor.accessKeyId(), vendor.secretAccessKey())))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build()) {
            Credentials session = sts.assumeRole(
                            r -> r.roleArn(role).roleSessionName("s").externalId("x-42"))
                    .credentials();
            assertThat(session.expiration()).isEqualTo(Instant.parse("2026-11-25T09:00:00Z"));
            StsException refused = catchThrowableOfType(
                    StsException.class,
                    () -> sts.assumeRole(r -> r.roleArn(role).roleSessionName("s")));
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("AccessDenied");
        }
    }

    @Test
    void manyThreadsAreServedOverFewConnections() throws Exception {
        SdkBytes blob = generate().ciphertextBlob();
        AtomicInteger opened = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(20);
        for (int i = 0; i < 1000; i++) {
            threads.execute(() -> {
                decrypt(blob);
                opened.incrementAndGet();
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(opened).hasValue(1000);
        assertThat(aws.connections()).isLessThan(200);
    }
}
