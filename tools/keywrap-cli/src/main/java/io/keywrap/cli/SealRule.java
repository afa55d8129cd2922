package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keystore.Keystores;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.Optional;

/**
 * Which KEK may vouch for the record of a keychain.
 *
 * <p>A record's seal is worth what its KEK is worth: whoever can wrap under the KEK that is accepted can make a record of
 * their own, with DEKs that they know, and everything encrypted from then on is theirs to read. So the record cannot
 * choose its own KEK freely. A library's user configures the KEK. The command has no configuration of its own, and so:
 *
 * <ul>
 *   <li>With {@code --seal-kek} that KEK is accepted and no other.
 *   <li>Without it, the KEK that the record names is accepted only if it is in a key store that the operator has named on
 *       this command. An outsider who can write to the store cannot wrap under a key of the operator's own key store. A
 *       cloud's KEK proves less: an attacker can name one of an account of theirs, that the operator may also use.
 *   <li>Otherwise nothing is decrypted, and the operator is told to give {@code --seal-kek}.
 * </ul>
 */
final class SealRule {
    private final KeyStoreFiles keyStores;
    private final Optional<KekId> pinned;

    SealRule(KeyStoreFiles keyStores, Optional<KekId> pinned) {
        this.keyStores = keyStores;
        this.pinned = pinned;
    }

    /** The seal to open a keychain with. */
    KeychainSeal sealOf(KeychainStore store, String keychainId) {
        if (pinned.isPresent()) {
            return KeychainSeal.wrappedBy(pinned.get());
        }
        KeychainRecord record = store.load(keychainId).orElseThrow(() -> new KeychainNotFoundException(keychainId));
        KekId named = record.sealKey().kekId();
        if (!keyStores.hold(named)) {
            throw new ConfigurationException(
                    "keychain '" + keychainId + "' says that its seal is wrapped by " + named + ", " + whyNot(named));
        }
        return KeychainSeal.wrappedBy(named);
    }

    private static String whyNot(KekId named) {
        return named.scheme().equals(Keystores.SCHEME)
                ? "which is in no key store named on this command; to do: if that is your KEK, register its key store with"
                        + " --keystore NAME=FILE, or give --seal-kek with the KEK that you expect"
                : "and a KEK of a cloud vouches for a keychain only if you name it; to do: if that is your KEK, give"
                        + " --seal-kek " + named;
    }
}
