package io.keywrap;

import java.time.Duration;

/**
 * The moment by which a call must be over, retries and waiting included.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class Deadline {
    private final TimeSource time;
    private final long atNanos;

    private Deadline(TimeSource time, long atNanos) {
        this.time = time;
        this.atNanos = atNanos;
    }

    /**
     * A deadline from now on.
     *
     * @param budget how long the call may take, not negative
     * @param time the clock it counts on
     * @return the deadline
     */
    public static Deadline after(Duration budget, TimeSource time) {
        if (budget.isNegative()) {
            throw new IllegalArgumentException("a budget is not negative: " + budget);
        }
        return new Deadline(time, time.nanoTime() + budget.toNanos());
    }

    /**
     * A deadline for a part of the work: this one, or one from now on if that is sooner.
     *
     * @param budget how long the part may take, not negative
     * @return the sooner of both
     */
    public Deadline within(Duration budget) {
        return budget.compareTo(remaining()) < 0 ? after(budget, time) : this;
    }

    /**
     * How much time is left.
     *
     * @return the time until the deadline, zero once it has passed
     */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, atNanos - time.nanoTime()));
    }

    /**
     * Whether the time is up.
     *
     * @return true from the deadline on
     */
    public boolean expired() {
        return atNanos - time.nanoTime() <= 0;
    }

    /**
     * How much is left, for people.
     *
     * @return such as {@code Deadline[PT9.5S left]}
     */
    @Override
    public String toString() {
        return "Deadline[" + remaining() + " left]";
    }
}
