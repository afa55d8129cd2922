package io.keywrap;

/** The KEK's provider asks to be called less often. Retryable. */
public final class KekThrottledException extends KekException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param failure what is known of the failure
     */
    public KekThrottledException(Failure failure) {
        super(failure);
    }

    @Override
    KekException like(Failure failure) {
        return new KekThrottledException(failure);
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
