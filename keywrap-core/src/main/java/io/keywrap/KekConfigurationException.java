package io.keywrap;

/** Our own side is at fault: credentials, passwords, parameters, or a key of the wrong kind. Not retryable. */
public final class KekConfigurationException extends KekException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param failure what is known of the failure
     */
    public KekConfigurationException(Failure failure) {
        super(failure);
    }

    @Override
    KekException like(Failure failure) {
        return new KekConfigurationException(failure);
    }
}
