package io.keywrap.emulators;

/** The state of a KMS key, as {@code DescribeKey} says it. */
public enum AwsKeyState {
    /** Not made yet; cryptographic operations fail. */
    CREATING("Creating"),
    /** Usable. */
    ENABLED("Enabled"),
    /** Switched off by its owner. */
    DISABLED("Disabled"),
    /** To be deleted when its date comes. */
    PENDING_DELETION("PendingDeletion"),
    /** A multi-Region primary to be deleted, which waits for its replicas to go first. */
    PENDING_REPLICA_DELETION("PendingReplicaDeletion"),
    /** Its imported key material has expired, was deleted, or is not there yet. */
    PENDING_IMPORT("PendingImport"),
    /** Its custom key store is disconnected. */
    UNAVAILABLE("Unavailable"),
    /** Its primary Region is being changed; cryptographic operations work. */
    UPDATING("Updating");

    private final String wireName;

    AwsKeyState(String wireName) {
        this.wireName = wireName;
    }

    /**
     * The name in the protocol.
     *
     * @return such as {@code PendingDeletion}
     */
    public String wireName() {
        return wireName;
    }

    boolean isPendingDeletion() {
        return this == PENDING_DELETION || this == PENDING_REPLICA_DELETION;
    }
}
