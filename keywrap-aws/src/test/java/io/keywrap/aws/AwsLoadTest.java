package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.TimeSource;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;

/** A thousand callers at once: few connections, and throttling that ends is not seen by those who can wait. */
class AwsLoadTest {
    private static final int CALLERS = 1_000;
    private static final int MOST = 32;

    private final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().region("eu-west-1").start(0);
    private final Transmissions transmissions = new Transmissions();
    private final KmsClient client = client();
    private final KeyProviders providers =
            KeyProviders.builder().register(AwsKms.factory(arn -> client)).build();
    private final KeyProvider provider =
            providers.provider(EmulatedKms.kekId(emulator.createKey().arn()));
    private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    private final DekId id = DekId.random();
    private final EncryptionContext context = EncryptionContext.ofDek("keychain", id, EncryptionContext.empty());
    private KeyProvider.Generated generated;

    private KmsClient client() {
        KmsClientBuilder builder = AwsKms.tune(KmsClient.builder());
        return builder.region(Region.EU_WEST_1)
                .endpointOverride(emulator.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                .overrideConfiguration(builder.overrideConfiguration().toBuilder()
                        .addExecutionInterceptor(transmissions)
                        .build())
                .build();
    }

    @BeforeEach
    void generate() {
        generated = provider.generate(id, context, in(Duration.ofSeconds(10)));
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        generated.dek().close();
        providers.close();
        client.close();
        emulator.close();
    }

    @Test
    void aThousandUnwrapsAtOnceSucceedOverFewConnections() throws Exception {
        for (Future<Boolean> one : unwrapByAll(Duration.ofSeconds(60))) {
            assertThat(one.get()).isTrue();
        }
        assertThat(transmissions.highest).hasValueBetween(2, MOST);
        assertThat(emulator.events()).hasSize(CALLERS + 1);
    }

    @Test
    void throttlingOfFiveSecondsIsSurvivedByAllWhoHaveTheTime() throws Exception {
        emulator.injectFor(AwsFault.throttling(), Duration.ofSeconds(5));
        long start = System.nanoTime();
        List<Future<Boolean>> patient = unwrapByAll(Duration.ofSeconds(30));
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> provider.unwrap(generated.wrapped(), context, in(Duration.ofMillis(500))))
                .matches(KekException::retryable);
        for (Future<Boolean> one : patient) {
            assertThat(one.get()).isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(5));
        assertThat(transmissions.highest).hasValueBetween(2, MOST);
        assertThat(emulator.events().size() - CALLERS - 1)
                .as("requests in vain while %d calls at a time were refused for 5 seconds", MOST)
                .isLessThan(20 * MOST);
    }

    private List<Future<Boolean>> unwrapByAll(Duration budget) {
        byte[] expected = generated.dek().withBytes(byte[]::clone);
        CyclicBarrier start = new CyclicBarrier(CALLERS);
        List<Future<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            answers.add(threads.submit(() -> {
                start.await(1, TimeUnit.MINUTES);
                try (Dek dek = provider.unwrap(generated.wrapped(), context, in(budget))) {
                    return Arrays.equals(expected, dek.withBytes(byte[]::clone));
                }
            }));
        }
        return answers;
    }

    private static Deadline in(Duration budget) {
        return Deadline.after(budget, TimeSource.system());
    }

    /** Counts the requests that are on the wire at the same time, each on a connection of its own. */
    private static final class Transmissions implements ExecutionInterceptor {
        private final AtomicInteger underWay = new AtomicInteger();
        final AtomicInteger highest = new AtomicInteger();

        @Override
        public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
            highest.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        }

        @Override
        public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
            underWay.decrementAndGet();
        }
    }
}
