package io.keywrap.emulators;

import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The faults to come. Of those that fit a request the one that was asked for first happens. */
final class FaultRules<F> {
    private final TimeSource time;
    private final List<Rule<F>> rules = new ArrayList<>();

    FaultRules(TimeSource time) {
        this.time = time;
    }

    synchronized void add(F fault, int requests) {
        if (requests < 1) {
            throw new IllegalArgumentException("a fault is for 1 or more requests, not " + requests);
        }
        rules.add(new Rule<>(fault, requests, Optional.empty()));
    }

    synchronized void add(F fault, Duration phase) {
        rules.add(new Rule<>(fault, Integer.MAX_VALUE, Optional.of(time.nanoTime() + phase.toNanos())));
    }

    synchronized void addForGood(F fault) {
        rules.add(new Rule<>(fault, Integer.MAX_VALUE, Optional.empty()));
    }

    synchronized void clear() {
        rules.clear();
    }

    synchronized Optional<F> next(Predicate<F> fits) {
        long now = time.nanoTime();
        rules.removeIf(rule -> rule.end.filter(end -> end - now <= 0).isPresent());
        Optional<Rule<F>> first =
                rules.stream().filter(rule -> fits.test(rule.fault)).findFirst();
        first.ifPresent(rule -> {
            if (rule.remaining != Integer.MAX_VALUE && --rule.remaining == 0) {
                rules.remove(rule);
            }
        });
        return first.map(rule -> rule.fault);
    }

    private static final class Rule<F> {
        final F fault;
        final Optional<Long> end;
        int remaining;

        Rule(F fault, int remaining, Optional<Long> end) {
            this.fault = fault;
            this.remaining = remaining;
            this.end = end;
        }
    }
}
