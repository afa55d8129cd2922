package io.keywrap.byok;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import java.security.Provider;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * KEKs that customers upload, each in a slot: {@code byok://<slot>}.
 *
 * <pre>{@code
 * ByokKms byok = ByokKms.builder(store, vendorKek).build();
 * KeyProviders providers = KeyProviders.builder().register(vendorsKms).register(byok).build();
 * ByokSlots slots = byok.slots(providers);
 * }</pre>
 *
 * <p>The uploaded key is kept in a note of the store, wrapped by the vendor's KEK and by nothing else. A slot is a name of 1 to
 * 128 letters, digits, dots, underscores and hyphens.
 *
 * <p><b>Security:</b> the note carries a seal under a key that the vendor's KEK wraps; whoever writes to the store can neither
 * make a slot nor change one. Each wrap has a key of its own, HKDF-Expand-SHA-384 (RFC 5869, 2.3) of the uploaded key, slot,
 * version and a 32-byte random salt, for AES-256-GCM with the canonical key context as associated data. A store that is put
 * back to an older state as a whole, while no process of ours runs, brings a revoked key back: no cryptography can tell.
 *
 * <p><b>Revocation:</b> every call reads the note, so none succeeds after a revocation. Work that is under way in other JVMs
 * with DEKs in memory ends within the poll interval, the reading of the notes of all slots in use, and one call; not while the
 * store is out of reach.
 *
 * <p><b>Errors:</b> a slot that is revoked is {@link io.keywrap.KekRevokedException}, recoverable; one that is not there
 * {@link io.keywrap.KekNotFoundException}; a note that keywrap has not written so {@link KekConfigurationException}; store or
 * vendor's KEK out of reach {@link io.keywrap.KekUnreachableException}.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class ByokKms implements KeyProvider.Factory, AutoCloseable {
    /** The scheme of these KEKs. */
    public static final String SCHEME = Slots.SCHEME;

    /** How often the notes of slots in use are looked at, unless another interval is given. */
    public static final Duration POLL = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ByokKms.class);
    private static final long LONGEST_WAIT_MILLIS = 1_000;

    private final StoreNotes notes;
    private final VendorKeks vendorKeks;
    private final SlotUsers users;
    private final Duration poll;
    private final Object turn = new Object();
    private volatile @Nullable Bound bound;
    private @Nullable Thread watcher;
    private volatile boolean watching;
    private volatile boolean closed;

    private ByokKms(Builder builder) {
        this.notes = builder.notes;
        this.vendorKeks = new VendorKeks(builder.vendorKek, Set.copyOf(builder.accepted));
        this.users = new SlotUsers(builder.keychains);
        this.poll = builder.poll;
    }

    /**
     * Begins.
     *
     * @param notes where the slots are; most stores of keychains are such, stays the caller's
     * @param vendorKek the KEK that wraps uploaded keys and seals
     * @return a builder
     * @throws IllegalArgumentException if that KEK is an uploaded one itself
     */
    public static Builder builder(StoreNotes notes, KekId vendorKek) {
        return new Builder(notes, requireVendors(vendorKek));
    }

    private static KekId requireVendors(KekId kekId) {
        if (kekId.scheme().equals(SCHEME)) {
            throw new IllegalArgumentException(
                    "uploaded keys are wrapped by a KEK of the vendor's, not by another upload");
        }
        return kekId;
    }

    /**
     * The KEK of a slot.
     *
     * @param slot its name
     * @return {@code byok://<slot>}
     * @throws IllegalArgumentException if it is no name of a slot
     */
    public static KekId kekId(String slot) {
        return Slots.kekId(slot);
    }

    /**
     * Binds the slots to the KEKs of this JVM. Until then, no slot can be used.
     *
     * @param providers the providers that this factory and the vendor's KEK are registered with; stay the caller's
     * @return the slots; the same each time
     * @throws IllegalStateException if they are bound to others already, or this was closed
     */
    public ByokSlots slots(KeyProviders providers) {
        synchronized (turn) {
            @Nullable Bound before = bound;
            if (closed || (before != null && before.providers != providers)) {
                throw new IllegalStateException(closed ? "it was closed" : "the slots are bound to other providers");
            }
            Bound now = before == null ? bind(providers) : before;
            bound = now;
            return now.slots;
        }
    }

    private Bound bind(KeyProviders providers) {
        SlotNotes kept = new SlotNotes(notes, providers, vendorKeks, SlotNotes.MOST_CHECKED);
        SlotSecrets secrets = new SlotSecrets(providers, vendorKeks.current());
        SlotWatch watch = new SlotWatch(kept, providers, poll, this::watchInBackground);
        SlotService service = new SlotService(kept, secrets, watch);
        return new Bound(providers, service, new ByokSlots(service, providers, users, () -> closed));
    }

    /**
     * The scheme.
     *
     * @return {@value #SCHEME}
     */
    @Override
    public String scheme() {
        return SCHEME;
    }

    /**
     * Makes the provider of a slot, whether there is one or not.
     *
     * @param kekId {@code byok://<slot>}
     * @return the provider
     * @throws KekConfigurationException if the id has another form
     */
    @Override
    public KeyProvider create(KekId kekId) {
        return create(kekId, Optional.empty());
    }

    /**
     * The same, by a certain provider of the JCA.
     *
     * @param kekId {@code byok://<slot>}
     * @param cryptoProvider the provider that the user named
     * @return the provider
     * @throws KekConfigurationException if the id has another form
     */
    @Override
    public KeyProvider create(KekId kekId, Provider cryptoProvider) {
        return create(kekId, Optional.of(cryptoProvider));
    }

    private KeyProvider create(KekId kekId, Optional<Provider> cryptoProvider) {
        String slot = Slots.of(kekId)
                .orElseThrow(() -> new KekConfigurationException(
                        Failure.of(kekId, "not a KEK id of a slot").operatorAction("write it as byok://<slot>")));
        return new ByokKeyProvider(slot, () -> service(kekId), Jca.of(cryptoProvider));
    }

    private SlotService service(KekId kekId) {
        @Nullable Bound now = bound;
        if (now == null || closed) {
            throw new KekConfigurationException(
                    Failure.of(kekId, closed ? "its slots were closed" : "its slots are not bound to providers yet")
                            .operatorAction("call ByokKms.slots once the providers are built, and close it last"));
        }
        return now.service;
    }

    /**
     * Looks at the slots in use if it is time, as a daemon thread does from the first use of a slot on; for tests, and for those
     * who have a scheduler of their own.
     *
     * @return how long there is nothing to do
     * @throws IllegalStateException if the slots are not bound to providers yet
     */
    public Duration step() {
        @Nullable Bound now = bound;
        if (now == null) {
            throw new IllegalStateException("the slots are not bound to providers yet");
        }
        return now.service.watch().step();
    }

    private void watchInBackground() {
        if (watching) {
            return;
        }
        synchronized (turn) {
            if (!watching && !closed) {
                Thread thread = new Thread(this::watch, "keywrap-byok");
                thread.setDaemon(true);
                thread.start();
                watcher = thread;
                watching = true;
            }
        }
    }

    /** Waits on the clock of this machine, and looks at the one that it goes by now and then. */
    private void watch() {
        while (!closed) {
            long wait = LONGEST_WAIT_MILLIS;
            try {
                wait = Math.min(wait, 1 + step().toMillis());
            } catch (RuntimeException | Error e) { // Nobody else would hear of a revocation.
                if (!closed) {
                    LOG.warn("the slots could not be looked at; that is tried again", e);
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(wait);
            } catch (InterruptedException e) {
                return; // Nobody but close() and whoever ends this JVM.
            }
        }
    }

    /** Ends the looking at slots; they cannot be used any more. Harmless when repeated. */
    @Override
    public void close() {
        synchronized (turn) {
            closed = true;
            if (watcher != null) {
                watcher.interrupt();
            }
        }
    }

    /** What the slots are bound to. */
    private record Bound(KeyProviders providers, SlotService service, ByokSlots slots) {}

    /** Options of {@link ByokKms}. Not thread-safe. */
    public static final class Builder {
        private static final Duration SHORTEST = Duration.ofSeconds(1);
        private static final Duration LONGEST = Duration.ofMinutes(5);

        private final StoreNotes notes;
        private final KekId vendorKek;
        private final Set<KekId> accepted = new HashSet<>();
        private Optional<KeychainStore> keychains;
        private Duration poll = POLL;

        private Builder(StoreNotes notes, KekId vendorKek) {
            this.notes = notes;
            this.vendorKek = vendorKek;
            this.keychains = notes instanceof KeychainStore store ? Optional.of(store) : Optional.empty();
        }

        /**
         * Another KEK of the vendor's whose wraps and seals are read, for as long as slots are moved from one to the other with
         * {@link ByokRewrap}; none by default. It wraps nothing.
         *
         * <p><b>Security:</b> whoever can wrap under it can make slots.
         *
         * @param other the KEK; may be named several times, for several
         * @return this
         * @throws IllegalArgumentException if that KEK is an uploaded one itself
         */
        public Builder accept(KekId other) {
            accepted.add(requireVendors(other));
            return this;
        }

        /**
         * Where the keychains are whose DEKs are wrapped to slots: they are read before a version is dropped. The store of the notes by
         * default, if it has keychains.
         *
         * @param store the store; stays the caller's
         * @return this
         */
        public Builder keychains(KeychainStore store) {
            keychains = Optional.of(store);
            return this;
        }

        /**
         * How often the notes of slots in use are looked at, and so how long work under way elsewhere may go on after a
         * revocation; 10 seconds by default.
         *
         * @param interval 1 second to 5 minutes
         * @return this
         * @throws IllegalArgumentException if it is out of its limits
         */
        public Builder poll(Duration interval) {
            if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "the poll interval is " + SHORTEST + " to " + LONGEST + ", not " + interval);
            }
            poll = interval;
            return this;
        }

        /**
         * Makes the factory, without calling anything.
         *
         * @return the factory, to be registered and then bound
         */
        public ByokKms build() {
            return new ByokKms(this);
        }
    }
}
