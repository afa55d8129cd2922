package io.keywrap.store;

import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the records of keychains, each with compare-and-set on its revision.
 *
 * <p><b>Security:</b> a store is trusted to keep and not to forge: records are sealed, and their reader checks. A store
 * never sees a plaintext key.
 *
 * <p><b>Errors:</b> a call that fails has written nothing, or all of it; never half.
 *
 * <p><b>Thread safety:</b> implementations are safe for threads and for processes that share one place.
 */
public interface KeychainStore {
    /** Most ids of a page. */
    int MAX_PAGE = 10_000;

    /**
     * Reads a keychain.
     *
     * @param keychainId the keychain
     * @return the newest committed record; empty if there is none
     * @throws StoreUnavailableException if the store cannot be read
     * @throws KeychainSealBrokenException if what is kept is no record
     * @throws UnsupportedEnvelopeException if it is a record of another version
     */
    Optional<KeychainRecord> load(String keychainId);

    /**
     * Adds a keychain. The record is durable when the call returns.
     *
     * @param record its record, of revision 1 unless it comes from another store
     * @throws KeychainExistsException if there is one of that id
     * @throws StoreUnavailableException if the store cannot be written
     */
    void create(KeychainRecord record);

    /**
     * Replaces a keychain's record by a later one. The record is durable when the call returns.
     *
     * @param record the new record
     * @param expectedRevision the revision that must be kept until now, lower than that of the new record
     * @throws KeychainConflictException if another revision is kept, or none, and this record was certainly not written
     * @throws IllegalArgumentException if the new record's revision is not higher
     * @throws StoreUnavailableException if the store cannot be written, or it is not known whether it was
     */
    void replace(KeychainRecord record, long expectedRevision);

    /**
     * Lists keychains, a page at a time, in an order that is the store's own and does not change. What is added or
     * removed meanwhile may be there or not; all else is there once.
     *
     * @param filter which keychains; a store may read every record to tell
     * @param after the last id of the page before, whether or not it is still there; empty for the first page
     * @param limit the most ids to give, 1 to {@value #MAX_PAGE}
     * @return their ids; fewer than the limit at the end
     * @throws IllegalArgumentException if the limit is out of its range
     * @throws StoreUnavailableException if the store cannot be read
     * @throws KeychainSealBrokenException if something kept is no record: a list that leaves it out would hide it,
     *     unless the filter asks for that
     * @throws UnsupportedEnvelopeException if something kept is a record of another version, likewise
     */
    List<String> list(KeychainFilter filter, Optional<String> after, int limit);

    /**
     * Names what is kept and cannot be read as the record of a keychain, for whoever has to repair the store.
     *
     * @return the places; none if every record can be read
     * @throws StoreUnavailableException if the store cannot be read at all
     */
    List<Unreadable> unreadable();

    /**
     * A place in a store that should hold a record, and does not.
     *
     * @param place the store's own name for it, such as that of a file
     * @param reason what is wrong there
     */
    record Unreadable(String place, String reason) {}
}
