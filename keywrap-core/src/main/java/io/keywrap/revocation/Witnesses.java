package io.keywrap.revocation;

import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KekStates;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is asked when a KEK is denied, so that it is known before the denial is confirmed whether the fault is ours: the vendor's
 * own KEK, and a few of owners who have nothing in common with the one that is denied. Guarded by its {@link Watches}.
 */
final class Witnesses {
    /** At least: so that two more owners who are denied are the majority, and one who is denied alone is not. */
    private static final int OWNERS = 4;

    private final int most;
    private @Nullable Long lastCalledAt;

    /** So many more than the least may be asked within the time of a confirmation as calls may be made in a second. */
    Witnesses(int callsPerSecond) {
        this.most = OWNERS + callsPerSecond;
    }

    /**
     * Those who can tell of a denial that was heard just now; nobody if some were asked a moment ago. As many owners as are
     * denied, and one: so one who has many accounts, or some who conspire, cannot pass for a mistake of ours.
     */
    List<Watch> of(Watch denied, Collection<Watch> all, long now) {
        if (lastCalledAt != null && now - lastCalledAt < KekStates.CONFIRMATION.toNanos()) {
            return List.of();
        }
        lastCalledAt = now;
        List<Watch> witnesses = new ArrayList<>();
        Set<String> owners = new HashSet<>();
        owners.add(denied.place.owner());
        int wanted = Math.min(most, Math.max(OWNERS, 1 + suspectOwners(all)));
        for (Watch watch : all) {
            boolean canTell = watch != denied
                    && !watch.flying
                    && watch.state == KekState.ACTIVE // Who is suspect is asked soon; who was revoked tells nothing.
                    && watch.mayBeAsked()
                    && watch.reach == KekReach.ANSWERS
                    && watch.version
                            .kekId()
                            .scheme()
                            .equals(denied.version.kekId().scheme());
            if (canTell && (watch.ofSeal || (owners.size() <= wanted && owners.add(watch.place.owner())))) {
                witnesses.add(watch);
            }
        }
        return witnesses;
    }

    private static int suspectOwners(Collection<Watch> all) {
        Set<String> owners = new HashSet<>();
        for (Watch watch : all) {
            if (watch.isSuspect()) {
                owners.add(watch.version.kekId().scheme() + ':' + watch.place.owner());
            }
        }
        return owners.size();
    }
}
