package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DescribeKeyRequest;
import software.amazon.awssdk.services.kms.model.DescribeKeyResponse;

/** Credentials that are slow to come, or do not come, whoever gives them. */
class AwsCredentialsTest {
    private final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().onlyKnownCredentials().start(0);
    private final SdkSettings settings = SdkSettings.of(emulator);
    private final AwsPrincipal admin = emulator.principal("arn:aws:iam::" + emulator.account() + ":user/admin");
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final KeyProvider provider = AwsKms.builder()
            .credentials(this::credentials)
            .build()
            .create(EmulatedKms.kekId(emulator.createKey().arn()));

    private AwsCredentials credentials() {
        asked.incrementAndGet();
        try {
            open.await();
        } catch (InterruptedException e) {
            throw SdkClientException.create("interrupted", e);
        }
        return AwsBasicCredentials.create(admin.accessKeyId(), admin.secretAccessKey());
    }

    private static Deadline in(Duration budget) {
        return Deadline.after(budget, TimeSource.system());
    }

    @AfterEach
    void end() {
        provider.close();
        settings.close();
        emulator.close();
    }

    private void assertNotInTime() {
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> provider.status(in(Duration.ofMillis(50))))
                .withMessageContaining("credentials for AWS did not come in time");
    }

    @Test
    void areWaitedForUntilTheDeadlineAndUsedOnceTheyCome() {
        assertNotInTime();
        assertThat(emulator.events()).isEmpty();

        open.countDown();
        assertThat(provider.status(in(Duration.ofSeconds(10))).currentVersion()).isPresent();
    }

    @Test
    void areAskedForOnceByAllThatWait() {
        for (int i = 0; i < 5; i++) {
            assertNotInTime();
        }
        assertThat(asked).hasValue(1);

        open.countDown();
        provider.status(in(Duration.ofSeconds(10)));
        provider.status(in(Duration.ofSeconds(10)));
        assertThat(asked.get()).isBetween(2, 3);
    }

    @Test
    void leaveNoThreadBehindThatWaits() throws Exception {
        assertNotInTime();
        Collection<Thread> waiting = threads();
        assertThat(waiting).hasSize(1);

        provider.close();
        for (Thread thread : waiting) {
            thread.join(Duration.ofSeconds(10).toMillis());
        }
        assertThat(threads()).isEmpty();
    }

    @Test
    void anInterruptEndsTheWaitAndStays() {
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> provider.status(in(Duration.ofSeconds(10))));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void thatCannotBeHadAreConfiguration() {
        KeyProvider none = AwsKms.builder()
                .credentials(() -> {
                    throw SdkClientException.create("Unable to load credentials from any of the providers");
                })
                .build()
                .create(provider.kekId());
        try (none) {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> none.status(in(Duration.ofSeconds(10))))
                    .withMessageContaining("the AWS SDK finds no credentials that work")
                    .withCauseInstanceOf(SdkClientException.class);
        }
    }

    @Test
    void areLeftToAClientThatDoesNotTellWhoseItUses() {
        open.countDown();
        String arn = AwsKeyArn.of(provider.kekId()).toString();
        try (KmsClient real = AwsKms.tune(KmsClient.builder())
                        .region(Region.US_EAST_1)
                        .credentialsProvider(this::credentials)
                        .build();
                KeyProvider own = AwsKms.factory(key -> new Wrapper(real)).create(EmulatedKms.kekId(arn))) {
            assertThat(own.status(in(Duration.ofSeconds(10))).currentVersion()).isPresent();
        }
    }

    /** A product's wrapper of a client, with what the SDK's interface does where nothing is said. */
    private record Wrapper(KmsClient client) implements KmsClient {
        @Override
        public DescribeKeyResponse describeKey(DescribeKeyRequest request) {
            return client.describeKey(request);
        }

        @Override
        public String serviceName() {
            return client.serviceName();
        }

        @Override
        public void close() {}
    }

    private static Collection<Thread> threads() {
        return Stream.of(Thread.getAllStackTraces().keySet())
                .flatMap(Collection::stream)
                .filter(thread -> thread.getName().equals("keywrap-aws-credentials"))
                .toList();
    }
}
