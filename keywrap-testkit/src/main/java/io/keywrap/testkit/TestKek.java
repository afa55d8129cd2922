package io.keywrap.testkit;

import io.keywrap.KekId;
import java.time.Duration;

/**
 * One KEK as its owner sees it: what its owner, and fate, can do to it.
 *
 * <p>Every change holds from the next call of any provider on. A KMS that has no such thing, or cannot be made to show it,
 * leaves the method out: by default each aborts the test, which its report shows as skipped with the reason. Without JUnit
 * it is an {@link UnsupportedOperationException}.
 *
 * <p><b>Thread safety:</b> used by one thread at a time.
 */
public interface TestKek {
    /**
     * Which KEK.
     *
     * @return its id
     */
    KekId id();

    /** Switches the KEK off. */
    default void disable() {
        throw cannot("disable a KEK");
    }

    /** Switches the KEK on again. */
    default void enable() {
        throw cannot("disable a KEK");
    }

    /** Takes the provider's right to use the KEK away. */
    default void deny() {
        throw cannot("deny access to a KEK");
    }

    /** Gives the provider the right to use the KEK back. */
    default void allow() {
        throw cannot("deny access to a KEK");
    }

    /**
     * Has the KEK deleted later on.
     *
     * @param delay in how long; a KMS with limits takes the nearest that it allows
     */
    default void scheduleDeletion(Duration delay) {
        throw cannot("schedule the deletion of a KEK");
    }

    /** Cancels the deletion. The KEK may then be disabled, as in most clouds, and has to be enabled. */
    default void cancelDeletion() {
        throw cannot("schedule the deletion of a KEK");
    }

    /** Deletes the KEK at once and for ever, and leaves behind that it was there. */
    default void delete() {
        throw cannot("delete a KEK in such a way that it is known afterwards");
    }

    /** Takes the KEK away without a trace, as if it had never been there. */
    default void remove() {
        throw cannot("take a KEK away without a trace");
    }

    /** Puts the KEK back that {@link #remove()} took away. */
    default void putBack() {
        throw cannot("take a KEK away without a trace");
    }

    /** Makes a new version, which new wraps are made with; old wraps still open. */
    default void rotate() {
        throw cannot("rotate a KEK");
    }

    /** Refuses every call for being one too many, until {@link #recover()}. */
    default void throttle() {
        throw cannot("throttle");
    }

    /** Is out of reach, until {@link #recover()}. */
    default void unreachable() {
        throw cannot("be put out of reach");
    }

    /**
     * Answers late, until {@link #recover()}.
     *
     * @param delay how late
     */
    default void slow(Duration delay) {
        throw cannot("be slowed down");
    }

    /** Takes away what our own side needs, such as its credentials, until {@link #recover()}. */
    default void misconfigure() {
        throw cannot("be kept from us by our own configuration");
    }

    /** Ends throttling, outage, slowness and misconfiguration. Harmless if there is none. */
    default void recover() {
        throw cannot("be disturbed, so it does not recover");
    }

    /**
     * How many calls have arrived that name this KEK.
     *
     * @return the calls, whatever came of them
     */
    default int calls() {
        throw cannot("count the calls of a KEK");
    }

    private RuntimeException cannot(String what) {
        return Skipped.because("this KMS cannot " + what);
    }
}
