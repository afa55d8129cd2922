package io.keywrap;

/** The store has a keychain of that id already, and it was left as it is. Not retryable. */
public final class KeychainExistsException extends KeychainException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param keychainId the keychain
     */
    public KeychainExistsException(String keychainId) {
        super(keychainId, "it exists already; to do: open it, or choose another id", null);
    }
}
