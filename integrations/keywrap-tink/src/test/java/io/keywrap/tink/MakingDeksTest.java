package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.FaultPlan;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** One thread makes a DEK for all that wait for it; what becomes of them when it is slow, interrupted, or gives up. */
class MakingDeksTest extends TinkFixture {
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch answers = new CountDownLatch(1);
    private final KeyProviders slow = KeyProviders.builder()
            .register(new SlowAtFirst())
            .time(keywrap.time())
            .build();

    /** The KMS in memory, whose first wrap waits until it may answer, or is interrupted as the clients of clouds are. */
    private final class SlowAtFirst implements KeyProvider.Factory {
        @Override
        public String scheme() {
            return keywrap.kms().scheme();
        }

        @Override
        public KeyProvider create(KekId id) {
            KeyProvider real = keywrap.kms().create(id);
            return new KeyProvider() {
                @Override
                public KekId kekId() {
                    return id;
                }

                @Override
                public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                    called.countDown();
                    try {
                        answers.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new KekUnreachableException(Failure.of(id, "interrupted")
                                .operatorAction("try again")
                                .cause(e));
                    }
                    return real.wrap(dek, keyContext, deadline);
                }

                @Override
                public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                    return real.unwrap(wrapped, keyContext, deadline);
                }

                @Override
                public void close() {
                    real.close();
                }
            };
        }
    }

    @AfterEach
    void close() {
        answers.countDown();
        slow.close();
    }

    /** A call of its own thread. */
    private static final class Caller extends FutureTask<byte[]> {
        private final Thread thread = new Thread(this);
        private volatile boolean stillInterrupted;

        Caller(Callable<byte[]> call) {
            super(call);
        }

        Caller begin() {
            thread.setDaemon(true);
            thread.start();
            return this;
        }

        @Override
        public void run() {
            super.run();
            stillInterrupted = Thread.currentThread().isInterrupted();
        }

        /** Until it waits for somebody else. */
        Caller waiting() {
            while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            return this;
        }

        Optional<Throwable> failure() throws Exception {
            try {
                get(10, TimeUnit.SECONDS);
                return Optional.empty();
            } catch (ExecutionException e) {
                return Optional.ofNullable(e.getCause());
            }
        }
    }

    private Caller encrypting(Aead aead) {
        return new Caller(() -> aead.encrypt(DATA, ASSOCIATED)).begin();
    }

    private static void assertInterrupted(Caller caller) throws Exception {
        assertThat(caller.failure())
                .get()
                .satisfies(failure -> assertThat(failure)
                        .isExactlyInstanceOf(GeneralSecurityException.class)
                        .hasCauseExactlyInstanceOf(KekUnreachableException.class));
        caller.thread.join();
        assertThat(caller.stillInterrupted).isTrue();
    }

    @Test
    void whoWaitedForAMakerThatIsInterruptedMakesTheDekHimself() throws Exception {
        Aead aead = aead(KeywrapKmsClient.of(slow));
        Caller maker = encrypting(aead);
        called.await();
        Caller waiter = encrypting(aead).waiting();
        maker.thread.interrupt();
        assertInterrupted(maker);
        answers.countDown();
        assertThat(waiter.failure()).isEmpty();
        assertThat(aead.decrypt(waiter.get(), ASSOCIATED)).isEqualTo(DATA);
    }

    @Test
    void whoWaitsCanBeInterruptedAndTheMakerGoesOn() throws Exception {
        Aead aead = aead(KeywrapKmsClient.of(slow));
        Caller maker = encrypting(aead);
        called.await();
        Caller waiter = encrypting(aead).waiting();
        waiter.thread.interrupt();
        assertInterrupted(waiter);
        answers.countDown();
        assertThat(maker.failure()).isEmpty();
    }

    /** Nothing is waited for, so nothing is refused. */
    @Test
    void whatIsInMemoryServesAThreadThatIsInterrupted() throws Exception {
        Aead aead = aead();
        aead.encrypt(DATA, ASSOCIATED);
        Thread.currentThread().interrupt();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
    }

    /** However often others use up what it has made, or nothing suffices as here. */
    @Test
    @Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
    void allDeksThatOneCallMakesTakeItsTimeTogether() {
        keywrap.kek().faults(FaultPlan.ofGenerates().slow(Duration.ofSeconds(1), 100));
        KekDeks deks = new KekDeks(
                keywrap.providers(),
                keywrap.kek().id(),
                EncryptionContext.empty(),
                new DekLimits(DekLimits.DEFAULT_MESSAGES, DekLimits.DEFAULT_AGE));
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> deks.encrypting(DekLimits.MOST_BYTES + 1).close());
        assertThat(keywrap.kek().generates()).isBetween(9, 11);
    }
}
