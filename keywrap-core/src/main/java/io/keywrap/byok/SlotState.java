package io.keywrap.byok;

/** The state of one version of the key of a slot. */
public enum SlotState {
    /** Uploaded and checked; wraps and unwraps nothing yet. */
    PENDING,
    /** Wraps and unwraps. A slot has at most one such version. */
    ACTIVE,
    /** Unwraps what it has wrapped, and wraps nothing any more. */
    ARCHIVED,
    /** Its material was destroyed; the same key, uploaded again, puts the version back to what it was. */
    REVOKED
}
