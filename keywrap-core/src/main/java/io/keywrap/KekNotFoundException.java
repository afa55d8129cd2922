package io.keywrap;

/** The KEK was not found, and was never seen working: most often a mistyped id. Not retryable. */
public final class KekNotFoundException extends KekException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param failure what is known of the failure
     */
    public KekNotFoundException(Failure failure) {
        super(failure);
    }

    @Override
    KekException like(Failure failure) {
        return new KekNotFoundException(failure);
    }
}
