package io.keywrap;

/** The DEK was destroyed on purpose; what was encrypted with it is gone. Not retryable. */
public final class DekDestroyedException extends KeychainException {
    private static final long serialVersionUID = 1L;

    private final DekId dekId;

    /**
     * Makes the exception.
     *
     * @param keychainId the keychain
     * @param dekId the destroyed DEK
     */
    public DekDestroyedException(String keychainId, DekId dekId) {
        super(keychainId, "its DEK " + dekId + " was destroyed on purpose; nothing can be done", null);
        this.dekId = dekId;
    }

    /**
     * Which DEK.
     *
     * @return its id
     */
    public DekId dekId() {
        return dekId;
    }
}
