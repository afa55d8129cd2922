package io.keywrap.store;

import io.keywrap.DekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Adds DEKs to one keychain, each by a read and a compare-and-set, until so many got through. */
final class StoreRacer {
    private StoreRacer() {}

    /** A process of its own: store folder, keychain, how many. Prints the id of every DEK that was committed. */
    public static void main(String[] args) {
        add(FileKeychainStore.open(Path.of(args[0])), args[1], Integer.parseInt(args[2]))
                .forEach(System.out::println);
    }

    static List<DekId> add(KeychainStore store, String keychainId, int count) {
        List<DekId> committed = new ArrayList<>();
        while (committed.size() < count) {
            KeychainRecord current = store.load(keychainId).orElseThrow();
            DekEntry more = Records.dek(Usage.ENVELOPES, State.DECRYPT_ONLY);
            List<DekEntry> entries = new ArrayList<>(current.deks());
            entries.add(more);
            try {
                store.replace(current.next().deks(entries).build(Records.SEALER), current.revision());
                committed.add(more.id());
            } catch (KeychainConflictException e) {
                Thread.yield();
            }
        }
        return committed;
    }
}
