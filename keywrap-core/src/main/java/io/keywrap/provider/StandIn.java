package io.keywrap.provider;

import java.util.List;
import java.util.Optional;

/**
 * A REPLICA KEK that stands in for CONTROL KEKs in one lease, for as long as they are out of reach: what the lease asks at
 * every use.
 */
final class StandIn {
    private final DekCache cache;
    private final Renewals renewals;
    private final Outages outages;
    private final List<Silent> silent;
    private final CachedDek replica;

    StandIn(DekCache cache, Renewals renewals, Outages outages, List<UnwrapKey> silent, CachedDek replica) {
        this.cache = cache;
        this.renewals = renewals;
        this.outages = outages;
        this.silent =
                silent.stream().map(control -> new Silent(control, cache.now())).toList();
        this.replica = replica;
    }

    /** The REPLICA KEK is asked again only while it is needed. */
    void ensureUsable() {
        boolean needed = false;
        for (Silent each : silent) {
            needed |= isNeededFor(each);
        }
        if (needed) {
            renewals.ensureUsable(replica);
        }
    }

    private boolean isNeededFor(Silent each) {
        UnwrapKey control = each.control;
        if (cache.isOfAnotherVersion(control)) {
            outages.askAndWait(control); // Only it can tell whether that holds for this one.
        }
        cache.requireNoVerdict(control);
        Optional<CachedDek> own = cache.kept(control);
        if (own.isPresent()) {
            renewals.ensureUsable(own.get());
            each.provenAt = own.get().standing().provenAt();
            return false;
        }
        outages.seeTo(control);
        outages.requireInFlight(control, each.provenAt);
        return true;
    }

    /** A CONTROL KEK that was out of reach when the lease was given. */
    private static final class Silent {
        private final UnwrapKey control;
        /** When it has last unwrapped for this lease; before that, when the lease was given. */
        private volatile long provenAt;

        Silent(UnwrapKey control, long givenAt) {
            this.control = control;
            this.provenAt = givenAt;
        }
    }
}
