package io.keywrap.rewrap;

import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what has come of a run so far. Thread-safe, and bounded. */
final class Tally {
    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private final List<Item> items = new ArrayList<>();
    private final Set<String> failedKeychains = new HashSet<>();
    private long moreItems;
    private long keychains;
    private long deksSeen;

    /** Something went well, or needed nothing. */
    synchronized void add(Outcome outcome, long times) {
        if (times > 0) {
            outcomes.merge(outcome, times, Long::sum);
        }
    }

    /** Something did not. */
    synchronized void add(Item item) {
        add(item.outcome(), 1);
        if (items.size() < RewrapReport.MOST_ITEMS) {
            items.add(item);
            failedKeychains.add(item.keychainId());
        } else {
            moreItems++;
        }
    }

    synchronized void looked(int deks) {
        keychains++;
        deksSeen += deks;
    }

    /** Whether something of a keychain has failed in this run, as far as that is known one by one. */
    synchronized boolean hasFailed(String keychainId) {
        return failedKeychains.contains(keychainId);
    }

    synchronized long done() {
        return outcomes.entrySet().stream()
                .filter(pair -> !pair.getKey().isFailure())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    synchronized long failed() {
        return outcomes.entrySet().stream()
                .filter(pair -> pair.getKey().isFailure())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    synchronized long keychains() {
        return keychains;
    }

    synchronized long deksSeen() {
        return deksSeen;
    }

    synchronized Map<Outcome, Long> outcomes() {
        return Map.copyOf(outcomes);
    }

    synchronized List<Item> items() {
        return List.copyOf(items);
    }

    synchronized long moreItems() {
        return moreItems;
    }
}
