package io.keywrap.revocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What fails together: its watches, in order of when they are due, and how often it may be asked. Guarded by {@link Watches}. */
final class Service {
    private static final int SCOUTS = 3;

    final String name;
    final Budget budget;
    private final TreeSet<Watch> regular = new TreeSet<>();
    /** Those that are suspect, by their owners. */
    private final Map<String, TreeSet<Watch>> urgent = new HashMap<>();
    /** While the service is dark: those that wait until it is not. */
    private final Set<Watch> parked = new HashSet<>();

    private final Set<Watch> scouts = new HashSet<>();
    private boolean dark;
    double demand;

    Service(String name, int callsPerSecond) {
        this.name = name;
        this.budget = new Budget(callsPerSecond);
    }

    boolean isDark() {
        return dark;
    }

    void queue(Watch watch) {
        remove(watch);
        if (dark && !scouts.contains(watch) && scouts.size() < SCOUTS) {
            scouts.add(watch);
        }
        if (dark && !scouts.contains(watch)) {
            parked.add(watch);
        } else {
            watch.queued = true;
            if (watch.isSuspect()) {
                urgent.computeIfAbsent(watch.owner(), key -> new TreeSet<>()).add(watch);
            } else {
                regular.add(watch);
            }
        }
    }

    void remove(Watch watch) {
        if (watch.queued) {
            regular.remove(watch);
            TreeSet<Watch> ofOwner = urgent.get(watch.owner());
            if (ofOwner != null && ofOwner.remove(watch) && ofOwner.isEmpty()) {
                urgent.remove(watch.owner());
            }
            watch.queued = false;
        }
        parked.remove(watch);
    }

    /** Forgets it for good; another asks in its place, lest nobody does. */
    void drop(Watch watch) {
        remove(watch);
        if (scouts.remove(watch) && !parked.isEmpty()) {
            queue(parked.iterator().next());
        }
    }

    Optional<Watch> due(long now) {
        return regular.isEmpty() || regular.first().due > now ? Optional.empty() : Optional.of(regular.first());
    }

    /** The first of each owner who has one that is suspect, whether it is due or not. */
    List<Watch> suspects() {
        return urgent.values().stream().map(TreeSet::first).toList();
    }

    /** When the first of all is due; never, if there is none. */
    long nextDue() {
        long first = regular.isEmpty() ? Long.MAX_VALUE : regular.first().due;
        return urgent.values().stream()
                .mapToLong(ofOwner -> ofOwner.first().due)
                .reduce(first, Math::min);
    }

    /** Only a few go on asking. */
    void darken() {
        dark = true;
        List<Watch> waiting = new ArrayList<>();
        urgent.values().forEach(waiting::addAll);
        waiting.addAll(regular);
        waiting.forEach(this::queue);
    }

    /** Who waited until it is light again. */
    List<Watch> lighten() {
        dark = false;
        scouts.clear();
        List<Watch> waited = new ArrayList<>(parked);
        parked.clear();
        return waited;
    }
}
