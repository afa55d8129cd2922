package io.keywrap.provider;

/** Whether a KEK can be asked. It is no verdict on the KEK: an outage changes no {@link KekState}. */
public enum KekReach {
    /** It answers, whatever it says. */
    ANSWERS,
    /** Its KMS asks to be called less often. */
    THROTTLED,
    /** Its KMS does not answer, or fails. */
    UNREACHABLE
}
