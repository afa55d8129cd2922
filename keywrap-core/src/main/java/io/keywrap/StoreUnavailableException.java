package io.keywrap;

import org.jspecify.annotations.Nullable;

/** The store of keychains could not be read or written. Retryable; nothing was half-written. */
public final class StoreUnavailableException extends KeychainException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param what which store and which operation failed
     * @param cause the cause, or null
     */
    public StoreUnavailableException(String what, @Nullable Throwable cause) {
        super("", what, cause);
    }

    /**
     * The store may come back.
     *
     * @return true
     */
    @Override
    public boolean retryable() {
        return true;
    }
}
