package io.keywrap;

/** The envelope ends too early: the copy is cut, or its writer never committed it. Not retryable. */
public final class TruncatedEnvelopeException extends DataException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what was found; no data
     */
    public TruncatedEnvelopeException(String message) {
        super(message, null);
    }
}
