package io.keywrap;

/** A wrapped DEK is not what the KEK, the key context or the DEK's check value says it should be. Not retryable. */
public final class InvalidWrappedDekException extends KekException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param failure what is known of the failure
     */
    public InvalidWrappedDekException(Failure failure) {
        super(failure);
    }

    @Override
    KekException like(Failure failure) {
        return new InvalidWrappedDekException(failure);
    }
}
