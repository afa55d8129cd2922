package io.keywrap;

import org.jspecify.annotations.Nullable;

/**
 * A keychain's record is not what keywrap wrote: changed, cut, swapped, rolled back, or sealed by somebody else. No DEK
 * of it is used. Not retryable.
 */
public final class KeychainSealBrokenException extends KeychainException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param keychainId the keychain
     * @param what what was found
     * @param cause the cause, or null
     */
    public KeychainSealBrokenException(String keychainId, CharSequence what, @Nullable Throwable cause) {
        super(
                keychainId,
                "its record cannot be trusted: " + what
                        + "; to do: find out who can write to the store, then restore the record from a backup",
                cause);
    }
}
