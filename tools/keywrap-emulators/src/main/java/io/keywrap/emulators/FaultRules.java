package io.keywrap.emulators;

import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The faults to come. Of those that fit a request the one that was asked for first happens. */
final class FaultRules {
    private final TimeSource time;
    private final List<Rule> rules = new ArrayList<>();

    FaultRules(TimeSource time) {
        this.time = time;
    }

    synchronized void add(AwsFault fault, int requests) {
        if (requests < 1) {
            throw new IllegalArgumentException("a fault is for 1 or more requests, not " + requests);
        }
        rules.add(new Rule(fault, requests, Optional.empty()));
    }

    synchronized void add(AwsFault fault, Duration phase) {
        rules.add(new Rule(fault, Integer.MAX_VALUE, Optional.of(time.nanoTime() + phase.toNanos())));
    }

    synchronized void addForGood(AwsFault fault) {
        rules.add(new Rule(fault, Integer.MAX_VALUE, Optional.empty()));
    }

    synchronized void clear() {
        rules.clear();
    }

    synchronized Optional<AwsFault> next(KmsRequest request) {
        long now = time.nanoTime();
        rules.removeIf(rule -> rule.end.filter(end -> end - now <= 0).isPresent());
        Optional<Rule> first =
                rules.stream().filter(rule -> rule.fault.matches(request)).findFirst();
        first.ifPresent(rule -> {
            if (rule.remaining != Integer.MAX_VALUE && --rule.remaining == 0) {
                rules.remove(rule);
            }
        });
        return first.map(rule -> rule.fault);
    }

    private static final class Rule {
        final AwsFault fault;
        final Optional<Long> end;
        int remaining;

        Rule(AwsFault fault, int remaining, Optional<Long> end) {
            this.fault = fault;
            this.remaining = remaining;
            this.end = end;
        }
    }
}
