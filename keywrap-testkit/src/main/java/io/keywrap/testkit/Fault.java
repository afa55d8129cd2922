package io.keywrap.testkit;

import java.time.Duration;

/**
 * What happens to one call.
 *
 * @param kind what
 * @param delay how late the answer comes, on the clock of the call's deadline
 */
record Fault(Kind kind, Duration delay) {
    static final Fault NONE = of(Kind.NONE);

    static Fault of(Kind kind) {
        return new Fault(kind, Duration.ZERO);
    }

    static Fault slow(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("an answer is not late by a negative time: " + delay);
        }
        return new Fault(Kind.NONE, delay);
    }

    boolean is(Kind other) {
        return kind == other;
    }

    enum Kind {
        NONE,
        THROTTLED,
        UNREACHABLE,
        DENIED,
        MISCONFIGURED,
        CUT_OFF,
        ANOTHER_DEK,
        ANOTHER_DEK_ID,
        ANOTHER_KEK_ID,
        WRONG_LENGTH
    }

    /** Which calls are counted and disturbed apart. */
    enum Operation {
        WRAP,
        UNWRAP,
        GENERATE,
        STATUS,
        REWRAP
    }
}
