package io.keywrap;

/** An envelope, or the record of a keychain, of a version or with parameters that this release does not read. Not retryable. */
public final class UnsupportedEnvelopeException extends DataException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what was found; no data
     */
    public UnsupportedEnvelopeException(String message) {
        super(message, null);
    }
}
