package io.keywrap.emulators;

/** The state of a version of a Cloud KMS key, by the names of {@code CryptoKeyVersionState}. */
public enum GcpVersionState {
    /** Its material is being made. */
    PENDING_GENERATION,
    /** Usable. */
    ENABLED,
    /** Switched off by its owner. */
    DISABLED,
    /** Its material is gone for good. */
    DESTROYED,
    /** To be destroyed when its time comes. */
    DESTROY_SCHEDULED,
    /** Its imported material is not there yet. */
    PENDING_IMPORT,
    /** The import of its material has failed. */
    IMPORT_FAILED,
    /** Its material could not be made. */
    GENERATION_FAILED,
    /** It is being destroyed in an external key manager. */
    PENDING_EXTERNAL_DESTRUCTION,
    /** The external key manager did not destroy it. */
    EXTERNAL_DESTRUCTION_FAILED
}
