package io.keywrap;

/** These bytes are not an envelope, or not in canonical form, or something follows its end. Not retryable. */
public final class MalformedEnvelopeException extends DataException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what was found; no data
     */
    public MalformedEnvelopeException(String message) {
        super(message, null);
    }
}
