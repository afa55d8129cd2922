package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.stream.Workers.Offer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is offered to an executor of a caller's is done by one of its threads, or known to be refused. */
class OffersTest {
    /** What became of an offer, and in which thread. */
    private static final class Recorded implements Offer {
        private final CountDownLatch answered = new CountDownLatch(1);
        private final List<String> answers = new ArrayList<>();

        @Override
        public void run() {
            answers.add("done by " + Thread.currentThread().getName());
            answered.countDown();
        }

        @Override
        public void refused() {
            answers.add("refused");
            answered.countDown();
        }

        List<String> by(Executor executor) throws InterruptedException {
            new Offers(executor).execute(this);
            assertThat(answered.await(30, TimeUnit.SECONDS)).isTrue();
            return answers;
        }
    }

    @Test
    void anotherThreadDoesIt() throws InterruptedException {
        assertThat(new Recorded().by(task -> new Thread(task, "theirs").start()))
                .containsExactly("done by theirs");
    }

    @Test
    void whoeverRefusesFailsOrDoesItAtOnceHasRefused() throws InterruptedException {
        for (Throwable failure : List.of(
                new RejectedExecutionException("full"),
                new OutOfMemoryError("unable to create native thread (said by the test)"),
                new IllegalArgumentException("a mistake"),
                new AssertionError("a mistake"))) {
            assertThat(new Recorded().by(task -> {
                        throw Fully.unchecked(failure);
                    }))
                    .as("%s", failure)
                    .containsExactly("refused");
        }
        assertThat(new Recorded().by(Runnable::run)).containsExactly("refused");
    }

    /** Who happens to be the first may be a request of a web application, which could never be unloaded. */
    @Test
    void daemonsHaveNothingOfWhoCalledThem() throws Exception {
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        inherited.set("of the first caller");
        assertThat(Thread.currentThread().getContextClassLoader()).isNotNull();
        ThreadPoolExecutor pool = Daemons.pool(1, Duration.ofSeconds(10), 1, "keywrap-some-");
        try {
            pool.submit(() -> {
                        Thread daemon = Thread.currentThread();
                        assertThat(daemon.isDaemon()).isTrue();
                        assertThat(daemon.getName()).isEqualTo("keywrap-some-1");
                        assertThat(daemon.getContextClassLoader()).isNull();
                        assertThat(inherited.get()).isNull();
                    })
                    .get(30, TimeUnit.SECONDS);
        } finally {
            pool.shutdownNow();
            inherited.remove();
        }
    }
}
