package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.api.gax.core.FixedCredentialsProvider;
import com.google.auth.Credentials;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.Deadline;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Credentials that do not come: the call is over with its deadline, whatever Google's client waits for. */
class GcpCredentialsInTimeTest extends GcpFixture {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration SOON = Duration.ofMillis(1_300);

    private final CountDownLatch answer = new CountDownLatch(1);
    private final WrappedDek wrapped = wrap(provider);

    @AfterEach
    void answer() {
        answer.countDown();
    }

    @Nested
    class ATokenThatDoesNotCome {
        @Test
        void isAnOutageAtTheDeadlineOfEveryCall() {
            KeyProvider waiting = provider(new Hanging(true, false));
            assertEndsInTime(() -> unwrap(waiting));
            assertEndsInTime(() -> waiting.wrap(dek, context, soon()));
            assertEndsInTime(() -> waiting.status(soon()));
        }

        @Test
        void isUsedOnceItComes() {
            KeyProvider waiting = provider(new Hanging(true, false));
            assertEndsInTime(() -> unwrap(waiting));
            answer.countDown();
            assertOpens(waiting, wrapped);
        }
    }

    /** Google's client asks for it on the thread of its caller, and would not look at any deadline. */
    @Nested
    class AUniverseDomainThatDoesNotCome {
        @Test
        void isAnOutageAtTheDeadline() {
            KeyProvider waiting = provider(new Hanging(false, true));
            assertEndsInTime(() -> unwrap(waiting));
            answer.countDown();
            assertOpens(waiting, wrapped);
        }
    }

    @Nested
    class AClientThatIsNotMade {
        @Test
        void isAnOutageAtTheDeadlineAndIsUsedOnceItIsThere() {
            GcpKms factory = new GcpKms(new OwnClient(() -> {
                answer.await();
                return EmulatedKms.client(kms.emulator.endpoint());
            }));
            KeyProvider waiting = factory.create(provider.kekId());
            assertEndsInTime(() -> unwrap(waiting));
            assertThat(factory.create(provider.kekId()).kekId()).isEqualTo(provider.kekId());
            answer.countDown();
            assertOpens(waiting, wrapped);
            waiting.close();
        }

        /** Who gives up does not end what others wait for: to them that would be a mistake of their own. */
        @Test
        void isMadeForWhoWaitsLongerToo() {
            AtomicInteger made = new AtomicInteger();
            KeyProvider waiting = new GcpKms(new OwnClient(() -> {
                        made.incrementAndGet();
                        answer.await();
                        return EmulatedKms.client(kms.emulator.endpoint());
                    }))
                    .create(provider.kekId());
            CompletableFuture<Void> patient = new CompletableFuture<>();
            FutureTask<Void> other = new FutureTask<>(
                    () -> {
                        patient.complete(null);
                        assertOpens(waiting, wrapped);
                    },
                    null);
            assertEndsInTime(() -> {
                new Thread(other, "patient").start();
                patient.join();
                unwrap(waiting);
            });
            answer.countDown();
            assertThatCode(() -> other.get(10, TimeUnit.SECONDS)).doesNotThrowAnyException();
            assertThat(made).hasValue(1);
            waiting.close();
        }

        @Test
        void isClosedIfItComesAfterItsProvidersWereClosedAndOthersWereMade() throws Exception {
            CompletableFuture<KeyManagementServiceClient> late = new CompletableFuture<>();
            AtomicInteger made = new AtomicInteger();
            GcpKms factory = new GcpKms(new OwnClient(() -> {
                boolean first = made.getAndIncrement() == 0;
                if (first) {
                    answer.await();
                }
                KeyManagementServiceClient one = EmulatedKms.client(kms.emulator.endpoint());
                if (first) {
                    late.complete(one);
                }
                return one;
            }));
            KeyProvider closed = factory.create(provider.kekId());
            assertEndsInTime(() -> unwrap(closed));
            closed.close();
            KeyProvider other = factory.create(provider.kekId());
            assertOpens(other, wrapped);
            answer.countDown();
            assertThat(late.get(10, TimeUnit.SECONDS).awaitTermination(10, TimeUnit.SECONDS))
                    .isTrue();
            assertOpens(other, wrapped);
            other.close();
        }
    }

    private void assertEndsInTime(Runnable call) {
        long before = System.nanoTime();
        assertFails(KekUnreachableException.class, call::run);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SOON);
    }

    private void unwrap(KeyProvider by) {
        by.unwrap(wrapped, context, soon()).close();
    }

    private static Deadline soon() {
        return Deadline.after(SHORT, TimeSource.system());
    }

    private KeyProvider provider(Credentials credentials) {
        KeyManagementServiceClient client =
                EmulatedKms.client(kms.emulator.endpoint(), FixedCredentialsProvider.create(credentials));
        return GcpKms.factory(name -> client).create(provider.kekId());
    }

    /** Waits, and cannot be interrupted, like the JDK's HTTP connections. */
    private final class Hanging extends Credentials {
        private static final long serialVersionUID = 1L;

        private final boolean token;
        private final boolean universe;

        Hanging(boolean token, boolean universe) {
            this.token = token;
            this.universe = universe;
        }

        @Override
        public String getUniverseDomain() throws IOException {
            await(universe && Thread.currentThread().getName().startsWith("keywrap"));
            return super.getUniverseDomain();
        }

        @Override
        public Map<String, List<String>> getRequestMetadata(URI uri) {
            await(token);
            return Map.of("authorization", List.of("Bearer token"));
        }

        private void await(boolean waits) {
            boolean interrupted = false;
            while (waits && answer.getCount() > 0) {
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public String getAuthenticationType() {
            return "OAuth2";
        }

        @Override
        public boolean hasRequestMetadata() {
            return true;
        }

        @Override
        public boolean hasRequestMetadataOnly() {
            return true;
        }

        @Override
        public void refresh() {}
    }
}
