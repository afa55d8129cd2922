package io.keywrap.testkit;

import io.keywrap.testkit.Fault.Kind;
import io.keywrap.testkit.Fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A script of what happens to the next calls of an {@link InMemoryKek}, one step a call; then all is normal again.
 *
 * <pre>{@code
 * kek.faults(FaultPlan.ofUnwraps().throttle(2).pass(1).cutOff(1));
 * }</pre>
 *
 * <p>The third unwrap succeeds, the first two are throttled, and the answer to the fourth is lost. Other calls take no
 * step. Every method gives a new plan, so a plan can be kept and used again.
 *
 * <p><b>Thread safety:</b> immutable. Calls that come at the same time take the steps in the order they arrive.
 */
public final class FaultPlan {
    private final Optional<Operation> operation;
    private final List<Fault> steps;

    private FaultPlan(Optional<Operation> operation, List<Fault> steps) {
        this.operation = operation;
        this.steps = List.copyOf(steps);
    }

    /**
     * A plan that every call takes a step of.
     *
     * @return a plan without steps
     */
    public static FaultPlan ofCalls() {
        return new FaultPlan(Optional.empty(), List.of());
    }

    /**
     * A plan that only wraps take a step of.
     *
     * @return a plan without steps
     */
    public static FaultPlan ofWraps() {
        return new FaultPlan(Optional.of(Operation.WRAP), List.of());
    }

    /**
     * A plan that only unwraps take a step of.
     *
     * @return a plan without steps
     */
    public static FaultPlan ofUnwraps() {
        return new FaultPlan(Optional.of(Operation.UNWRAP), List.of());
    }

    /**
     * A plan that only the making of new DEKs takes a step of.
     *
     * @return a plan without steps
     */
    public static FaultPlan ofGenerates() {
        return new FaultPlan(Optional.of(Operation.GENERATE), List.of());
    }

    /**
     * A plan that only re-wraps inside of the KMS take a step of.
     *
     * @return a plan without steps
     */
    public static FaultPlan ofRewraps() {
        return new FaultPlan(Optional.of(Operation.REWRAP), List.of());
    }

    /**
     * Some calls go well.
     *
     * @param calls how many
     * @return the longer plan
     */
    public FaultPlan pass(int calls) {
        return then(Fault.NONE, calls);
    }

    /**
     * Some calls are one too many: {@link io.keywrap.KekThrottledException}.
     *
     * @param calls how many
     * @return the longer plan
     */
    public FaultPlan throttle(int calls) {
        return then(Fault.of(Kind.THROTTLED), calls);
    }

    /**
     * Some calls are denied, as where the permission for one kind of call is missing:
     * {@link io.keywrap.KekRevokedException} with the reason DENIED.
     *
     * @param calls how many
     * @return the longer plan
     */
    public FaultPlan deny(int calls) {
        return then(Fault.of(Kind.DENIED), calls);
    }

    /**
     * Some calls never arrive: {@link io.keywrap.KekUnreachableException}.
     *
     * @param calls how many
     * @return the longer plan
     */
    public FaultPlan unreachable(int calls) {
        return then(Fault.of(Kind.UNREACHABLE), calls);
    }

    /**
     * Some calls are answered late, and those whose deadline comes first end with it:
     * {@link io.keywrap.KekUnreachableException}. Nobody sleeps: a {@link ManualTime} is moved on to the time of
     * the answer, counted from the beginning of its call, so that calls of several threads wait in the same time; on any
     * other clock an answer that would be in time comes at once, and one that would be late fails at once.
     *
     * @param delay how late
     * @param calls how many
     * @return the longer plan
     */
    public FaultPlan slow(Duration delay, int calls) {
        return then(Fault.slow(delay), calls);
    }

    /**
     * Some calls are done, but the answer is lost on its way: {@link io.keywrap.KekUnreachableException}.
     *
     * @param calls how many
     * @return the longer plan
     */
    public FaultPlan cutOff(int calls) {
        return then(Fault.of(Kind.CUT_OFF), calls);
    }

    /**
     * One call is answered with another DEK under the right id; only the DEK's check value can tell.
     *
     * @return the longer plan
     */
    public FaultPlan answerWithAnotherDek() {
        return then(Fault.of(Kind.ANOTHER_DEK), 1);
    }

    /**
     * One call is answered under the id of another DEK.
     *
     * @return the longer plan
     */
    public FaultPlan answerWithAnotherDekId() {
        return then(Fault.of(Kind.ANOTHER_DEK_ID), 1);
    }

    /**
     * One call is answered in the name of another KEK. An unwrap is then {@link io.keywrap.InvalidWrappedDekException}.
     *
     * @return the longer plan
     */
    public FaultPlan answerWithAnotherKekId() {
        return then(Fault.of(Kind.ANOTHER_KEK_ID), 1);
    }

    /**
     * One call is answered with a byte too few: a wrap that will never open, or, in place of a DEK,
     * {@link io.keywrap.InvalidWrappedDekException}.
     *
     * @return the longer plan
     */
    public FaultPlan answerTooShort() {
        return then(Fault.of(Kind.WRONG_LENGTH), 1);
    }

    boolean appliesTo(Operation call) {
        return operation.isEmpty() || operation.get() == call;
    }

    List<Fault> steps() {
        return steps;
    }

    private FaultPlan then(Fault fault, int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("a step is for 1 or more calls, not " + calls);
        }
        List<Fault> longer = new ArrayList<>(steps);
        longer.addAll(Collections.nCopies(calls, fault));
        return new FaultPlan(operation, longer);
    }

    /**
     * The steps.
     *
     * @return such as {@code FaultPlan[UNWRAP: 2 steps]}
     */
    @Override
    public String toString() {
        return "FaultPlan[" + operation.map(Enum::name).orElse("every call") + ": " + steps.size() + " steps]";
    }
}
