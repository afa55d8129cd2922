package io.keywrap.byok;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.StoreNotes;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A vendor's product on one JVM, with slots in a real store and a vendor's KEK in a real key store. */
final class Product implements AutoCloseable {
    static final String SLOT = "tenant-42";

    final TestTenant tenant;
    final Notes notes;
    final ByokKms byok;
    final KeyProviders providers;
    final ByokSlots slots;
    final KeyProvider slot;

    Product(Path folder) {
        this(folder, new ManualTime(), options -> options);
    }

    Product(Path folder, TimeSource time, UnaryOperator<KeyProviders.Builder> options) {
        this(folder, time, options, TestTenant.VENDOR, setup -> setup);
    }

    /** With another KEK of the vendor's. */
    Product(Path folder, KekId vendorKek, UnaryOperator<ByokKms.Builder> setup) {
        this(folder, new ManualTime(), options -> options, vendorKek, setup);
    }

    /** With all of them. */
    Product(
            Path folder,
            TimeSource time,
            UnaryOperator<KeyProviders.Builder> options,
            KekId vendorKek,
            UnaryOperator<ByokKms.Builder> setup) {
        notes = new Notes(FileKeychainStore.open(folder.resolve("store")));
        byok = setup.apply(ByokKms.builder(notes, vendorKek).keychains(FileKeychainStore.open(folder.resolve("store"))))
                .build();
        tenant = TestTenant.in(
                folder, builder -> options.apply(builder.register(byok).time(time)));
        providers = tenant.providers();
        slots = byok.slots(providers);
        slot = providers.provider(ByokKms.kekId(SLOT));
    }

    /** The key that a customer uploads, one for each number. */
    static Dek secret(int number) {
        byte[] key = new byte[Dek.BYTES];
        Arrays.fill(key, (byte) number);
        return Dek.takeOwnershipOf(DekId.random(), key);
    }

    /** Uploads a key and activates it; one that is active is archived. */
    SlotStatus roll(int number) {
        return roll(SLOT, number);
    }

    SlotStatus roll(String name, int number) {
        boolean first = slots.status(name).flatMap(SlotStatus::active).isEmpty();
        int version = validate(name, number).pending().orElseThrow().number();
        return first ? slots.activate(name, version) : slots.archive(name, version);
    }

    SlotStatus validate(String name, int number) {
        try (Dek secret = secret(number)) {
            return slots.validate(name, secret);
        }
    }

    SlotStatus restore(int number) {
        try (Dek secret = secret(number)) {
            return slots.restore(SLOT, secret);
        }
    }

    SlotStatus revoke() {
        return slots.revoke(SLOT, ByokSlots.REVOKE);
    }

    WrappedDek wrap(Dek dek) {
        return slot.wrap(dek, contextOf(dek.id()), providers.foregroundDeadline());
    }

    Dek unwrap(WrappedDek wrapped) {
        return slot.unwrap(wrapped, contextOf(wrapped.dekId()), providers.foregroundDeadline());
    }

    static EncryptionContext contextOf(DekId id) {
        return EncryptionContext.ofDek("tenant-42", id, EncryptionContext.of("tenant", "acme"));
    }

    Keychain newKeychain(String id) {
        return keychains().create(id, spec -> spec.control(slot.kekId()));
    }

    Keychains keychains() {
        return Keychains.builder(tenant.store(), providers)
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .build();
    }

    StoreNotes.Note note() {
        return notes.note(Slots.noteOf(SLOT)).orElseThrow();
    }

    /** Writes a note by the store's own means, as whoever has access to it can. */
    void overwrite(byte[] content) {
        if (!notes.putNote(Slots.noteOf(SLOT), note().revision(), content)) {
            throw new AssertionError("the note is not written");
        }
    }

    @Override
    public void close() {
        byok.close();
        providers.close();
    }

    /** Notes that can be out of reach. */
    static final class Notes implements StoreNotes {
        private final StoreNotes real;
        volatile boolean away;
        volatile boolean hidden;
        /** After how many calls it is out of reach; never if negative. */
        volatile int awayAfter = -1;

        /** What the next call fails with, once. */
        volatile @Nullable Error broken;

        final CountDownLatch broke = new CountDownLatch(1);

        volatile Runnable beforePut = () -> {};
        volatile Runnable afterPut = () -> {};

        Notes(StoreNotes real) {
            this.real = real;
        }

        @Override
        public Optional<Note> note(String name) {
            requireThere();
            return hidden ? Optional.empty() : real.note(name);
        }

        @Override
        public boolean putNote(String name, long expectedRevision, byte[] content) {
            requireThere();
            beforePut.run();
            boolean written = real.putNote(name, expectedRevision, content);
            afterPut.run();
            return written;
        }

        @Override
        public List<String> noteNames(String prefix, Optional<String> after, int limit) {
            requireThere();
            return real.noteNames(prefix, after, limit);
        }

        private void requireThere() {
            int calls = awayAfter;
            if (calls >= 0) {
                awayAfter = calls - 1;
                away |= calls == 0;
            }
            @Nullable Error error = broken;
            if (error != null) {
                broken = null;
                broke.countDown();
                throw error;
            }
            if (away) {
                throw new StoreUnavailableException("the store is away", null);
            }
        }
    }
}
