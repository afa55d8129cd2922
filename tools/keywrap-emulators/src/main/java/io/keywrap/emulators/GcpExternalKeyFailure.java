package io.keywrap.emulators;

/**
 * What can be wrong with a key in an external key manager (Cloud EKM). Cloud KMS answers each of them with
 * {@code FAILED_PRECONDITION} and two violations: the state of the version, and one of these.
 *
 * <p><b>Source:</b> the page "Cloud EKM error reference" of the documentation of Cloud KMS, for denials and what is not
 * found; the names of the others are made in the same way.
 */
public enum GcpExternalKeyFailure {
    /** The manager does not let Cloud KMS use the key, which makes Cloud KMS disable the version too. */
    KEY_PERMISSION_DENIED("EXTERNAL_PERMISSION_DENIED", "Permission was denied when accessing the key."),
    /** The manager does not let Cloud KMS in at all, which leaves the version as it is. */
    SERVICE_PERMISSION_DENIED("EXTERNAL_PERMISSION_DENIED", "Permission was denied when accessing the crypto space."),
    /** The manager has no such key. */
    KEY_NOT_FOUND("EXTERNAL_NOT_FOUND", "Could not find a key."),
    /** There is no connection to the manager. */
    UNREACHABLE("EXTERNAL_UNREACHABLE", "The external key manager could not be reached."),
    /** The manager took too long. */
    TIMED_OUT("EXTERNAL_TIMEOUT", "The external key manager did not answer in time."),
    /** The manager answered something that Cloud KMS does not understand. */
    INVALID_ANSWER("EXTERNAL_INVALID_RESPONSE", "The external key manager gave an answer that cannot be understood."),
    /** The manager gets more requests than it can do. */
    THROTTLED("EXTERNAL_RESOURCE_EXHAUSTED", "The external key manager has no capacity left for the request.");

    private final String domain;
    private final String text;

    GcpExternalKeyFailure(String domain, String text) {
        this.domain = domain;
        this.text = text;
    }

    /**
     * The error domain.
     *
     * @return the type of the second violation, such as {@code EXTERNAL_PERMISSION_DENIED}
     */
    public String domain() {
        return domain;
    }

    /**
     * What Cloud KMS says.
     *
     * @return the message of the error
     */
    public String text() {
        return text;
    }
}
