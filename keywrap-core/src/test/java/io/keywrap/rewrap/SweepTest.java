package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.keywrap.rewrap.Goal.Pass;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What goes wrong around the keychains and not in them. */
class SweepTest {
    @Test
    void withoutAThreadItEndsAndDoesNotHang() {
        ExecutorService threads = Executors.newFixedThreadPool(1);
        threads.shutdown();
        Sweep sweep = new Sweep(
                new OneKeychain(),
                List.of(new Pass(KeychainFilter.all(), false)),
                threads,
                2,
                () -> false,
                () -> {},
                place -> {});
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThatExceptionOfType(RejectedExecutionException.class)
                        .isThrownBy(() -> sweep.run((keychainId, pass, again) -> {}, Optional.empty())));
    }

    private static final class OneKeychain implements KeychainStore {
        @Override
        public Optional<KeychainRecord> load(String keychainId) {
            return Optional.empty();
        }

        @Override
        public void create(KeychainRecord record) {}

        @Override
        public void replace(KeychainRecord record, long expectedRevision) {}

        @Override
        public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
            return after.isEmpty() ? List.of("a") : List.of();
        }

        @Override
        public List<Unreadable> unreadable() {
            return List.of();
        }
    }
}
