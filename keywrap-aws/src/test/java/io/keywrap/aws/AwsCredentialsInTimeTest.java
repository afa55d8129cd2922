package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** Sources of credentials that hang: the call ends with its deadline, as an outage, and no thread stays. */
class AwsCredentialsInTimeTest {
    private static final Duration BUDGET = Duration.ofMillis(500);
    private static final Duration GRACE = Duration.ofMillis(1000);
    private static final AwsBasicCredentials GOOD = AwsBasicCredentials.create("AKIATEST", "secret");

    private final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().region("eu-west-1").start(0);
    private final AwsKmsKey key = emulator.createKey();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final CountDownLatch answered = new CountDownLatch(1);

    @AfterEach
    void close() throws Exception {
        answered.countDown();
        for (AutoCloseable one : opened) {
            one.close();
        }
        emulator.close();
    }

    @Nested
    class ASourceThatHangs {
        @Test
        void isAnOutageAtTheDeadline() {
            KeyProvider provider = provider(() -> {
                await();
                return GOOD;
            });
            KekException told = assertOutageInTime(provider);
            assertThat(told).hasMessageContaining("credentials");
            assertThat(emulator.events()).isEmpty();
        }

        @Test
        void isAnOutageAtTheDeadlineEvenIfItCannotBeInterrupted() {
            KeyProvider provider = provider(() -> {
                while (answered.getCount() > 0) {
                    Thread.onSpinWait();
                }
                return GOOD;
            });
            assertOutageInTime(provider);
        }

        @Test
        void isAnOutageForStatusToo() {
            KeyProvider provider = provider(() -> {
                await();
                return GOOD;
            });
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> provider.status(soon()));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void isAnOutageIfItIsTheMetadataOfAMachineOrContainer(boolean container) throws Exception {
            ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            opened.add(silent);
            String endpoint = "http://127.0.0.1:" + silent.getLocalPort();
            String property = container ? "aws.containerCredentialsFullUri" : "aws.ec2MetadataServiceEndpoint";
            System.setProperty(property, endpoint);
            opened.add(() -> System.clearProperty(property));
            assertOutageInTime(provider(
                    container ? ContainerCredentialsProvider.create() : InstanceProfileCredentialsProvider.create()));
        }

        @Test
        void isAnOutageIfItIsTheRoleToBeAssumed() {
            opened.add(SdkSettings.of(emulator));
            emulator.injectAlways(AwsFault.slow(Duration.ofHours(1)).on("AssumeRole"));
            KeyProvider provider = AwsKms.builder()
                    .assumeRole(AwsRole.of("arn:aws:iam::" + emulator.account() + ":role/keywrap"))
                    .build()
                    .create(EmulatedKms.kekId(key.arn()));
            opened.add(0, provider);
            assertOutageInTime(provider);
        }

        @Test
        void isAskedOnceForAllWhoWaitAndServesThemWhenItAnswers() throws Exception {
            AtomicInteger asked = new AtomicInteger();
            KeyProvider provider = provider(() -> {
                asked.incrementAndGet();
                await();
                return GOOD;
            });
            ExecutorService callers = Executors.newFixedThreadPool(16);
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                calls.add(callers.submit(
                        () -> generate(provider, Deadline.after(Duration.ofSeconds(20), TimeSource.system()))));
            }
            assertThat(catchThrowable(() -> generate(provider, soon()))).isInstanceOf(KekUnreachableException.class);
            assertThat(asked).hasValue(1);
            answered.countDown();
            for (Future<?> call : calls) {
                call.get(20, TimeUnit.SECONDS);
            }
            callers.shutdown();
        }

        @Test
        void isInterruptedWhenTheProviderIsClosed() throws Exception {
            CountDownLatch interrupted = new CountDownLatch(1);
            KeyProvider provider = provider(() -> hangUntilInterrupted(interrupted));
            assertOutageInTime(provider);
            assertThat(interrupted.getCount()).isEqualTo(1);
            provider.close();
            assertThat(interrupted.await(2, TimeUnit.SECONDS)).isTrue();
        }

        @Test
        void isGivenUpAfterAWhileAndAskedAnew() throws Exception {
            CountDownLatch interrupted = new CountDownLatch(1);
            AtomicBoolean hangs = new AtomicBoolean(true);
            KeyProvider provider = provider(() -> hangs.get() ? hangUntilInterrupted(interrupted) : GOOD);
            assertOutageInTime(provider);
            hangs.set(false);
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
            generate(provider, soon());
        }

        @Test
        void leavesNoThread() throws Exception {
            Thread[] asked = new Thread[1];
            KeyProvider provider = provider(() -> {
                asked[0] = Thread.currentThread();
                await();
                return GOOD;
            });
            assertOutageInTime(provider);
            assertThat(asked[0].isDaemon()).isTrue();
            provider.close();
            asked[0].join(15_000);
            assertThat(asked[0].isAlive()).isFalse();
        }
    }

    @Nested
    class ACallerWhoIsInterrupted {
        @Test
        void isToldSoAndStaysInterrupted() throws Exception {
            KeyProvider provider = provider(() -> {
                await();
                return GOOD;
            });
            Throwable[] failure = new Throwable[1];
            boolean[] interrupted = new boolean[1];
            Thread caller = new Thread(() -> {
                failure[0] = catchThrowable(
                        () -> generate(provider, Deadline.after(Duration.ofSeconds(30), TimeSource.system())));
                interrupted[0] = Thread.currentThread().isInterrupted();
            });
            caller.start();
            caller.interrupt();
            caller.join(10_000);
            assertThat(failure[0]).isInstanceOf(KekUnreachableException.class);
            assertThat(interrupted[0]).isTrue();
        }
    }

    @Nested
    class ASourceThatFails {
        @Test
        void isAnOutageIfItsConnectionBreaksAndOurMistakeElse() {
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> generate(
                            provider(() -> {
                                throw new java.io.UncheckedIOException(new IOException("vault"));
                            }),
                            soon()));
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> generate(
                            provider(() -> {
                                throw new IllegalStateException("no vault");
                            }),
                            soon()))
                    .withRootCauseInstanceOf(IllegalStateException.class);
        }

        @Test
        void withAnErrorOfTheJvmIsNotTakenForAnAnswer() {
            KeyProvider provider = provider(() -> {
                throw new StackOverflowError();
            });
            assertThatThrownBy(() -> generate(provider, soon())).isInstanceOf(StackOverflowError.class);
        }

        @Test
        void isAskedAnewByTheNextCall() {
            AtomicBoolean fails = new AtomicBoolean(true);
            KeyProvider provider = provider(() -> {
                if (fails.getAndSet(false)) {
                    throw new IllegalStateException("not yet");
                }
                return GOOD;
            });
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> generate(provider, later()));
            generate(provider, later());
        }
    }

    @Test
    void credentialsAreThoseOfTheMoment() {
        List<String> ids = new ArrayList<>(List.of("AKIAONE", "AKIATWO"));
        KeyProvider provider = provider(() -> AwsBasicCredentials.create(ids.remove(0), "secret"));
        generate(provider, later());
        generate(provider, later());
        assertThat(emulator.events())
                .extracting(event -> event.accessKeyId().orElseThrow())
                .containsExactly("AKIAONE", "AKIATWO");
    }

    private static AwsBasicCredentials hangUntilInterrupted(CountDownLatch interrupted) {
        try {
            new CountDownLatch(1).await();
            return GOOD;
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw new IllegalStateException(e);
        }
    }

    private void await() {
        try {
            answered.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KekException assertOutageInTime(KeyProvider provider) {
        long before = System.nanoTime();
        Throwable failure = catchThrowable(() -> generate(provider, soon()));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isBetween(BUDGET, BUDGET.plus(GRACE));
        assertThat(failure).isExactlyInstanceOf(KekUnreachableException.class);
        return (KekException) failure;
    }

    private KeyProvider provider(AwsCredentialsProvider credentials) {
        KmsClient client = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(emulator.endpoint())
                .credentialsProvider(credentials)
                .build();
        KeyProvider provider = AwsKms.factory(arn -> client).create(EmulatedKms.kekId(key.arn()));
        opened.add(provider);
        opened.add(client);
        return provider;
    }

    /** For what is not about time. */
    private static Deadline later() {
        return Deadline.after(Duration.ofSeconds(30), TimeSource.system());
    }

    private static Deadline soon() {
        return Deadline.after(BUDGET, TimeSource.system());
    }

    private static void generate(KeyProvider provider, Deadline deadline) {
        provider.generate(DekId.random(), EncryptionContext.of("tenant", "acme"), deadline)
                .dek()
                .close();
    }
}
