package io.keywrap.testkit;

import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keychains under KEKs of any KMS, and the monitor that watches them, on a clock that a test moves: when it is noticed that a
 * KEK was withdrawn, what follows, and whether it comes back.
 *
 * <pre>{@code
 * try (WatchedKeks keks = new WatchedKeks(time, options -> options.register(factory))) {
 *     WatchedKeks.Kek kek = keks.add(kekId);
 *     keks.run(Duration.ofMinutes(3));
 *     cloud.disable(kekId);
 *     Duration noticed = kek.until(KekState.REVOKED, keks.monitor().bound());
 * }
 * }</pre>
 *
 * <p>The store is memory. So is the vendor's KEK that seals the keychains, unless another is given.
 *
 * <p><b>Thread safety:</b> used by one thread at a time.
 */
public final class WatchedKeks implements AutoCloseable {
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration LEAST_STEP = Duration.ofMillis(1);

    private final ManualTime time;
    private final InMemoryKms vendor;
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private final List<KekEvent> events = new CopyOnWriteArrayList<>();
    private final KeyProviders providers;
    private final Keychains keychains;
    private final KekMonitor monitor;
    private int keks;

    /**
     * Makes an empty store, sealed by a KEK in memory, and a monitor with its defaults.
     *
     * @param time the clock of all, which should be that of the KMS too
     * @param options registers the KMS; clock and listener are set
     */
    public WatchedKeks(ManualTime time, Consumer<KeyProviders.Builder> options) {
        this(time, null, options);
    }

    /**
     * The same, with a seal by a KEK of the vendor's in the cloud, which is the {@link KeyProviders.Builder#controlKek} too.
     *
     * @param time the clock of all, which should be that of the KMS too
     * @param seal the vendor's KEK; null for one in memory, which is no control KEK
     * @param options registers the KMS; clock and listener are set
     */
    public WatchedKeks(ManualTime time, @Nullable KekId seal, Consumer<KeyProviders.Builder> options) {
        this.time = time;
        this.vendor = new InMemoryKms(time);
        KeyProviders.Builder builder =
                KeyProviders.builder().register(vendor).time(time).listener(this::heard);
        if (seal != null) {
            builder.controlKek(seal);
        }
        options.accept(builder);
        this.providers = builder.build();
        KeychainSeal sealed =
                KeychainSeal.wrappedBy(seal == null ? vendor.kek("vendor").id() : seal);
        this.keychains = Keychains.builder(store, providers).seal(sealed).build();
        this.monitor = KekMonitor.builder(store, providers).seal(sealed).build();
    }

    private void heard(KekEvent event) {
        if (!(event instanceof KekEvent.CallBegun)) {
            events.add(event);
        }
    }

    /**
     * Makes a keychain under a KEK, in its current version, with one DEK.
     *
     * @param kekId its CONTROL
     * @return the KEK, as it stands for that keychain
     */
    public Kek add(KekId kekId) {
        String id = "keychain-" + ++keks;
        return new Kek(kekId, keychains.create(id, spec -> spec.control(kekId)), version(id, kekId));
    }

    private String version(String keychainId, KekId kekId) {
        DekEntry dek = store.load(keychainId).orElseThrow().deks().get(0);
        return dek.wraps().stream()
                .map(wrap -> wrap.wrapped())
                .filter(wrapped -> wrapped.kekId().equals(kekId))
                .findFirst()
                .orElseThrow()
                .kekVersion();
    }

    /**
     * Lets time pass, and the monitor do what is due.
     *
     * @param howLong how much
     */
    public void run(Duration howLong) {
        runUntil(howLong, () -> false);
    }

    /**
     * Lets time pass, and the monitor do what is due, until something is so.
     *
     * @param most how much at most
     * @param over whether it is so
     * @return how much has passed
     */
    public Duration runUntil(Duration most, BooleanSupplier over) {
        long from = time.nanoTime();
        while (true) {
            Duration idle = monitor.step();
            Duration passed = Duration.ofNanos(time.nanoTime() - from);
            if (over.getAsBoolean() || passed.compareTo(most) >= 0) {
                return passed;
            }
            time.advance(least(least(idle.compareTo(LEAST_STEP) < 0 ? LEAST_STEP : idle, STEP), most.minus(passed)));
        }
    }

    /**
     * Lets time pass in which none is revoked, and each still gives leases.
     *
     * @param some which
     * @param howLong how much
     * @throws AssertionError if one is
     */
    public void requireNoneRevoked(Collection<Kek> some, Duration howLong) {
        runUntil(howLong, () -> {
            for (Kek kek : some) {
                if (kek.standing().state().compareTo(KekState.REVOKED) >= 0) {
                    throw new AssertionError("revoked: " + kek.standing() + ", told " + told(KekEvent.OwnFault.class));
                }
                kek.lease();
            }
            return false;
        });
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * The monitor.
     *
     * @return not started: {@link #run} steps it
     */
    public KekMonitor monitor() {
        return monitor;
    }

    /**
     * The providers.
     *
     * @return those of the keychains and the monitor
     */
    public KeyProviders providers() {
        return providers;
    }

    /**
     * What was told of a kind.
     *
     * @param kind such as {@link KekEvent.StateChanged}; calls are told when they end
     * @param <E> the kind
     * @return the events, in order
     */
    public <E extends KekEvent> List<E> told(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Closes all but the clock and the KMS. */
    @Override
    public void close() {
        monitor.close();
        providers.close();
        vendor.close();
    }

    /** A KEK, in the version that one keychain's DEK is wrapped under. */
    public final class Kek {
        private final KekId id;
        private final Keychain keychain;
        private final String version;

        private Kek(KekId id, Keychain keychain, String version) {
            this.id = id;
            this.keychain = keychain;
            this.version = version;
        }

        /**
         * Which KEK.
         *
         * @return its id
         */
        public KekId id() {
            return id;
        }

        /**
         * Takes a lease of the DEK, and gives it back.
         *
         * @throws io.keywrap.KekException if there is none
         */
        public void lease() {
            keychain.primary(Usage.ENVELOPES).close();
        }

        /**
         * How it stands for unwrapping.
         *
         * @return as {@link io.keywrap.provider.KekStates#of} tells
         * @throws java.util.NoSuchElementException if it was not asked yet
         */
        public KekStanding standing() {
            return providers.states().of(id, version, Operation.UNWRAP).orElseThrow();
        }

        /**
         * Lets time pass until it is in a state.
         *
         * @param state which
         * @param most how long at most
         * @return how long it took
         * @throws AssertionError if it is not in that state by then
         */
        public Duration until(KekState state, Duration most) {
            Duration passed = runUntil(most, () -> standing().state() == state);
            if (standing().state() != state) {
                throw new AssertionError("not " + state + " after " + passed + ": " + standing() + ", "
                        + standing().cause().map(Throwable::toString).orElse("no cause"));
            }
            return passed;
        }

        /**
         * How it stands.
         *
         * @return such as {@code KekStanding[…]}
         */
        @Override
        public String toString() {
            return "Kek[" + id + " version \"" + version + "\"]";
        }
    }
}
