package io.keywrap;

/** The store has no such keychain, or the keychain no such DEK for this use. Not retryable. */
public final class KeychainNotFoundException extends KeychainException {
    private static final long serialVersionUID = 1L;

    /**
     * A missing keychain.
     *
     * @param keychainId the keychain
     */
    public KeychainNotFoundException(String keychainId) {
        super(keychainId, "not in this store; to do: check the id and the store, or create the keychain", null);
    }

    /**
     * A missing DEK.
     *
     * @param keychainId the keychain
     * @param dekId the DEK that it does not have, or not for this use
     */
    public KeychainNotFoundException(String keychainId, DekId dekId) {
        super(
                keychainId,
                "it has no DEK " + dekId
                        + " for this use; to do: check whether the store was restored from an older copy",
                null);
    }
}
