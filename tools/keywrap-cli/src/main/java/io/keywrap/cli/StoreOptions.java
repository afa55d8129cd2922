package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.recovery.StoreRecovery;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which store, and whose seals are believed. No record may say so here: what each of them says is to be found out. */
final class StoreOptions {
    @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store. Required.")
    private Path store = Path.of("");

    @Option(
            names = "--seal-kek",
            required = true,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The KEK that must have wrapped the seal of every record, and that exports are under."
                    + " Required: it decides what is believed.")
    private Optional<KekId> sealKek = Optional.empty();

    /** Its folder. */
    Path folder() {
        return store;
    }

    /** Whether there is any keychain in the store, which must be there. */
    boolean holdsAny() {
        return !Session.existingStore(store)
                .list(KeychainFilter.all(), Optional.empty(), 1)
                .isEmpty();
    }

    /** Work on a store that must be there. */
    StoreRecovery ofExisting(Session session) {
        return recovery(session, Session.existingStore(store));
    }

    /** Work on a store that is made if it is missing, when there is something to put into it. */
    StoreRecovery ofExistingOrNew(Session session) {
        return recovery(session, StoreToMake.in(store));
    }

    private StoreRecovery recovery(Session session, KeychainStore keychains) {
        return StoreRecovery.of(keychains, session.providers(), KeychainSeal.wrappedBy(sealKek.orElseThrow()));
    }
}
