package io.keywrap;

/**
 * A keychain's record has a version that this release does not read; most often a newer release wrote it. No DEK of it
 * is used. Not retryable.
 */
public final class UnsupportedKeychainException extends KeychainException {
    private static final long serialVersionUID = 1L;

    private final int version;

    /**
     * Makes the exception.
     *
     * @param keychainId the keychain, or an empty string where only the record is known
     * @param version the version of its record
     */
    public UnsupportedKeychainException(String keychainId, int version) {
        super(
                keychainId,
                "its record has version " + version + ", this release reads 1; to do: use a newer release",
                null);
        this.version = version;
    }

    /**
     * Which version the record has.
     *
     * @return 0 to 255
     */
    public int version() {
        return version;
    }
}
