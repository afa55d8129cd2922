package io.keywrap;

/** Another process changed the keychain first, and nothing was written. Try again on the changed keychain. */
public final class KeychainConflictException extends KeychainException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param keychainId the keychain
     */
    public KeychainConflictException(String keychainId) {
        super(keychainId, "another process changed it first; to do: try again", null);
    }

    /**
     * Another try works on the changed keychain.
     *
     * @return true
     */
    @Override
    public boolean retryable() {
        return true;
    }
}
