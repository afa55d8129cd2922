package io.keywrap.onboarding;

/** What a preflight looks at, in the order of its report. */
public enum PreflightCheck {
    /** Whether the id can be the name of a KEK. */
    FORM("form"),
    /** Whether the KEK is where the data centre takes keys from. */
    REGION("region"),
    /** Whether the KEK belongs to the customer's account, project or vault. */
    OWNER("owner"),
    /** Whether the KMS answers. */
    REACHABLE("reachable"),
    /** Whether the KMS knows whoever calls, in the tenant of the key. */
    CALLER("caller"),
    /** Whether it is a key to wrap with. */
    KEY_TYPE("key type"),
    /** Whether the key is there and can be used. */
    KEY_STATE("key state"),
    /** Whether the caller may read the state of the key. */
    PERMISSION_STATUS("permission: status"),
    /** Whether the caller may wrap a DEK. */
    PERMISSION_WRAP("permission: wrap"),
    /** Whether the caller may have a DEK made and wrapped by the KMS. */
    PERMISSION_GENERATE("permission: generate"),
    /** Whether the caller may unwrap a DEK. */
    PERMISSION_UNWRAP("permission: unwrap"),
    /** Whether the caller may re-wrap a DEK inside of the KMS. */
    PERMISSION_REWRAP("permission: re-wrap"),
    /** Whether a DEK was wrapped. */
    WRAP("wrap"),
    /** Whether the right key has answered. */
    IDENTITY("returned key"),
    /** Whether the wrap gave the same DEK back. */
    UNWRAP("unwrap"),
    /** Whether the wrap is refused with another key context. */
    CONTEXT("wrong context"),
    /** Whether the key is rotated by itself. */
    ROTATION("rotation"),
    /** Whether the key is in more than one Region, and what that means. */
    MULTI_REGION("multi-Region"),
    /** How long the slowest call took. */
    LATENCY("latency");

    private final String label;

    PreflightCheck(String label) {
        this.label = label;
    }

    /**
     * The name in a report for people.
     *
     * @return a few words
     */
    public String label() {
        return label;
    }
}
