package io.keywrap;

/** The KEK's provider did not answer, or failed: an outage, never a verdict on the key. Retryable. */
public final class KekUnreachableException extends KekException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param failure what is known of the failure
     */
    public KekUnreachableException(Failure failure) {
        super(failure);
    }

    @Override
    KekException like(Failure failure) {
        return new KekUnreachableException(failure);
    }

    /**
     * Waiting helps.
     *
     * @return true
     */
    @Override
    public boolean retryable() {
        return true;
    }
}
