package io.keywrap;

import org.jspecify.annotations.Nullable;

/** A keychain, or the store of keychains, is not in the state that the call needs. */
public abstract class KeychainException extends KeywrapException {
    private static final long serialVersionUID = 1L;

    private final String keychainId;

    /**
     * Makes the exception.
     *
     * @param keychainId the keychain, or an empty string where the whole store is meant
     * @param what what failed and what the operator can do
     * @param cause the cause, or null
     */
    protected KeychainException(String keychainId, CharSequence what, @Nullable Throwable cause) {
        super((keychainId.isEmpty() ? "" : "keychain '" + keychainId + "': ") + what, cause);
        this.keychainId = keychainId;
    }

    /**
     * Which keychain.
     *
     * @return its id; empty where the whole store is meant
     */
    public String keychainId() {
        return keychainId;
    }
}
