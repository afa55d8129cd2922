package io.keywrap;

/** Why a KMS is called. Each purpose has a budget of its own, and meters tell them apart. */
public enum CallPurpose {
    /** Somebody waits for the answer. */
    FOREGROUND,
    /** A DEK in use is proven again before its deadline, while nobody waits. */
    REFRESH,
    /** A KEK is watched. */
    CANARY
}
