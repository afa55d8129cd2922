package io.keywrap.revocation;

import io.keywrap.KekConfigurationException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.proof.SealedScan;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.MonitorLease.Holder;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a monitor does with the store: lease, notes, and reading which KEKs there are, a page at a time. One round runs at a
 * time.
 */
final class StoreRounds {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRounds.class);
    private static final int MOST_HINTS_KEPT = 10_000;
    private static final long AGAIN_NANOS = 60_000_000_000L;
    private static final int MOST_SEAL_VERSIONS = 16;

    private final KeychainStore store;
    private final Optional<StoreNotes> notes;
    private final KeyProviders providers;
    private final MonitorOptions options;
    private final Canaries canaries;
    private final Watches watches;
    private final Unvouched unsealed;
    private final MonitorLease lease;
    private final UsedNote used;
    private final OwnKeks own;
    private final LongSupplier clock;
    private final ConcurrentLinkedQueue<VersionInUse> suspects = new ConcurrentLinkedQueue<>();
    /** When each hint was last heeded. */
    private final Lately<StatesNote.Entry> heeded = new Lately<>(MOST_HINTS_KEPT, AGAIN_NANOS);
    /** What was looked for in the store, and not found. */
    private final Lately<VersionInUse> missing = new Lately<>(MOST_HINTS_KEPT, AGAIN_NANOS);

    private volatile Tally complete = new Tally();
    private Tally reading = new Tally();
    private Map<VersionInUse, String> seals = new HashMap<>();
    private Optional<String> after = Optional.empty();
    private long scan = 1;
    private int pages;
    private long pauseNanos;
    private long scanBegan;
    private volatile long nextPage;
    private volatile long nextPoll;
    private long nextLook;
    private volatile Holder role = Holder.ANOTHER;
    private byte[] lastStates = {};
    private long statesRevision = -1;
    private volatile long toldChanges = -1;

    StoreRounds(
            KeychainStore store,
            KeyProviders providers,
            MonitorOptions options,
            Canaries canaries,
            Watches watches,
            Unvouched unsealed,
            LongSupplier clock) {
        this.store = store;
        this.notes = store instanceof StoreNotes some ? Optional.of(some) : Optional.empty();
        this.providers = providers;
        this.options = options;
        this.canaries = canaries;
        this.watches = watches;
        this.unsealed = unsealed;
        this.lease = new MonitorLease(notes, options.lease().toNanos(), clock);
        this.used = new UsedNote(providers, watches);
        this.own = new OwnKeks(providers, canaries, watches, options, clock);
        this.clock = clock;
        this.nextPoll = clock.getAsLong();
        this.nextPage = nextPoll;
        this.nextLook = nextPoll + options.scan().toNanos();
        if (notes.isEmpty()) {
            LOG.info("{} has no notes: every JVM monitors its KEKs by itself", store);
        }
    }

    /** Whether this JVM is the one that monitors the store, right now. */
    boolean isHolder() {
        return lease.holder() == Holder.SELF;
    }

    /** The last complete reading. */
    Tally tally() {
        return complete;
    }

    /** When the next round is due: at once if there is something to tell the others. */
    long nextAt() {
        boolean self = role == Holder.SELF;
        boolean news = self && isHolder() && notes.isPresent() && watches.changes() != toldChanges;
        if (news || !suspects.isEmpty()) {
            return Long.MIN_VALUE;
        }
        return Math.min(nextPoll, self ? nextPage : own.nextAt());
    }

    /** Is told what this JVM has found suspect by itself, and does not watch. */
    void suspect(List<VersionInUse> versions) {
        for (VersionInUse version : versions) {
            if (!suspects.contains(version)) {
                suspects.add(version);
            }
        }
    }

    /** Is told what this JVM uses itself and does not watch, which matters while another monitors. */
    void used(List<VersionInUse> versions) {
        if (role != Holder.SELF) {
            own.used(versions);
        }
    }

    /** One part that fails keeps none from its turn, since notes may be damaged in a store that is well. */
    void run() {
        long now = clock.getAsLong();
        if (now >= nextPoll) {
            nextPoll = now + options.poll().toNanos();
            unlessOutOfReach(this::poll);
        }
        if (now >= nextLook) {
            nextLook = now + options.scan().toNanos();
            unsealed.lookAgain();
        }
        if (isHolder() && notes.isPresent() && watches.changes() != toldChanges) {
            unlessOutOfReach(() -> tellStates(notes.get()));
        }
        unlessOutOfReach(this::askForSuspects);
        if (role != Holder.SELF) {
            unlessOutOfReach(own::search);
        } else if (isHolder() && now >= nextPage && !unlessOutOfReach(() -> readPage(now))) {
            nextPage = clock.getAsLong() + options.poll().toNanos();
        }
    }

    private boolean unlessOutOfReach(Runnable part) {
        try {
            part.run();
            return true;
        } catch (StoreUnavailableException e) {
            toldChanges = watches.changes(); // At the next poll, then.
            statesRevision = -1;
            LOG.debug("the store is out of reach: the monitor goes on with what it knows", e);
            return false;
        }
    }

    private void poll() {
        lease.renew();
        Holder now = lease.holder();
        if (now != role) {
            LOG.info("who monitors the KEKs of {}: {}", store, now);
            if (now == Holder.SELF) {
                own.clear();
                beginScan(clock.getAsLong(), 0);
            } else if (now == Holder.ANOTHER) {
                watches.leave(clock.getAsLong());
            } else {
                watches.retainUsed(clock.getAsLong());
            }
            role = now;
        }
        if (notes.isPresent()) {
            if (now == Holder.SELF) {
                tellStates(notes.get());
                used.takeOut(notes.get(), clock.getAsLong());
                mendStates(notes.get());
            } else if (now == Holder.ANOTHER) {
                heed(notes.get().note(StatesNote.NOTE));
                used.putIn(notes.get(), clock.getAsLong());
            }
        }
    }

    /** Says it again where somebody else has written over it, or it was damaged. */
    private void mendStates(StoreNotes store) {
        long kept = store.note(StatesNote.NOTE).map(Note::revision).orElse(0L);
        if (statesRevision > 0 && kept != statesRevision) {
            statesRevision = -1;
            tellStates(store);
        }
    }

    /** The latest first, so that what has changed just now has room. */
    private void tellStates(StoreNotes store) {
        toldChanges = watches.changes();
        List<StatesNote.Entry> entries = watches.all().stream()
                .sorted(Comparator.comparing((Watch watch) -> watch.since).reversed())
                .flatMap(watch -> entry(watch).stream())
                .limit(StatesNote.MOST)
                .toList();
        byte[] content = StatesNote.encode(entries);
        if (statesRevision > 0 && Arrays.equals(content, lastStates)) {
            return;
        }
        long expected = statesRevision > 0
                ? statesRevision
                : store.note(StatesNote.NOTE).map(Note::revision).orElse(0L);
        boolean written = store.putNote(StatesNote.NOTE, expected, content);
        statesRevision = written ? expected + 1 : -1; // Looked up again at the next poll.
        lastStates = content;
    }

    private static Optional<StatesNote.Entry> entry(Watch watch) {
        KekState state = watch.state;
        return watch.candidates.stream()
                .filter(keychainId -> state != KekState.ACTIVE)
                .findFirst()
                .map(keychainId -> new StatesNote.Entry(watch.version, state, keychainId));
    }

    /** A hint is worth a canary of a KEK that this JVM uses itself, now and then. */
    private void heed(Optional<Note> note) {
        long now = clock.getAsLong();
        for (StatesNote.Entry hint :
                note.map(one -> StatesNote.parse(one.content())).orElse(List.of())) {
            VersionInUse version = hint.version();
            boolean active = providers
                    .states()
                    .of(version.kekId(), version.version(), Operation.UNWRAP)
                    .filter(standing -> standing.state() == KekState.ACTIVE)
                    .isPresent();
            if (active && heeded.isTurn(hint, now)) {
                watches.ask(version, providers.provider(version.kekId()).place(), hint.keychainId(), now);
            }
        }
    }

    private void askForSuspects() {
        VersionInUse version;
        while ((version = suspects.poll()) != null) {
            VersionInUse suspect = version;
            long now = clock.getAsLong();
            if (missing.isTurn(suspect, now)) { // To look for it may take a reading of the whole store.
                canaries.more(suspect, new Canaries.Cursor()).stream()
                        .findFirst()
                        .ifPresent(keychainId -> {
                            missing.forget(suspect);
                            watches.ask(
                                    suspect,
                                    providers.provider(suspect.kekId()).place(),
                                    keychainId,
                                    now + 5_000_000_000L);
                        });
            }
        }
    }

    private void beginScan(long now, long pause) {
        reading = new Tally();
        seals = new HashMap<>();
        after = Optional.empty();
        pages = 0;
        scan++;
        scanBegan = now;
        pauseNanos = pause;
        nextPage = now;
    }

    private void readPage(long now) {
        List<String> ids = SealedScan.page(store, KeychainFilter.all(), after);
        for (String keychainId : ids) {
            try {
                store.load(keychainId).ifPresent(this::count);
            } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
                unsealed.name(keychainId, String.valueOf(e.getMessage()));
            }
            after = Optional.of(keychainId);
        }
        pages++;
        watchNew(now);
        nextPage = now + pauseNanos;
        if (ids.size() < SealedScan.PAGE) {
            endScan(now);
        }
    }

    private void count(KeychainRecord record) {
        seeCanaries(record);
        reading.add(record, !unsealed.isNamed(record.keychainId()));
        VersionInUse seal =
                new VersionInUse(record.sealKey().kekId(), record.sealKey().kekVersion());
        if (canaries.isOfSeal(seal) && seals.size() < MOST_SEAL_VERSIONS && !unsealed.isNamed(record.keychainId())) {
            seals.putIfAbsent(seal, record.keychainId());
        }
    }

    /** A canary whose DEK was destroyed meanwhile, or whose keychain is gone, must not be unwrapped any more. */
    private void seeCanaries(KeychainRecord record) {
        Set<VersionInUse> versions = new HashSet<>();
        versions.add(new VersionInUse(record.sealKey().kekId(), record.sealKey().kekVersion()));
        record.deks()
                .forEach(dek -> dek.wraps()
                        .forEach(wrap -> versions.add(new VersionInUse(
                                wrap.wrapped().kekId(), wrap.wrapped().kekVersion()))));
        for (VersionInUse version : versions) {
            watches.find(version).ifPresent(watch -> {
                @Nullable Canary canary = watch.canary;
                if (canary != null && Canaries.isIn(record, canary)) {
                    watch.canarySeenIn = scan;
                }
            });
        }
    }

    private void watchNew(long now) {
        reading.versions().forEach((version, entry) -> {
            if (!entry.known && entry.isWatched()) {
                entry.known = true;
                watch(version, now).ifPresent(watch -> entry.candidates().forEach(watch::candidate));
            }
        });
        seals.forEach((version, keychainId) -> watch(version, now).ifPresent(watch -> {
            watch.ofSeal = true;
            watch.candidate(keychainId);
        }));
    }

    /** Whether it can be asked at all: a record may name a KEK that no provider is registered for. */
    private Optional<Watch> watch(VersionInUse version, long now) {
        try {
            Watch watch =
                    watches.watch(version, providers.provider(version.kekId()).place(), now);
            watch.seenIn = scan;
            return Optional.of(watch);
        } catch (KekConfigurationException e) {
            LOG.debug("{} cannot be watched", version, e);
            return Optional.empty();
        }
    }

    private void endScan(long now) {
        reading.versions()
                .forEach((version, entry) -> watches.find(version).ifPresent(watch -> {
                    watch.keychains = entry.keychains();
                    watch.deks = entry.deks();
                    entry.candidates().forEach(watch::candidate);
                }));
        watches.all().forEach(watch -> watch.cursor.restart());
        int keychains = reading.keychains();
        seals.keySet().forEach(version -> watches.find(version).ifPresent(watch -> watch.keychains = keychains));
        long ended = scan;
        watches.retain(watch -> watch.asked || watch.seenIn == ended);
        watches.all().stream().filter(watch -> watch.canarySeenIn != ended).forEach(watch -> watch.canary = null);
        complete = reading;
        long pause = options.scan().toNanos() / 2 / Math.max(1, pages);
        long next = Math.max(now, scanBegan + options.scan().toNanos());
        beginScan(now, pause);
        nextPage = next;
        scanBegan = next;
    }

    void close() {
        lease.giveBack();
    }
}
