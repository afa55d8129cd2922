package io.keywrap.proof;

import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.KeychainStore.Unreadable;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Goes over the records of a store a page at a time, and tells those whose seals hold from the others. */
public final class SealedScan {
    /** How many ids a page has. */
    public static final int PAGE = 200;

    private final KeychainStore store;
    private final SealedRecords records;
    private final Consumer<KeychainRecord> believed;
    private final BiConsumer<String, String> refused;

    /**
     * Makes a scan.
     *
     * @param store where the records are; stays the caller's
     * @param records checks them
     * @param believed is given each record whose seal holds
     * @param refused is given the id of each other keychain, and why
     */
    public SealedScan(
            KeychainStore store,
            SealedRecords records,
            Consumer<KeychainRecord> believed,
            BiConsumer<String, String> refused) {
        this.store = store;
        this.records = records;
        this.believed = believed;
        this.refused = refused;
    }

    /**
     * Reads all of them.
     *
     * @param filter which keychains
     * @return whether all of them could be listed; if not, {@link KeychainStore#unreadable()} names what was left out, unless it
     *     can be read again by then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     */
    public boolean over(KeychainFilter filter) {
        return ids(store, filter, this::read);
    }

    /**
     * Goes over the ids alone.
     *
     * @param store the store
     * @param filter which keychains
     * @param each is given each id of a record that can be read
     * @return whether all of them could be listed, as for {@link #over}
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public static boolean ids(KeychainStore store, KeychainFilter filter, Consumer<String> each) {
        Optional<String> after = Optional.empty();
        List<String> page;
        boolean all = true;
        do {
            try {
                page = store.list(filter, after, PAGE);
            } catch (KeychainSealBrokenException | UnsupportedEnvelopeException | StoreUnavailableException e) {
                all = false;
                page = page(store, filter, after);
            }
            for (String keychainId : page) {
                each.accept(keychainId);
                after = Optional.of(keychainId);
            }
        } while (page.size() == PAGE);
        return all;
    }

    /**
     * What a scan has not seen.
     *
     * @param all whether all could be listed
     * @param store the store
     * @return what cannot be read; and if that is nothing by now, though something was left out, what says so
     */
    public static List<Unreadable> leftOut(boolean all, KeychainStore store) {
        List<Unreadable> places = store.unreadable();
        return all || !places.isEmpty()
                ? places
                : List.of(new Unreadable(
                        "a record of the store",
                        "it could not be read when the records were listed, and can be by now; to do: ask again"));
    }

    /**
     * A page of ids, of records that can be read.
     *
     * @param store the store
     * @param filter which keychains
     * @param after the last id of the page before
     * @return fewer than {@value #PAGE} at the end
     */
    public static List<String> page(KeychainStore store, KeychainFilter filter, Optional<String> after) {
        return store.list(filter.leavingOutUnreadable(), after, PAGE);
    }

    private void read(String keychainId) {
        Optional<KeychainRecord> record;
        try {
            record = store.load(keychainId);
            record.ifPresent(one -> records.requireSealed(one, keychainId));
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            refused.accept(keychainId, String.valueOf(e.getMessage()));
            return;
        }
        record.ifPresent(believed);
    }
}
