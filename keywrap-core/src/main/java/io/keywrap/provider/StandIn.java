package io.keywrap.provider;

import io.keywrap.KekException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        Optional<CachedDek> own = cache.kept(control);
        boolean ofAnother = cache.isOfAnotherVersion(control);
        if (ofAnother && own.isEmpty()) {
            each.asked(cache.now(), outages.askAndWait(control)); // It alone can tell whether that holds for this one.
            own = cache.kept(control);
        }
        if (own.isEmpty() || !ofAnother) { // What is kept goes on until its deadline, as without a REPLICA KEK.
            cache.requireNoVerdict(control);
        }
        if (own.isPresent()) {
            renewals.ensureUsable(own.get());
            each.unwrapped(own.get().standing().provenAt());
            return false;
        }
        outages.seeTo(each);
        outages.requireInFlight(each);
        return true;
    }

    /** A CONTROL KEK that was out of reach when the lease was given. */
    static final class Silent {
        private final UnwrapKey control;
        /** When it has last unwrapped for this lease; before that, when the lease was given. */
        private volatile long provenAt;
        /** When it was last asked for this lease, and what it has said, if that was that its wrap is of no use. */
        private volatile long askedAt;

        private volatile @Nullable KekException answer;

        Silent(UnwrapKey control, long givenAt) {
            this.control = control;
            this.provenAt = givenAt;
            this.askedAt = givenAt;
        }

        UnwrapKey control() {
            return control;
        }

        long provenAt() {
            return provenAt;
        }

        long askedAt() {
            return askedAt;
        }

        @Nullable
        KekException answer() {
            return answer;
        }

        private void unwrapped(long at) {
            provenAt = at;
            askedAt = at;
            answer = null;
        }

        /** It was asked, and has unwrapped, or refused, or been out of reach, which leaves what it has said before. */
        void asked(long at, @Nullable KekException failure) {
            if (failure == null || !failure.retryable()) {
                answer = failure;
            }
            askedAt = at;
        }
    }
}
