package io.keywrap.revocation;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.proof.SealedRecords;
import io.keywrap.proof.SealedScan;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which versions of which KEKs a store depends on, and how much does.
 *
 * <pre>{@code
 * KekInventory inventory = KekInventory.read(store, providers, KeychainSeal.wrappedBy(vendorKek));
 * inventory.uses().forEach(use -> print(use.kekId(), use.version(), use.role(), use.keychains(), use.deks()));
 * }</pre>
 *
 * <p><b>Security:</b> only records whose seals hold are counted; the others are named, since they may be anything.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class KekInventory {
    private final List<Use> uses;
    private final List<Unsealed> unsealed;
    private final List<KeychainStore.Unreadable> unreadable;
    private final int keychains;

    private KekInventory(Tally tally, List<Unsealed> unsealed, List<KeychainStore.Unreadable> unreadable) {
        this.uses = tally.uses();
        this.keychains = tally.keychains();
        this.unsealed = List.copyOf(unsealed);
        this.unreadable = List.copyOf(unreadable);
    }

    /**
     * Reads every keychain of a store, a page at a time, and checks its seal, which takes a call of the vendor's KEK for each
     * whose seal key is not kept.
     *
     * @param store the store
     * @param providers the KEKs; only the vendor's is used
     * @param seal who vouches for the records
     * @return what the store depends on, as it was while it was read
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     */
    public static KekInventory read(KeychainStore store, KeyProviders providers, KeychainSeal seal) {
        return read(store, providers, seal, KeychainFilter.all(), record -> {});
    }

    /** The same of some keychains, whose records are handed over once their seals are known to hold. */
    static KekInventory read(
            KeychainStore store,
            KeyProviders providers,
            KeychainSeal seal,
            KeychainFilter filter,
            Consumer<KeychainRecord> believed) {
        SealedRecords records = new SealedRecords(store, providers, seal.kekId());
        Tally tally = new Tally();
        List<Unsealed> unsealed = new ArrayList<>();
        boolean all = new SealedScan(
                        store,
                        records,
                        record -> {
                            tally.add(record, false);
                            believed.accept(record);
                        },
                        (keychainId, reason) -> unsealed.add(new Unsealed(keychainId, reason)))
                .over(filter);
        return new KekInventory(tally, unsealed, SealedScan.leftOut(all, store));
    }

    /**
     * What the store depends on.
     *
     * @return each version of each KEK in each role that wraps of DEKs have which are not destroyed; in order of the URIs
     */
    public List<Use> uses() {
        return uses;
    }

    /**
     * How many keychains were counted.
     *
     * @return those whose seals hold
     */
    public int keychains() {
        return keychains;
    }

    /**
     * Which keychains were not counted, because their records are not what keywrap wrote for them.
     *
     * @return their ids, and why
     */
    public List<Unsealed> unsealed() {
        return unsealed;
    }

    /**
     * What the store keeps and is no record.
     *
     * @return as {@link KeychainStore#unreadable()} says
     */
    public List<KeychainStore.Unreadable> unreadable() {
        return unreadable;
    }

    /**
     * A version of a KEK in a role.
     *
     * @param kekId the KEK
     * @param version the version as wraps name it; empty where the KMS names none
     * @param role what it is to these DEKs
     * @param keychains how many keychains have such a DEK
     * @param deks how many DEKs are wrapped under it in this role
     */
    public record Use(KekId kekId, String version, Role role, int keychains, int deks) {}

    /**
     * A keychain whose record nobody vouches for.
     *
     * @param keychainId its id
     * @param reason what is wrong
     */
    public record Unsealed(String keychainId, String reason) {}
}
