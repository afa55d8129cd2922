package com.example.kms;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TimeSource;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotStatus;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.StoreNotes;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.TestKek;
import io.keywrap.testkit.TestKms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Slots of uploaded keys, as the customer and the vendor's operator see them.
 *
 * <p>To disable one is to revoke it, and to enable it is to upload the same keys again. Out of reach is the store.
 */
final class SlotKms implements TestKms {
    private final TimeSource time;
    private final InMemoryKms vendor;
    private final CountingNotes notes = new CountingNotes();
    private final ByokKms byok;
    private final KeyProviders providers;
    private final ByokSlots slots;
    private int made;

    SlotKms(TimeSource time) {
        this.time = time;
        this.vendor = new InMemoryKms(time);
        this.byok = ByokKms.builder(notes, vendor.kek("vendor").id()).build();
        this.providers = KeyProviders.builder()
                .register(vendor)
                .register(byok)
                .time(time)
                .build();
        this.slots = byok.slots(providers);
    }

    @Override
    public Slot createKek() {
        return new Slot("slot-" + ++made);
    }

    @Override
    public KekId unknownKek() {
        return ByokKms.kekId("never-made");
    }

    @Override
    public KeyProvider.Factory factory() {
        return byok;
    }

    @Override
    public TimeSource time() {
        return time;
    }

    @Override
    public void close() {
        byok.close();
        providers.close();
        vendor.close();
    }

    /** One slot, and the keys that its customer has kept. */
    final class Slot implements TestKek {
        private final String name;
        private final List<Dek> kept = new ArrayList<>();

        private Slot(String name) {
            this.name = name;
            slots.activate(name, upload());
        }

        private int upload() {
            Dek key = Dek.random(DekId.random());
            kept.add(key);
            return slots.validate(name, key).pending().orElseThrow().number();
        }

        @Override
        public KekId id() {
            return ByokKms.kekId(name);
        }

        @Override
        public void disable() {
            slots.revoke(name, ByokSlots.REVOKE);
        }

        @Override
        public void enable() {
            kept.forEach(key -> slots.restore(name, key));
        }

        @Override
        public void delete() {
            SlotStatus revoked = slots.revoke(name, ByokSlots.REVOKE);
            revoked.versions().forEach(version -> slots.drop(name, version.number(), ByokSlots.DROP_UNCHECKED));
        }

        @Override
        public void rotate() {
            slots.archive(name, upload());
        }

        @Override
        public void unreachable() {
            notes.away = true;
        }

        /** Somebody has written over the notes. */
        @Override
        public void misconfigure() {
            notes.damaged = true;
        }

        @Override
        public void recover() {
            notes.away = false;
            notes.damaged = false;
        }

        @Override
        public int calls() {
            return notes.reads.get();
        }
    }

    /** Notes in memory that can be out of reach or written over. */
    private static final class CountingNotes implements StoreNotes {
        private final InMemoryKeychainStore real = new InMemoryKeychainStore();
        private final AtomicInteger reads = new AtomicInteger();
        private volatile boolean away;
        private volatile boolean damaged;

        @Override
        public Optional<Note> note(String name) {
            reads.incrementAndGet();
            requireThere();
            return real.note(name).map(note -> damaged ? Note.of(note.revision(), new byte[100]) : note);
        }

        @Override
        public boolean putNote(String name, long expectedRevision, byte[] content) {
            requireThere();
            return real.putNote(name, expectedRevision, content);
        }

        @Override
        public List<String> noteNames(String prefix, Optional<String> after, int limit) {
            requireThere();
            return real.noteNames(prefix, after, limit);
        }

        private void requireThere() {
            if (away) {
                throw new StoreUnavailableException("the store is away", null);
            }
        }
    }
}
