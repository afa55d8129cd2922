package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that a contract starts end, or it says where they are. */
@Timeout(60)
class ThreadStormTest {
    @Test
    void showsWhereAThreadIsThatDoesNotEnd() {
        CountDownLatch never = new CountDownLatch(1);
        List<Callable<Integer>> tasks = List.of(() -> 1, () -> waitFor(never));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> ThreadStorm.together(tasks, Duration.ofMillis(500)))
                .withMessageContaining("have not ended after PT0.5S")
                .withMessageContaining("ThreadStormTest.waitFor(ThreadStormTest.java:");
    }

    @Test
    void showsWhyAThreadFailed() {
        IllegalStateException failure = new IllegalStateException("the first");
        List<Callable<Integer>> tasks = List.of(() -> 1, () -> {
            throw failure;
        });
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> ThreadStorm.together(tasks))
                .withCause(failure);
    }

    @Test
    void givesWhatCameOfEach() {
        assertThat(ThreadStorm.together(List.of(() -> 1, () -> 2))).containsExactly(1, 2);
    }

    private static int waitFor(CountDownLatch latch) throws InterruptedException {
        latch.await();
        return 0;
    }
}
