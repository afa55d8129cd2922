package io.keywrap.revocation;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is asked next, within the budgets. Of those that are suspect the owners take turns, so that one who has thousands of KEKs
 * holds up nobody. Guarded by its {@link Watches}.
 */
final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);
    private static final int NOTICEABLY = 110;

    private final MonitorOptions options;
    private final Map<String, Service> services = new HashMap<>();
    private final Budget overall;
    private final Budget urgent;
    /** In which turn each owner was last asked as a suspect; of those that are suspect now. */
    private final Map<String, Long> served = new HashMap<>();

    private long turn;
    private boolean toldOfStretch;

    Turns(MonitorOptions options) {
        this.options = options;
        this.overall = new Budget(options.callsPerSecond());
        this.urgent = new Budget(Math.max(1, options.callsPerSecond() / 2));
    }

    Service service(String name) {
        return services.computeIfAbsent(name, key -> new Service(key, options.callsPerSecondOfService()));
    }

    Collection<Service> services() {
        return services.values();
    }

    /** The next one that is due and that the budgets allow; its calls are counted. */
    Optional<Watch> take(String sealService, long now) {
        Optional<Watch> confirmed = urgent.allows(now, 1) ? nextSuspect(sealService, now) : Optional.empty();
        Optional<Watch> next = confirmed.or(() -> first(sealService, now)).or(() -> nextSuspect(sealService, now));
        next.ifPresent(watch -> {
            if (watch.isSuspect()) {
                urgent.take(now);
                served.put(watch.owner(), ++turn);
            }
            count(watch.place.service(), now);
            if (watch.needsSeal()) { // The seal of its record is checked first, by a call of the vendor's KEK.
                count(sealService, now);
            }
        });
        return next;
    }

    private void count(String serviceName, long now) {
        service(serviceName).budget.take(now);
        overall.take(now);
    }

    private Optional<Watch> nextSuspect(String sealService, long now) {
        Watch best = null;
        boolean none = true;
        for (Service service : services.values()) {
            for (Watch watch : service.suspects()) {
                none = false;
                if (watch.due <= now
                        && (best == null || isBefore(watch, best))
                        && allows(service, watch, sealService, now)) {
                    best = watch;
                }
            }
        }
        if (none) {
            served.clear();
        }
        return Optional.ofNullable(best);
    }

    private boolean isBefore(Watch one, Watch other) {
        int byTurn = Long.compare(served.getOrDefault(one.owner(), 0L), served.getOrDefault(other.owner(), 0L));
        return byTurn != 0 ? byTurn < 0 : one.compareTo(other) < 0;
    }

    private Optional<Watch> first(String sealService, long now) {
        Watch best = null;
        for (Service service : services.values()) {
            Watch watch = service.due(now).orElse(null);
            if (watch != null
                    && (best == null || watch.compareTo(best) < 0)
                    && allows(service, watch, sealService, now)) {
                best = watch;
            }
        }
        return Optional.ofNullable(best);
    }

    private boolean allows(Service service, Watch watch, String sealService, long now) {
        int calls = watch.needsSeal() ? 2 : 1;
        boolean same = service.name.equals(sealService);
        return overall.allows(now, calls)
                && service.budget.allows(now, same ? calls : 1)
                && (calls == 1
                        || same
                        || services.get(sealService) == null
                        || services.get(sealService).budget.allows(now, 1));
    }

    /** Whether a call of another kind may be made; it is counted. */
    boolean takeCall(String serviceName, long now) {
        Service service = service(serviceName);
        if (service.isDark() || !overall.allows(now, 1) || !service.budget.allows(now, 1)) {
            return false;
        }
        count(serviceName, now);
        return true;
    }

    /** When there is something to do again. */
    long nextAt(long now) {
        long next = Long.MAX_VALUE;
        for (Service service : services.values()) {
            long due = service.nextDue();
            if (due != Long.MAX_VALUE) {
                next = Math.min(next, Math.max(due, service.budget.freeAt(now, 1)));
            }
        }
        return next == Long.MAX_VALUE ? next : Math.max(next, overall.freeAt(now, 1));
    }

    /** How much longer than meant KEKs are not asked if so many calls a second of all are wanted, and of each service. */
    double stretchFor(double demand, int versions) {
        double needed = Math.max(1, demand / overall.regular());
        for (Service service : services.values()) {
            needed = Math.max(needed, service.demand / service.budget.regular());
        }
        boolean noticeable = needed * 100 >= NOTICEABLY;
        if (noticeable && !toldOfStretch) {
            LOG.warn(
                    "{} versions of KEKs are more than {} calls a second can watch: each that is used is asked every {}"
                            + " instead of every {}; to do: raise callsPerSecond if the quotas of the KMS allow it",
                    versions,
                    options.callsPerSecond(),
                    Duration.ofSeconds((long) (options.inUse().toSeconds() * needed)),
                    options.inUse());
        }
        toldOfStretch = noticeable;
        return needed;
    }
}
