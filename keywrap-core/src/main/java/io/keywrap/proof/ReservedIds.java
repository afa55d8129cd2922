package io.keywrap.keychain;

import io.keywrap.proof.SealedRecords;

/**
 * Ids that no keychain may have, since they stand in the place of one in key contexts of other things: so a wrap of these is never
 * one of a keychain, nor the other way round.
 *
 * <p><b>Source:</b> docs/format.md, "Notation".
 */
final class ReservedIds {
    private static final String TINK = "tink";
    private static final String AZURE_STORAGE_PREFIX = "azure-storage-2.";

    private ReservedIds() {}

    static void requireFree(String keychainId) {
        if (keychainId.equals(SealedRecords.STORE_EXPORT_ID)) {
            throw reserved(keychainId, "exports of a store");
        }
        if (keychainId.equals(TINK)) {
            throw reserved(keychainId, "ciphertexts of Google Tink");
        }
        if (keychainId.startsWith(AZURE_STORAGE_PREFIX)) {
            throw reserved(keychainId, "blobs of Azure Storage");
        }
    }

    private static IllegalArgumentException reserved(String keychainId, String what) {
        return new IllegalArgumentException(
                "the id '" + keychainId + "' is reserved for " + what + "; to do: give the keychain another id");
    }
}
