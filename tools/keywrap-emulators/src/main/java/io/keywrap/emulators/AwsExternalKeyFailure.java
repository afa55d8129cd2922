package io.keywrap.emulators;

/**
 * What can be wrong with a key in an external key store. KMS answers each of them with {@code KMSInvalidStateException};
 * only the text tells.
 */
public enum AwsExternalKeyFailure {
    /** The owner has disabled the key in the external key manager. */
    NOT_ENABLED(rejected("the external key is not enabled in the external key manager.")),
    /** The external key manager has no such key. */
    NOT_FOUND(rejected("it could not find the external key.")),
    /** The external key manager takes the ciphertext or the context for corrupted. */
    CIPHERTEXT_INVALID(rejected("the specified ciphertext or additional authenticated data is corrupted, missing, or"
            + " otherwise invalid.")),
    /** The proxy took longer than its 250 ms. */
    TIMED_OUT("AWS KMS rejected the request because the external key store proxy did not respond in time. Retry the"
            + " request. If you see this error repeatedly, report it to your external key store proxy administrator."),
    /** There is no connection to the proxy. */
    UNREACHABLE("AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue."
            + " If you see this error repeatedly, verify that your external key store proxy is active and is connected"
            + " to the network, and that its endpoint URI is correct in your external key store."),
    /** The proxy does not let the caller use the key. */
    ACCESS_DENIED("The external key store proxy denied access to the operation. Verify that the user and the external"
            + " key are both authorized for this operation, and try the request again."),
    /** The external key is not one to encrypt and decrypt with any more. */
    NOT_SUPPORTED(rejected("the external key does not support the requested operation.")),
    /** The proxy gets more requests than it can do. */
    THROTTLED(
            "The external key store proxy rejected the request due to a very high request rate. Reduce the frequency of"
                    + " your calls using KMS keys in this external key store."),
    /** The proxy has no connection to the external key manager. */
    MANAGER_UNREACHABLE(
            rejected("it cannot communicate with the external key manager. Verify that the external key store"
                    + " proxy configuration is correct and that the external key manager is available."));

    private final String text;

    AwsExternalKeyFailure(String text) {
        this.text = text;
    }

    /**
     * What KMS says.
     *
     * @return the message of the error
     */
    public String text() {
        return text;
    }

    private static String rejected(String why) {
        return "The external key store proxy rejected the request because " + why;
    }
}
