package io.keywrap.revocation;

import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KekStates;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that is watched, and when each is asked next. Thread-safe; calls nobody but the states of KEKs. */
final class Watches {
    private static final Logger LOG = LoggerFactory.getLogger(Watches.class);
    private static final long LATELY = Duration.ofMinutes(1).toNanos();
    private static final long LONGEST_SCOUTING = Duration.ofSeconds(30).toNanos();
    private static final int LEAST_SILENT = 3;
    private static final long SOON = Duration.ofSeconds(1).toNanos();
    private static final int MOST_LEFT = 100_000;

    private final MonitorOptions options;
    private final RandomGenerator random;
    private final KekStates states;
    private final Map<VersionInUse, Watch> all = new HashMap<>();
    private final Turns turns;
    /** What is not watched any more, and when it was last heard of by then: canaries are no use of a KEK. */
    private final Map<VersionInUse, Instant> left = new LinkedHashMap<>();

    private final Witnesses witnesses;
    private final Queue<ServiceOutage> outages = new ConcurrentLinkedQueue<>();
    private long numbers;
    private volatile double stretch = 1;
    private final AtomicLong changes = new AtomicLong();

    Watches(MonitorOptions options, RandomGenerator random, KekStates states) {
        this.options = options;
        this.random = random;
        this.states = states;
        this.witnesses = new Witnesses(options.callsPerSecond());
        this.turns = new Turns(options);
    }

    /** Watches a version, if it is not watched yet; the first canary comes within the usual time. */
    synchronized Watch watch(VersionInUse version, Place place, long now) {
        Watch known = all.get(version);
        if (known != null && !known.own && !known.asked) {
            return known;
        }
        Watch watch = known == null ? added(version, place, now) : known;
        watch.own = false;
        watch.asked = false;
        long first = now + (long) (random.nextDouble() * options.inUse().toNanos() * stretch);
        if (!watch.flying) {
            service(watch).queue(due(watch, known == null ? first : Math.min(first, known.due)));
        }
        return watch;
    }

    private Watch added(VersionInUse version, Place place, long now) {
        Watch watch = new Watch(version, place, ++numbers);
        watch.usedAt = now;
        all.put(version, watch);
        left.remove(version);
        return watch;
    }

    /** Watches a version that this JVM uses itself, while another monitors the store: it was proven some time ago. */
    synchronized void own(VersionInUse version, Place place, List<String> keychainIds, long provenAgo, long now) {
        Watch known = all.get(version);
        if (known != null && !known.asked) {
            return;
        }
        Watch watch = known == null ? added(version, place, now) : known;
        watch.own = true;
        watch.everUsed = true;
        keychainIds.forEach(watch::candidate);
        if (!watch.flying) {
            long rest = MonitorOptions.jittered(options.idle().toNanos(), false, random);
            long due = Math.max(now, now - provenAgo + (long) (rest * stretch));
            service(watch).queue(due(watch, known == null ? due : Math.min(due, known.due)));
        }
    }

    /** Takes a version for one that is not well, as somebody has said: one canary as soon as the budget allows. */
    synchronized void ask(VersionInUse version, Place place, String keychainId, long now) {
        Watch known = all.get(version);
        Watch watch = known == null ? added(version, place, now) : known;
        watch.candidate(keychainId);
        watch.asked |= known == null;
        if (!watch.flying) {
            service(watch).queue(due(watch, Math.min(known == null ? now : watch.due, now)));
        }
    }

    synchronized Optional<Watch> find(VersionInUse version) {
        return Optional.ofNullable(all.get(version));
    }

    private static Watch due(Watch watch, long when) {
        // Taken out of its place first: the order of what is queued must not change.
        assert !watch.queued;
        watch.due = when;
        return watch;
    }

    private Service service(Watch watch) {
        Service service = service(watch.place.service());
        service.remove(watch);
        return service;
    }

    private Service service(String name) {
        return turns.service(name);
    }

    /** The next one that is due and that the budgets allow; it is under way from now on. */
    synchronized Optional<Watch> take(String sealService, long now) {
        Optional<Watch> next = turns.take(sealService, now);
        next.ifPresent(watch -> {
            service(watch);
            watch.flying = true;
        });
        return next;
    }

    /** Whether a call of another kind may be made; it is counted. */
    synchronized boolean takeCall(String serviceName, long now) {
        return turns.takeCall(serviceName, now);
    }

    /** When there is something to do again. */
    synchronized long nextAt(long now) {
        return turns.nextAt(now);
    }

    /** A canary has come back, or none could be sent. */
    void landed(Watch watch, boolean sent, long now) {
        land(watch, sent, states.of(watch.version.kekId(), watch.version.version(), Operation.UNWRAP), now);
        tellOutages();
    }

    /** No listener is called under the lock; to ask the states how a KEK stands may call one as well. */
    private void tellOutages() {
        for (ServiceOutage outage = outages.poll(); outage != null; outage = outages.poll()) {
            states.announce(outage);
        }
    }

    private synchronized void land(Watch watch, boolean sent, Optional<KekStanding> standing, long now) {
        watch.flying = false;
        if (all.get(watch.version) != watch) {
            return; // Nobody depends on it any more.
        }
        if (sent && standing.isPresent()) {
            watch.probed = true;
            watch.probedAt = now;
            take(watch, standing.get(), true, now);
        }
        boolean settled = sent && watch.reach == KekReach.ANSWERS && watch.state != KekState.SUSPECT;
        boolean hopeless = watch.canary == null && !watch.searching;
        if ((watch.asked && !watch.own && settled)
                || (hopeless && (watch.own ? watch.candidates.isEmpty() : watch.asked))) {
            forget(watch);
            return;
        }
        schedule(watch, now);
        if (watch.searching) { // Some at a time, so that others have their turns.
            service(watch).queue(due(watch, Math.min(watch.due, now + SOON)));
        }
        Service service = service(watch.place.service());
        if (sent && service.isDark() && watch.reach == KekReach.ANSWERS) {
            lighten(service, watch, now);
        }
    }

    private void take(Watch watch, KekStanding standing, boolean afterProbe, long now) {
        KekState before = watch.state;
        watch.take(standing, afterProbe);
        if (before != watch.state) {
            changes.incrementAndGet();
        }
        if (watch.isSuspect() && (before != watch.state || afterProbe)) { // As long as it is held back.
            for (Watch witness : witnesses.of(watch, all.values(), now)) {
                // Ahead of all that is due, since a denial is confirmed soon.
                service(witness).queue(due(witness, Math.min(witness.due, now) - LATELY));
            }
        }
    }

    private void schedule(Watch watch, long now) {
        long rest = restNanos(watch, now);
        Service service = service(watch);
        boolean hasten = watch.isSuspect() || service.isDark();
        long meant = service.isDark() ? Math.min(rest, LONGEST_SCOUTING) : rest;
        long jittered = MonitorOptions.jittered((long) (meant * (hasten ? 1 : stretch)), watch.isSuspect(), random);
        service.queue(due(watch, now - Math.min(watch.lastTook, meant / 2) + jittered));
    }

    private long restNanos(Watch watch, long now) {
        long rest = options.restNanos(watch.state, watch.reach, watch.alike, watch.isUsed(now));
        return watch.own && !watch.isSuspect() ? Math.max(rest, usualNanos(watch, now)) : rest;
    }

    /** How long it is not asked as long as it is well. */
    private long usualNanos(Watch watch, long now) {
        return (watch.own || !watch.isUsed(now) ? options.idle() : options.inUse()).toNanos();
    }

    private void lighten(Service service, Watch answered, long now) {
        List<Watch> waited = service.lighten();
        for (Watch watch : waited) { // Not all at once.
            long spread = (long) (random.nextDouble() * options.inUse().toNanos() * stretch);
            service.queue(due(watch, now + spread));
        }
        LOG.warn("{} answers again", service.name);
        outages.add(new ServiceOutage(answered.version.kekId(), service.name, waited.size(), true));
    }

    private void forget(Watch watch) {
        service(watch).drop(watch);
        all.remove(watch.version);
        if (watch.heardAt != null) {
            left.put(watch.version, watch.heardAt);
            if (left.size() > MOST_LEFT) {
                left.remove(left.keySet().iterator().next());
            }
        }
    }

    /** Forgets what is not meant. */
    synchronized void retain(Predicate<Watch> kept) {
        for (Watch watch : List.copyOf(all.values())) {
            if (!kept.test(watch)) {
                forget(watch);
            }
        }
    }

    /** Those that this JVM has itself used lately, or was asked for. */
    synchronized void retainUsed(long now) {
        retain(watch -> watch.asked || (watch.everUsed && watch.isUsed(now)));
    }

    /** Another monitors the store now: what is left is what this JVM uses itself, and was asked for. */
    synchronized void leave(long now) {
        retainUsed(now);
        all.values().stream().filter(watch -> !watch.asked).forEach(watch -> watch.own = true);
    }

    /** Which versions this JVM has itself used lately, and does not watch. */
    synchronized List<VersionInUse> usedAndNotWatched(Collection<KekStanding> standings, Instant wall) {
        Instant lately = wall.minus(MonitorOptions.IDLE_AFTER);
        return standings.stream()
                .filter(one -> one.operation() == Operation.UNWRAP)
                .filter(one -> one.provenAt().filter(lately::isBefore).isPresent())
                .filter(one -> !one.heardAt().equals(left.get(new VersionInUse(one.kekId(), one.version()))))
                .map(one -> new VersionInUse(one.kekId(), one.version()))
                .filter(version -> !all.containsKey(version) || (all.get(version).asked && !all.get(version).own))
                .toList();
    }

    /** Forgets what this JVM alone has used, and does not use any more. */
    synchronized void retainOwnInUse(long now) {
        retain(watch -> !watch.own || watch.isUsed(now));
    }

    synchronized List<Watch> all() {
        return List.copyOf(all.values());
    }

    /** How often one of them has changed. */
    long changes() {
        return changes.get();
    }

    synchronized int size() {
        return all.size();
    }

    /** How much longer than meant KEKs are not asked, so that the budget is kept. */
    double stretch() {
        return stretch;
    }

    /**
     * Hears what others have asked meanwhile: their calls are as good as canaries.
     *
     * @return which are suspect and not watched
     */
    synchronized List<VersionInUse> hear(Collection<KekStanding> standings, long now) {
        List<VersionInUse> suspect = new ArrayList<>();
        for (KekStanding standing : standings) {
            if (standing.operation() != Operation.UNWRAP) {
                continue;
            }
            VersionInUse version = new VersionInUse(standing.kekId(), standing.version());
            Watch watch = all.get(version);
            if (watch == null) {
                if (standing.state() == KekState.SUSPECT && standing.reach() == KekReach.ANSWERS) {
                    suspect.add(version);
                }
            } else if (!watch.flying && !standing.heardAt().equals(watch.heardAt)) {
                hear(watch, standing, now);
            } else if (!watch.flying && standing.state() != watch.state) { // Such as a deletion whose day has passed.
                take(watch, standing, false, now);
                schedule(watch, now);
            }
        }
        return suspect;
    }

    private void hear(Watch watch, KekStanding standing, long now) {
        KekState state = watch.state;
        KekReach reach = watch.reach;
        watch.usedAt = now;
        watch.everUsed = true;
        take(watch, standing, false, now);
        if (state != watch.state || reach != watch.reach) {
            schedule(watch, now);
        } else if (watch.state == KekState.ACTIVE
                && reach == KekReach.ANSWERS
                && standing.ownFailure().isEmpty()
                && watch.due - now < usualNanos(watch, now) / 2) {
            schedule(watch, now);
        }
    }

    /** Others have used these, as they say. */
    synchronized void used(Predicate<VersionInUse> which, long now) {
        for (Watch watch : all.values()) {
            if (which.test(watch.version)) {
                watch.usedAt = now;
                if (!watch.flying && watch.due - now > options.inUse().toNanos() * stretch && watch.isWell()) {
                    schedule(watch, now);
                }
            }
        }
    }

    /** Sees whether the budget is enough, and whether a service is out of reach. */
    void survey(long now) {
        count(now);
        tellOutages();
    }

    private synchronized void count(long now) {
        turns.services().forEach(service -> service.demand = 0);
        Map<Service, int[]> answers = new HashMap<>();
        double demand = 0;
        for (Watch watch : all.values()) {
            Service service = service(watch.place.service());
            double perSecond = 1e9 / usualNanos(watch, now);
            service.demand += perSecond;
            demand += perSecond;
            if (watch.probed && now - watch.probedAt <= LATELY) {
                int[] counted = answers.computeIfAbsent(service, key -> new int[2]);
                counted[0]++;
                counted[1] += watch.reach == KekReach.UNREACHABLE ? 1 : 0;
            }
        }
        stretch = turns.stretchFor(demand, all.size());
        answers.forEach((service, counted) -> {
            if (!service.isDark() && counted[1] >= LEAST_SILENT && counted[1] * 2 > counted[0]) {
                darken(service, counted[1]);
            }
        });
    }

    private void darken(Service service, int silent) {
        service.darken();
        KekId one = all.values().stream()
                .filter(watch -> watch.place.service().equals(service.name) && watch.reach == KekReach.UNREACHABLE)
                .map(watch -> watch.version.kekId())
                .findFirst()
                .orElseThrow();
        LOG.warn("{} does not answer for {} KEKs: only a few are asked until one does", service.name, silent);
        outages.add(new ServiceOutage(one, service.name, silent, false));
    }
}
