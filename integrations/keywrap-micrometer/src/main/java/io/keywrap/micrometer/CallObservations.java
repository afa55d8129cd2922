package io.keywrap.micrometer;

import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.micrometer.core.instrument.Tags;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One observation for each attempt, current in the thread that makes it. Calls may nest, where a KMS is reached by way of
 * another; whatever a handler throws, the thread is left as it was.
 */
final class CallObservations {
    private static final String NAME = "keywrap.kek.attempt";

    private final ObservationRegistry registry;
    private final CallTags tags;

    @SuppressWarnings("ThreadLocalUsage") // Each listener has its own, empty but during calls.
    private final ThreadLocal<Deque<Running>> running = new ThreadLocal<>();

    CallObservations(ObservationRegistry registry, CallTags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    void begin(CallBegun call) {
        if (registry.isNoop()) {
            return;
        }
        Tags known = tags.of(call);
        Observation observation = Observation.createNotStarted(NAME, registry)
                .contextualName(known.stream()
                        .filter(tag -> tag.getKey().equals("operation"))
                        .findFirst()
                        .map(tag -> tag.getValue() + " " + call.kekId().scheme())
                        .orElse(NAME));
        add(observation, known);
        if (tags.withKekId()) {
            observation.highCardinalityKeyValue(CallTags.KEK, call.kekId().uri());
        }
        Observation.@Nullable Scope before = registry.getCurrentObservationScope();
        try {
            observation.start();
            push(new Running(call, observation, observation.openScope(), before));
        } catch (RuntimeException | Error e) {
            abandon(observation, before, e);
            throw e;
        }
    }

    void end(CallEnded call) {
        CallBegun begun = new CallBegun(call.kekId(), call.operation(), call.purpose());
        Deque<Running> calls = running.get();
        if (calls == null || calls.stream().noneMatch(each -> each.call().equals(begun))) {
            return; // Its beginning could not be told.
        }
        Running ended = calls.pop();
        while (!ended.call().equals(begun)) {
            stop(ended); // Its end was never told.
            ended = calls.pop();
        }
        if (calls.isEmpty()) {
            running.remove();
        }
        finish(ended, call);
    }

    private void finish(Running ended, CallEnded call) {
        try {
            add(ended.observation(), tags.result(call));
            call.failure().ifPresent(ended.observation()::error);
        } finally {
            stop(ended);
        }
    }

    private void stop(Running ended) {
        try {
            ended.scope().close();
        } finally {
            registry.setCurrentObservationScope(ended.before());
            ended.observation().stop();
        }
    }

    /** Of an observation that has begun only in part. */
    @SuppressWarnings("ReferenceEquality")
    private void abandon(Observation observation, Observation.@Nullable Scope before, Throwable failure) {
        try {
            Observation.@Nullable Scope opened = registry.getCurrentObservationScope();
            if (opened != null && opened != before) {
                opened.close();
            }
            observation.stop();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        } finally {
            registry.setCurrentObservationScope(before);
        }
    }

    private void push(Running call) {
        Deque<Running> calls = running.get();
        if (calls == null) {
            calls = new ArrayDeque<>(2);
            running.set(calls);
        }
        calls.push(call);
    }

    private static void add(Observation observation, Tags tags) {
        tags.forEach(tag -> observation.lowCardinalityKeyValue(tag.getKey(), tag.getValue()));
    }

    /** Whether this thread is left as if there had never been a call. */
    boolean nothingIsLeftHere() {
        return running.get() == null;
    }

    private record Running(
            CallBegun call, Observation observation, Observation.Scope scope, Observation.@Nullable Scope before) {}
}
