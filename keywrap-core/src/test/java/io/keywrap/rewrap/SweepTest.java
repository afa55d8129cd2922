package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.keywrap.rewrap.Checkpoint.Mark;
import io.keywrap.rewrap.Goal.Pass;
import io.keywrap.rewrap.Sweep.Place;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In which order keychains are gone over, up to where all is finished, and what goes wrong around them. */
class SweepTest {
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    @AfterEach
    void close() {
        threads.shutdown();
    }

    @Test
    void withoutAThreadItEndsAndDoesNotHang() {
        threads.shutdown();
        Sweep sweep = new Sweep(
                new Keychains(1),
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

    private static Sweep sweep(KeychainStore store, int passes, ExecutorService threads, BooleanSupplier stopped) {
        return sweep(store, passes, threads, stopped, place -> {});
    }

    private static Sweep sweep(
            KeychainStore store,
            int passes,
            ExecutorService threads,
            BooleanSupplier stopped,
            Consumer<Place> finished) {
        List<Pass> all = Collections.nCopies(passes, new Pass(KeychainFilter.all(), false));
        return new Sweep(store, all, threads, 2, stopped, () -> {}, finished);
    }

    private List<String> visited(int keychains, int passes, Optional<Mark> mark) {
        List<String> visited = Collections.synchronizedList(new ArrayList<>());
        sweep(new Keychains(keychains), passes, threads, () -> false)
                .run((id, pass, again) -> visited.add(pass + id + (again ? " again" : "")), mark);
        return visited;
    }

    @Test
    void allPagesOfAllPassesAreCounted() {
        for (int keychains : new int[] {0, 1, 9_999, 10_000, 10_001, 20_000, 23_456}) {
            Sweep sweep = sweep(new Keychains(keychains), 2, threads, () -> false);
            assertThat(sweep.count()).isEqualTo(2L * keychains);
        }
        assertThat(sweep(new Keychains(23_456), 1, threads, () -> true).count())
                .as("who is stopped does not go on counting")
                .isEqualTo(KeychainStore.MAX_PAGE);
    }

    @Test
    void everyKeychainIsVisitedOnceInEachPass() {
        for (int keychains : new int[] {0, 1, 499, 500, 501, 1_000, 1_001}) {
            assertThat(visited(keychains, 2, Optional.empty()))
                    .hasSize(2 * keychains)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void whatLiesBehindAMarkComesFirstAndThenAllThatLiesBeforeIt() {
        assertThat(visited(3, 2, Optional.of(new Mark(1, "00001", 0, 0))))
                .startsWith("100002")
                .containsExactlyInAnyOrder(
                        "100002",
                        "000000 again",
                        "000001 again",
                        "000002 again",
                        "100000 again",
                        "100001 again",
                        "100002 again");
        assertThat(visited(2, 2, Optional.of(new Mark(0, "00000", 0, 0))))
                .containsExactlyInAnyOrder("000001", "100000", "100001", "000000 again", "000001 again");
    }

    @Test
    void markOfAPassThatThereIsNotIsNone() {
        for (int pass : new int[] {2, 3}) {
            assertThat(visited(1, 2, Optional.of(new Mark(pass, "00000", 0, 0))))
                    .containsExactly("000000", "100000");
        }
    }

    @Test
    void placeIsToldOnlyOnceAllBeforeItIsDone() {
        CountDownLatch laterOnes = new CountDownLatch(1);
        List<Place> told = Collections.synchronizedList(new ArrayList<>());
        sweep(new Keychains(2), 1, threads, () -> false, told::add)
                .run(
                        (id, pass, again) -> {
                            if (id.equals("00000")) {
                                assertThat(isOpenedWithin(laterOnes, 20_000)).isTrue();
                                assertThat(told).isEmpty();
                            } else {
                                laterOnes.countDown();
                            }
                        },
                        Optional.empty());
        assertThat(told).last().isEqualTo(new Place(0, "00001"));
        assertThat(told).doesNotHaveDuplicates();
    }

    @Test
    void placesAreToldOneAfterTheOther() {
        ExecutorService one = Executors.newSingleThreadExecutor();
        List<Place> told = Collections.synchronizedList(new ArrayList<>());
        sweep(new Keychains(3), 1, one, () -> false, told::add).run((id, pass, again) -> {}, Optional.empty());
        one.shutdown();
        assertThat(told).extracting(Place::keychainId).containsExactly("00000", "00001", "00002");
    }

    @Test
    void whatIsBrokenEndsItAndIsNotPassedAsDone() {
        for (Throwable failure : List.of(new IllegalStateException("broken"), new NoClassDefFoundError("missing"))) {
            AtomicInteger visits = new AtomicInteger();
            List<Place> told = Collections.synchronizedList(new ArrayList<>());
            ExecutorService one = Executors.newSingleThreadExecutor(); // Nothing goes on beside it meanwhile.
            Sweep sweep = sweep(new Keychains(2_000), 2, one, () -> false, told::add);
            assertThatThrownBy(() -> sweep.run(
                            (id, pass, again) -> {
                                if (visits.incrementAndGet() == 1) {
                                    if (failure instanceof Error error) {
                                        throw error;
                                    }
                                    throw (RuntimeException) failure;
                                }
                            },
                            Optional.empty()))
                    .isSameAs(failure);
            one.shutdown();
            assertThat(visits).hasValueLessThan(10);
            assertThat(told).isEmpty();
        }
    }

    @Test
    void whoIsStoppedVisitsNobodyMore() {
        AtomicInteger visits = new AtomicInteger();
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> sweep(new Keychains(600), 2, threads, () -> visits.get() >= 3)
                        .run((id, pass, again) -> visits.incrementAndGet(), Optional.empty()));
        assertThat(visits.get()).isBetween(3, 6);
    }

    @Test
    void whoIsStoppedWaitsForWhatIsUnderWay() {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch returned = new CountDownLatch(1);
        boolean[] early = new boolean[1];
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        // Asked before the page, and before each keychain: it is stopped before the second, while the first is under
        // way.
        sweep(new Keychains(2), 1, threads, () -> asked.incrementAndGet() > 2 && isOpenedWithin(began, 20_000))
                .run(
                        (id, pass, again) -> {
                            began.countDown();
                            early[0] |= isOpenedWithin(returned, 200);
                            ended.incrementAndGet();
                        },
                        Optional.empty());
        returned.countDown();
        assertThat(ended.get()).isEqualTo(1);
        assertThat(early[0]).isFalse();
    }

    private static boolean isOpenedWithin(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void interruptIsToldAndStays() {
        boolean[] told = new boolean[1];
        Sweep sweep = new Sweep(
                new Keychains(3),
                List.of(new Pass(KeychainFilter.all(), false)),
                threads,
                2,
                () -> false,
                () -> told[0] = true,
                place -> {});
        Thread.currentThread().interrupt();
        sweep.run((id, pass, again) -> {}, Optional.empty());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(told[0]).isTrue();
    }

    /** So many, named by numbers. */
    private record Keychains(int count) implements KeychainStore {
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
            return IntStream.range(after.map(id -> Integer.parseInt(id) + 1).orElse(0), count)
                    .limit(limit)
                    .mapToObj(i -> String.valueOf(100_000 + i).substring(1))
                    .toList();
        }

        @Override
        public List<Unreadable> unreadable() {
            return List.of();
        }
    }
}
