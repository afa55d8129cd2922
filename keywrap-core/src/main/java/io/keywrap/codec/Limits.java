package io.keywrap.codec;

import java.time.Duration;

/** Refuses options that are out of their limits, in one form of words. */
public final class Limits {
    private Limits() {}

    /**
     * A number between 1 and the most.
     *
     * @param what it is, with a verb: "calls at once are"
     * @param value the number
     * @param most the most that it may be
     * @return the number
     * @throws IllegalArgumentException if it is out of these limits
     */
    public static int within(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " 1 to " + most + ", not " + value);
        }
        return value;
    }

    /**
     * A duration between two others.
     *
     * @param what it is: "a lease"
     * @param value the duration
     * @param least the least that it may be
     * @param most the most
     * @return the duration
     * @throws IllegalArgumentException if it is out of these limits
     */
    public static Duration within(String what, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " is " + least + " to " + most + ", not " + value);
        }
        return value;
    }
}
