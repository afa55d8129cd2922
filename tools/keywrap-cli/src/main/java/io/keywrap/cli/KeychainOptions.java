package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which keychain, for the commands on one that is there. */
final class KeychainOptions {
    @Option(
            names = "--store",
            required = true,
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store: a folder or a database, see 'keywrap --help'. Required.")
    private StorePlace store = StorePlace.none();

    @Option(
            names = "--id",
            required = true,
            paramLabel = "ID",
            converter = Converters.KeychainId.class,
            description = "The keychain. Required.")
    private String id = "";

    @Option(
            names = "--seal-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The KEK that must have wrapped the seal. Default: the one that the record names, if it is in"
                    + " a key store named on this command.")
    private Optional<KekId> sealKek = Optional.empty();

    /** Where the store is. */
    StorePlace store() {
        return store;
    }

    String id() {
        return id;
    }

    Optional<KekId> sealKek() {
        return sealKek;
    }

    /** The store, which must be there. */
    KeychainStore existingStore(KeywrapCommand root) {
        return store.existing(root);
    }

    /** Opens the keychain, its seal checked. */
    Keychain open(Session session) {
        return open(session, List.of());
    }

    /** The same, with KEKs that are known to be the vendor's. */
    Keychain open(Session session, List<KekId> vendorKeks) {
        return session.keychain(existingStore(session.root()), id, sealKek, vendorKeks);
    }
}
