package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.recovery.StoreRecovery;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which store, and whose seals are believed. No record may say so here: what each of them says is to be found out. */
final class StoreOptions {
    @Option(
            names = "--store",
            required = true,
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store: a folder or a database, see 'keywrap --help'. Required.")
    private StorePlace store = StorePlace.none();

    @Option(
            names = "--seal-kek",
            required = true,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The KEK that must have wrapped the seal of every record; exports are under it too."
                    + " Required: it decides what is believed.")
    private Optional<KekId> sealKek = Optional.empty();

    /** Where it is. */
    StorePlace store() {
        return store;
    }

    /** Whose seals are believed. */
    KeychainSeal seal() {
        return KeychainSeal.wrappedBy(sealKek());
    }

    KekId sealKek() {
        return sealKek.orElseThrow();
    }

    /** Whether there is any keychain in the store, which must be there. */
    boolean holdsAny(KeywrapCommand root) {
        return !store.existing(root)
                .list(KeychainFilter.all(), Optional.empty(), 1)
                .isEmpty();
    }

    /** Work on a store that must be there. */
    StoreRecovery ofExisting(Session session) {
        return recovery(session, store.existing(session.root()));
    }

    /** Work on a store that is made if it is missing, when there is something to put into it. */
    StoreRecovery ofExistingOrNew(Session session) {
        return recovery(session, store.existingOrNew(session.root()));
    }

    private StoreRecovery recovery(Session session, KeychainStore keychains) {
        return StoreRecovery.of(keychains, session.providers(), seal());
    }
}
