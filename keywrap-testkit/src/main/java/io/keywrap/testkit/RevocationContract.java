package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.Withdrawal.Proof;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * That each way to withdraw a KEK of a KMS is noticed in time by a monitor, and the way back too: a suite of tests for whoever
 * makes a provider, beside {@link KeyProviderContract}.
 *
 * <p><b>Thread safety:</b> used by one thread at a time.
 *
 * @param <W> what a KEK is in, such as an emulator with the clock that it goes by
 */
public abstract class RevocationContract<W extends AutoCloseable> {
    /** Whatever the way, it is told at most as suspect, revoked and back. */
    private static final int MOST_CHANGES = 3;

    private static final int DAYS = 7;

    /** For the tests of a provider. */
    protected RevocationContract() {}

    /**
     * Makes what a KEK is in, anew for each test.
     *
     * @return the world, with a KEK that works
     * @throws Exception if it cannot be made
     */
    protected abstract W world() throws Exception;

    /**
     * The clock of a world.
     *
     * @param world the world
     * @return its clock
     */
    protected abstract ManualTime time(W world);

    /**
     * The KEK of a world.
     *
     * @param world the world
     * @return as it is by now
     */
    protected abstract KekId kek(W world);

    /**
     * What calls the KMS in a world.
     *
     * @param world the world
     * @return as it is by now
     */
    protected abstract KeyProvider provider(W world);

    /**
     * Has the KEK of a world deleted.
     *
     * @param world the world
     * @param days after so many days
     * @return when it will be gone
     */
    protected abstract Optional<Instant> delete(W world, int days);

    /**
     * All ways to withdraw a KEK.
     *
     * @return the ways
     */
    protected abstract List<Withdrawal<W>> ways();

    /**
     * Classes and enums of what owners can do, as {@link Withdrawal#missing} takes them.
     *
     * @return the classes
     */
    protected abstract Class<?>[] places();

    /**
     * What an owner can do, or what can happen, that withdraws nothing.
     *
     * @return the names
     */
    protected abstract Set<String> harmless();

    /**
     * Begins to watch a world.
     *
     * @param world the world
     * @return keychains and a monitor, on its clock
     */
    protected final WatchedKeks watched(W world) {
        String scheme = kek(world).scheme();
        return new WatchedKeks(
                time(world), options -> options.register(CurrentProvider.factory(scheme, id -> provider(world))));
    }

    private List<String> missing(Collection<Withdrawal<W>> some) {
        return Withdrawal.missing(some, harmless(), places());
    }

    @TestFactory
    Stream<DynamicTest> isNoticedInTimeAndSoIsTheWayBack() {
        return ways().stream().map(way -> DynamicTest.dynamicTest(way.toString(), () -> prove(way)));
    }

    @SuppressWarnings("try") // What a world fails with when it is closed is its own affair.
    private void prove(Withdrawal<W> way) throws Exception {
        try (W world = world();
                WatchedKeks keks = watched(world)) {
            Proof proof = way.prove(world, keks);
            assertTrue(proof.noticed().compareTo(Duration.ZERO) > 0, "noticed before it was so: " + proof);
            assertTrue(proof.noticed().compareTo(proof.bound()) <= 0, "noticed too late: " + proof);
            List<StateChanged> told = keks.told(StateChanged.class).stream()
                    .filter(StateChanged::ofState)
                    .toList();
            assertTrue(told.size() <= MOST_CHANGES, "told too often: " + told);
        }
    }

    @Test
    void everyWayIsHere() {
        assertEquals(List.of(), missing(ways()));
    }

    @Test
    void aWayThatIsMissingIsNoticed() {
        Set<String> all = Set.copyOf(missing(List.of())); // Several places may call an act the same.
        assertFalse(all.isEmpty(), "there is no way");
        for (String name : all) {
            List<Withdrawal<W>> others =
                    ways().stream().filter(way -> !way.by().equals(name)).toList();
            assertEquals(Set.of(name), Set.copyOf(missing(others)));
        }
    }

    @Test
    @SuppressWarnings("try") // What a world fails with when it is closed is its own affair.
    void isDestroyedWhenTheDayOfItsDeletionHasPassed() throws Exception {
        try (W world = world();
                WatchedKeks keks = watched(world)) {
            WatchedKeks.Kek kek = keks.add(kek(world));
            keks.run(Duration.ofMinutes(2));
            Optional<Instant> day = delete(world, DAYS);
            kek.until(KekState.REVOKED, keks.monitor().bound());
            assertTrue(day.isPresent(), "nobody says when it will be gone");
            assertEquals(day, kek.standing().deletion());
            time(world).advance(Duration.ofDays(DAYS));
            kek.until(KekState.DESTROYED, Duration.ofSeconds(1));
        }
    }
}
