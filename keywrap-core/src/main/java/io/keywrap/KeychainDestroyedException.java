package io.keywrap;

/** The keychain was destroyed with all of its DEKs, on purpose. It makes no others. Not retryable. */
public final class KeychainDestroyedException extends KeychainException {
    private static final long serialVersionUID = 1L;

    /**
     * A destroyed keychain.
     *
     * @param keychainId the keychain
     */
    public KeychainDestroyedException(String keychainId) {
        super(keychainId, "it was destroyed with all of its DEKs; to do: encrypt under another keychain", null);
    }
}
