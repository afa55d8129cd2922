package io.keywrap.byok;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KeywrapException;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotVersion.Secret;
import io.keywrap.codec.Canonical.Malformed;
import io.keywrap.crypto.Jca;
import io.keywrap.proof.NewestSeen;
import io.keywrap.proof.NewestSeen.Seen;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Notes of slots as they come from a store that nobody trusts: believed only with the right seal, and never older than one
 * seen before by this process. What is not in them any more is wiped from this JVM's memory. Thread-safe.
 */
final class SlotNotes {
    static final int MOST_CHECKED = 10_000;
    private static final int PAGE = 1_000;
    private static final String TO_DO =
            "restore the note from where the store is backed up, and find out who has written to the store";

    private final StoreNotes store;
    private final KeyProviders providers;
    private final VendorKeks vendorKeks;
    private final Jca jca;
    private final NewestSeen newestSeen = new NewestSeen();
    /** Which keys each slot had last; as small as what is kept of every revision, and never forgotten: what goes is wiped. */
    private final Map<String, Keys> keys = new ConcurrentHashMap<>();
    /** What was checked last of each slot; what is still the same, byte for byte, takes no call of a KMS. */
    private final Cache<String, Kept> checked;

    SlotNotes(StoreNotes store, KeyProviders providers, VendorKeks vendorKeks, int mostChecked) {
        this.store = store;
        this.providers = providers;
        this.vendorKeks = vendorKeks;
        this.jca = Jca.of(providers.cryptoProvider());
        this.checked = Caffeine.newBuilder()
                .maximumSize(mostChecked)
                .executor(Runnable::run)
                .build();
    }

    /**
     * A note as it was read.
     *
     * @param noteRevision the store's own revision of it
     * @param content its bytes
     * @param record what it says
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared by equals(), and never given away.
    record Kept(long noteRevision, byte[] content, SlotRecord record) {}

    /** The keys of a slot by their versions. Fewer than ten as a rule, so that an array is all it takes. */
    private record Keys(long revision, List<Key> all) {
        static Keys of(SlotRecord record) {
            List<Key> all = new ArrayList<>();
            for (SlotVersion version : record.versions()) {
                @Nullable Secret secret = version.secret();
                if (secret != null) {
                    all.add(new Key(version.number(), secret.id()));
                }
            }
            return new Keys(record.revision(), List.copyOf(all));
        }
    }

    private record Key(int version, DekId id) {}

    /** Goes over the names of the notes of all slots. */
    void names(Consumer<String> each) {
        Optional<String> after = Optional.empty();
        List<String> page;
        do {
            page = store.noteNames(Slots.NOTES, after, PAGE);
            page.forEach(each);
            after = page.isEmpty() ? after : Optional.of(page.get(page.size() - 1));
        } while (page.size() == PAGE);
    }

    /**
     * Which slot a note says that it is of; nothing of it is believed yet.
     *
     * @throws KekConfigurationException if it is none that keywrap wrote
     */
    String slotOf(String name) {
        byte[] content = store.note(name).map(Note::content).orElseGet(() -> new byte[0]);
        try {
            String slot = body(content).slot();
            if (Slots.noteOf(slot).equals(name)) {
                return slot;
            }
            throw new Malformed("it is the note of another slot");
        } catch (Malformed e) {
            throw new KekConfigurationException(
                    Failure.ofUnknownKek("the note " + name + " of a slot cannot be believed: " + e.getMessage())
                            .operatorAction(TO_DO)
                            .cause(e));
        }
    }

    /**
     * Reads the note of a slot and checks it.
     *
     * @throws KekConfigurationException if it is not what keywrap wrote, or older than one seen before
     * @throws io.keywrap.KekException if the vendor's KEK cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    Optional<Kept> load(String slot, Deadline deadline) {
        Seen newest = newestSeen.of(slot);
        Optional<Note> note = store.note(Slots.noteOf(slot));
        if (note.isEmpty()) {
            if (!newest.equals(Seen.NOTHING)) {
                throw broken(slot, "it is gone", null);
            }
            return Optional.empty();
        }
        byte[] content = note.get().content();
        @Nullable Kept before = checked.getIfPresent(slot);
        SlotRecord record = before != null && MessageDigest.isEqual(before.content(), content)
                ? before.record()
                : sealed(slot, content, deadline);
        Seen seen = Seen.of(record.revision(), jca.sha256(content));
        seen.contradiction(newest).ifPresent(reason -> {
            throw broken(slot, reason, null);
        });
        Kept kept = new Kept(note.get().revision(), content, record);
        remember(kept, seen);
        return Optional.of(kept);
    }

    private SlotRecord sealed(String slot, byte[] content, Deadline deadline) {
        SlotRecord record;
        try {
            record = body(content);
        } catch (Malformed e) {
            throw broken(slot, String.valueOf(e.getMessage()), e);
        }
        if (!record.slot().equals(slot)) {
            throw broken(slot, "it is the note of another slot", null);
        }
        try (DekLease sealKey = sealKey(slot, record.sealKey(), deadline)) {
            requireSeals(slot, content, sealKey);
        }
        return record;
    }

    private static SlotRecord body(byte[] content) throws Malformed {
        return SlotRecord.parse(Arrays.copyOf(content, Math.max(0, content.length - SlotRecord.SEAL_BYTES)));
    }

    /** Proves that a key is the one that a note was sealed with. */
    private void requireSeals(String slot, byte[] content, DekLease sealKey) {
        int body = content.length - SlotRecord.SEAL_BYTES;
        byte[] seal = Arrays.copyOfRange(content, body, content.length);
        if (!MessageDigest.isEqual(seal, seal(sealKey, Arrays.copyOf(content, body)))) {
            throw broken(slot, "its seal is wrong", null);
        }
    }

    /** The key of the seal of a note that was read, proven by that seal; to be closed. */
    DekLease sealKey(Kept kept, Deadline deadline) {
        String slot = kept.record().slot();
        DekLease sealKey = sealKey(slot, kept.record().sealKey(), deadline);
        try {
            requireSeals(slot, kept.content(), sealKey);
            return sealKey;
        } catch (RuntimeException | Error e) { // Also that it was wiped meanwhile.
            sealKey.close();
            throw e;
        }
    }

    /** The key that seals the note of a slot, to be closed. */
    DekLease sealKey(String slot, WrappedDek wrapped, Deadline deadline) {
        if (!vendorKeks.accept(wrapped.kekId())) {
            throw broken(
                    slot,
                    "its seal key is wrapped by " + wrapped.kekId() + " and not by " + vendorKeks.current()
                            + ", the one configured; if that is a KEK of yours, have it accepted",
                    null);
        }
        try {
            return providers.lease(wrapped, EncryptionContext.ofSlotSeal(slot, wrapped.dekId()), deadline);
        } catch (InvalidWrappedDekException e) {
            throw broken(slot, "its seal key cannot be unwrapped", e);
        }
    }

    private byte[] seal(DekLease sealKey, byte[] body) {
        return sealKey.withBytes(key -> jca.hmacSha384(key, body));
    }

    /**
     * Seals a record and writes it, unless another process was first.
     *
     * @param before what it follows; empty for the first
     * @param next the record
     * @param sealKey the key of its seal
     * @return whether it was written
     */
    boolean replace(Optional<Kept> before, SlotRecord next, DekLease sealKey) {
        byte[] body = next.toBytes();
        byte[] content = Arrays.copyOf(body, body.length + SlotRecord.SEAL_BYTES);
        System.arraycopy(seal(sealKey, body), 0, content, body.length, SlotRecord.SEAL_BYTES);
        long noteRevision = before.map(Kept::noteRevision).orElse(0L);
        if (!store.putNote(Slots.noteOf(next.slot()), noteRevision, content)) {
            return false;
        }
        remember(new Kept(noteRevision + 1, content, next), Seen.of(next.revision(), jca.sha256(content)));
        return true;
    }

    private void remember(Kept kept, Seen seen) {
        SlotRecord record = kept.record();
        String slot = record.slot();
        newestSeen.saw(slot, seen);
        // Of two threads the one that has read the later note wins; a secret that is gone never comes back.
        checked.asMap()
                .merge(
                        slot,
                        kept,
                        (before, now) ->
                                now.record().revision() >= before.record().revision() ? now : before);
        List<Key> gone = new ArrayList<>();
        keys.merge(slot, Keys.of(record), (before, now) -> {
            if (now.revision() <= before.revision()) {
                return before;
            }
            gone.addAll(before.all());
            gone.removeAll(now.all());
            return now;
        });
        if (!gone.isEmpty()) { // Not inside: whoever is told that a lease ends may ask for a slot.
            end(record, gone);
        }
    }

    private void end(SlotRecord now, List<Key> gone) {
        Map<EncryptionContext, KeywrapException> ended = new HashMap<>();
        gone.forEach(key -> ended.put(
                EncryptionContext.ofSlotSecret(now.slot(), key.id()), SlotErrors.withoutMaterial(now, key.version())));
        providers.deks().end(ended);
    }

    private static KekConfigurationException broken(String slot, String why, @Nullable Exception cause) {
        return new KekConfigurationException(
                Failure.of(Slots.kekId(slot), "the note of the slot cannot be believed: " + why)
                        .operatorAction(TO_DO)
                        .cause(cause));
    }
}
