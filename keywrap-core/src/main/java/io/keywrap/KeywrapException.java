package io.keywrap;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything that keywrap throws apart from programming errors and the caller's own {@code IOException}s.
 *
 * <p>Catch a category to decide what to do: {@link KekException} (the customer's key or its cloud), {@link DataException}
 * (the bytes), {@link KeychainException} (the keychain or its store). Messages say what failed, which key or keychain,
 * and what the operator can do. No message, field or cause made by keywrap holds a key, plaintext or a context value.
 *
 * <p><b>Thread safety:</b> as every {@code Throwable}. Serialisable.
 */
public abstract class KeywrapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what failed, on what, and what the operator can do
     * @param cause the cause, or null
     */
    protected KeywrapException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** With or without the stack trace, and room for what is suppressed. */
    KeywrapException(String message, @Nullable Throwable cause, boolean traced) {
        super(message, cause, traced, traced);
    }

    /**
     * Whether the same call can succeed later without anybody's doing.
     *
     * @return true for throttling and outages, else false
     */
    public boolean retryable() {
        return false;
    }
}
