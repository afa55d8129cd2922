package io.keywrap.byok;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notes of slots as they come from a store that nobody trusts: believed only with the right seal, and never older than one
 * seen before by this process. What is not in them any more is wiped from this JVM's memory. Thread-safe.
 */
final class SlotNotes {
    private static final int MOST_CHECKED = 10_000;

    private final StoreNotes store;
    private final KeyProviders providers;
    private final KekId vendorKek;
    private final Jca jca;
    private final NewestSeen newestSeen = new NewestSeen();
    /** What was checked last of each slot; what is still the same, byte for byte, takes no call of a KMS. */
    private final Cache<String, Kept> checked = Caffeine.newBuilder()
            .maximumSize(MOST_CHECKED)
            .executor(Runnable::run)
            .build();

    SlotNotes(StoreNotes store, KeyProviders providers, KekId vendorKek) {
        this.store = store;
        this.providers = providers;
        this.vendorKek = vendorKek;
        this.jca = Jca.of(providers.cryptoProvider());
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
        int body = content.length - SlotRecord.SEAL_BYTES;
        try {
            record = SlotRecord.parse(Arrays.copyOf(content, Math.max(0, body)));
        } catch (Malformed e) {
            throw broken(slot, String.valueOf(e.getMessage()), e);
        }
        if (!record.slot().equals(slot)) {
            throw broken(slot, "it is the note of another slot", null);
        }
        try (DekLease sealKey = sealKey(slot, record.sealKey(), deadline)) {
            byte[] seal = Arrays.copyOfRange(content, body, content.length);
            if (!MessageDigest.isEqual(seal, seal(sealKey, Arrays.copyOf(content, body)))) {
                throw broken(slot, "its seal is wrong", null);
            }
        }
        return record;
    }

    /** The key that seals the note of a slot, to be closed. */
    DekLease sealKey(String slot, WrappedDek wrapped, Deadline deadline) {
        if (!wrapped.kekId().equals(vendorKek)) {
            throw broken(
                    slot,
                    "its seal key is wrapped by " + wrapped.kekId() + " and not by " + vendorKek
                            + ", the one configured",
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
        String slot = kept.record().slot();
        newestSeen.saw(slot, seen);
        @Nullable SlotRecord[] replaced = new SlotRecord[1];
        // Of two threads the one that has read the later note wins; a secret that is gone never comes back.
        checked.asMap().merge(slot, kept, (before, now) -> {
            long newer = now.record().revision() - before.record().revision();
            replaced[0] = newer > 0 ? before.record() : null;
            return newer >= 0 ? now : before;
        });
        @Nullable SlotRecord earlier = replaced[0];
        if (earlier != null) { // Not inside: whoever is told that a lease ends may ask for a slot.
            endGone(earlier, kept.record());
        }
    }

    private void endGone(SlotRecord before, SlotRecord now) {
        Map<EncryptionContext, KeywrapException> gone = new HashMap<>();
        for (SlotVersion version : before.versions()) {
            @Nullable Secret secret = version.secret();
            @Nullable
            Secret kept = now.version(version.number()).map(SlotVersion::secret).orElse(null);
            if (secret != null && !secret.equals(kept)) {
                gone.put(
                        EncryptionContext.ofSlotSecret(
                                before.slot(), secret.wrapped().dekId()),
                        SlotErrors.withoutMaterial(now, version.number()));
            }
        }
        if (!gone.isEmpty()) {
            providers.deks().end(gone);
        }
    }

    private static KekConfigurationException broken(String slot, String why, @Nullable Exception cause) {
        return new KekConfigurationException(
                Failure.of(Slots.kekId(slot), "the note of the slot cannot be believed: " + why)
                        .operatorAction("restore the note from where the store is backed up, and find out who has"
                                + " written to the store")
                        .cause(cause));
    }
}
