package io.keywrap;

import org.jspecify.annotations.Nullable;

/**
 * An envelope is not authentic, not well-formed, cut, or, as a keychain's record may be, of a version that this release
 * does not read.
 *
 * <p>No byte that failed has been released; whatever was released before is void.
 */
public abstract class DataException extends KeywrapException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what failed
     * @param cause the cause, or null
     */
    protected DataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
