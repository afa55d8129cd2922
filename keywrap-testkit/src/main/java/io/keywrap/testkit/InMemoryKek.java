package io.keywrap.testkit;

import io.keywrap.Dek;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.testkit.Fault.Kind;
import io.keywrap.testkit.Fault.Operation;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of one KEK of an {@link InMemoryKms}: what the customer can do to it, and what happens to its calls.
 *
 * <p>Changes hold from the next call on. Those that a cloud would refuse, such as enabling a KEK that is deleted, are an
 * {@link IllegalStateException}.
 *
 * <p><b>Security:</b> not serialisable; {@link #toString()} shows no key. The keys of a deleted KEK are wiped.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class InMemoryKek implements TestKek {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KekId id;
    private final TimeSource time;
    private final List<byte[]> versions = new ArrayList<>();
    private final Map<Operation, Integer> counts = new EnumMap<>(Operation.class);
    private final List<Script> scripts = new ArrayList<>();
    private State state = State.ENABLED;
    private boolean denied;
    private boolean removed;
    private Fault standing = Fault.NONE;
    private @Nullable Instant deletion;

    InMemoryKek(KekId id, TimeSource time) {
        this.id = id;
        this.time = time;
        addVersion();
    }

    @Override
    public KekId id() {
        return id;
    }

    @Override
    public synchronized void disable() {
        requireUsable();
        state = State.DISABLED;
    }

    @Override
    public synchronized void enable() {
        requireUsable();
        state = State.ENABLED;
    }

    @Override
    public synchronized void deny() {
        denied = true;
    }

    @Override
    public synchronized void allow() {
        denied = false;
    }

    /**
     * Has the KEK deleted when the clock of the KMS reaches a date; until then it cannot be used, but rescued.
     *
     * @param delay in how long, more than zero
     */
    @Override
    public synchronized void scheduleDeletion(Duration delay) {
        if (delay.isNegative() || delay.isZero()) {
            throw new IllegalArgumentException("a deletion is scheduled for later, not in " + delay);
        }
        requireUsable();
        state = State.PENDING_DELETION;
        deletion = time.now().plus(delay);
    }

    /** Cancels the deletion; the KEK is then disabled, as AWS and Google Cloud leave it. */
    @Override
    public synchronized void cancelDeletion() {
        settle();
        if (state != State.PENDING_DELETION) {
            throw new IllegalStateException("no deletion of " + id + " is pending, it is " + state);
        }
        state = State.DISABLED;
        deletion = null;
    }

    /** Deletes the KEK at once and for ever, and wipes its keys. Harmless when repeated. */
    @Override
    public synchronized void delete() {
        state = State.DELETED;
        deletion = null;
        versions.forEach(key -> Arrays.fill(key, (byte) 0));
    }

    @Override
    public synchronized void remove() {
        removed = true;
    }

    @Override
    public synchronized void putBack() {
        removed = false;
    }

    @Override
    public synchronized void rotate() {
        requireUsable();
        addVersion();
    }

    @Override
    public synchronized void throttle() {
        standing = Fault.of(Kind.THROTTLED);
    }

    @Override
    public synchronized void unreachable() {
        standing = Fault.of(Kind.UNREACHABLE);
    }

    /**
     * Answers late, until {@link #recover()}, in the way that {@link FaultPlan#slow} says.
     *
     * @param delay how late
     */
    @Override
    public synchronized void slow(Duration delay) {
        standing = Fault.slow(delay);
    }

    @Override
    public synchronized void misconfigure() {
        standing = Fault.of(Kind.MISCONFIGURED);
    }

    /**
     * Does what it is told but loses every answer, until {@link #recover()}: {@link io.keywrap.KekUnreachableException}.
     */
    public synchronized void cutOff() {
        standing = Fault.of(Kind.CUT_OFF);
    }

    /**
     * Answers every call with another DEK under the right id, until {@link #recover()}: the worst of the wrong answers,
     * for only a DEK's check value can tell. {@link FaultPlan} has the others.
     */
    public synchronized void answerWrongly() {
        standing = Fault.of(Kind.ANOTHER_DEK);
    }

    /** Ends whatever disturbs the calls, and drops the plans that are left. States of the KEK stay. */
    @Override
    public synchronized void recover() {
        standing = Fault.NONE;
        scripts.clear();
    }

    /**
     * Adds a plan. A call takes its step from the first plan that is for calls of its kind and is not used up; a call
     * without one goes as {@link #throttle()} and its like have said.
     *
     * @param plan what happens to the next calls
     */
    public synchronized void faults(FaultPlan plan) {
        scripts.add(new Script(plan, new ArrayDeque<>(plan.steps())));
    }

    /**
     * How many steps no call has taken yet.
     *
     * @return the steps of all plans that are left
     */
    public synchronized int faultsLeft() {
        return scripts.stream().mapToInt(script -> script.steps().size()).sum();
    }

    /**
     * How many calls were made, whatever came of them.
     *
     * @return wraps, unwraps, generates, re-wraps and questions for the status together
     */
    @Override
    public synchronized int calls() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * How many wraps were asked for.
     *
     * @return the calls, whatever came of them
     */
    public int wraps() {
        return count(Operation.WRAP);
    }

    /**
     * How many unwraps were asked for.
     *
     * @return the calls, whatever came of them
     */
    public int unwraps() {
        return count(Operation.UNWRAP);
    }

    /**
     * How many new DEKs were asked for.
     *
     * @return the calls, whatever came of them
     */
    public int generates() {
        return count(Operation.GENERATE);
    }

    /**
     * How many re-wraps inside of the KMS were asked for, from this KEK to another or to its own current version.
     *
     * @return the calls, whatever came of them
     */
    public int rewraps() {
        return count(Operation.REWRAP);
    }

    /**
     * How often the state of the KEK was asked for.
     *
     * @return the calls, whatever came of them
     */
    public int statuses() {
        return count(Operation.STATUS);
    }

    /**
     * Which version new wraps are made with.
     *
     * @return such as {@code 1}, as in {@link io.keywrap.WrappedDek#kekVersion()}
     */
    public synchronized String currentVersion() {
        return String.valueOf(versions.size());
    }

    /** Counts a call and says what happens to it. */
    synchronized Fault begin(Operation operation) {
        counts.merge(operation, 1, Integer::sum);
        for (Iterator<Script> each = scripts.iterator(); each.hasNext(); ) {
            Script script = each.next();
            Fault step = script.plan().appliesTo(operation) ? script.steps().poll() : null;
            if (script.steps().isEmpty()) {
                each.remove();
            }
            if (step != null) {
                return step;
            }
        }
        return standing;
    }

    synchronized State state() {
        settle();
        return removed ? State.REMOVED : denied ? State.DENIED : state;
    }

    synchronized Optional<Instant> deletion() {
        return Optional.ofNullable(deletion);
    }

    /** A copy of the key of a version, for the caller to wipe; empty if there is none, or none any more. */
    synchronized Optional<byte[]> key(String version) {
        for (int i = 0; i < versions.size() && state != State.DELETED; i++) {
            if (version.equals(String.valueOf(i + 1))) {
                return Optional.of(versions.get(i).clone());
            }
        }
        return Optional.empty();
    }

    /** The array of a version itself, so that a test can see it wiped. */
    byte[] keyArray(int index) {
        return versions.get(index);
    }

    private synchronized int count(Operation operation) {
        return counts.getOrDefault(operation, 0);
    }

    private void addVersion() {
        byte[] key = new byte[Dek.BYTES];
        RANDOM.nextBytes(key);
        versions.add(key);
    }

    /** A pending deletion is carried out as soon as somebody looks after its date. */
    private void settle() {
        if (deletion != null && !time.now().isBefore(deletion)) {
            delete();
        }
    }

    private void requireUsable() {
        settle();
        if (state == State.DELETED || state == State.PENDING_DELETION) {
            throw new IllegalStateException(id + " is " + state);
        }
    }

    /**
     * State and counters, no key.
     *
     * @return such as {@code InMemoryKek[memory:customer, ENABLED, version 1, 3 calls]}
     */
    @Override
    public synchronized String toString() {
        return "InMemoryKek[" + id + ", " + state() + ", version " + currentVersion() + ", " + calls() + " calls]";
    }

    /** What providers come to know of a KEK. */
    enum State {
        ENABLED,
        DISABLED,
        PENDING_DELETION,
        DELETED,
        DENIED,
        REMOVED
    }

    private record Script(FaultPlan plan, Deque<Fault> steps) {}
}
