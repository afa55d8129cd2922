package io.keywrap.onboarding;

/** What a principal of the vendor may be allowed to do with a KEK. */
public enum KekOperation {
    /** Wrap DEKs. */
    WRAP,
    /** Have DEKs made and wrapped by the KMS, where it can do so; elsewhere it is a wrap. */
    GENERATE,
    /** Unwrap DEKs. */
    UNWRAP,
    /** Re-wrap DEKs inside of the KMS, where it can do so; elsewhere it is an unwrap and a wrap. */
    REWRAP,
    /** Read type, state and version of the KEK; no use of it. */
    STATUS
}
