package io.keywrap.proof;

import java.util.Optional;

/**
 * Ids that no keychain may have, since they stand in the place of one in key contexts of other things: so a wrap of these is never
 * one of a keychain, nor the other way round.
 *
 * <p><b>Source:</b> docs/format.md, "Notation".
 */
public final class ReservedIds {
    private static final String TINK = "tink";
    private static final String AZURE_STORAGE_PREFIX = "azure-storage-2.";

    private ReservedIds() {}

    /**
     * What an id is reserved for.
     *
     * @param keychainId the id of a keychain that is to be made
     * @return what has it, such as {@code exports of a store}; empty if a keychain may have it
     */
    public static Optional<String> owner(String keychainId) {
        if (keychainId.equals(SealedRecords.STORE_EXPORT_ID)) {
            return Optional.of("exports of a store");
        }
        if (keychainId.equals(TINK)) {
            return Optional.of("ciphertexts of Google Tink");
        }
        return keychainId.startsWith(AZURE_STORAGE_PREFIX) ? Optional.of("blobs of Azure Storage") : Optional.empty();
    }

    /**
     * Refuses a reserved id.
     *
     * @param keychainId the id of a keychain that is to be made
     * @throws IllegalArgumentException if it is reserved
     */
    public static void requireFree(String keychainId) {
        owner(keychainId).ifPresent(owner -> {
            throw new IllegalArgumentException(
                    "the id '" + keychainId + "' is reserved for " + owner + "; to do: give the keychain another id");
        });
    }
}
