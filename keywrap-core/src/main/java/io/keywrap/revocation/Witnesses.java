package io.keywrap.revocation;

import io.keywrap.provider.KekReach;
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
    /** So that two more owners who are denied are the majority, and one who is denied alone is not. */
    private static final int OWNERS = 4;

    private @Nullable Long lastCalledAt;

    /** Those who can tell of a denial that was heard just now; nobody if some were asked a moment ago. */
    List<Watch> of(Watch denied, Collection<Watch> all, long now) {
        if (lastCalledAt != null && now - lastCalledAt < KekStates.CONFIRMATION.toNanos()) {
            return List.of();
        }
        lastCalledAt = now;
        List<Watch> witnesses = new ArrayList<>();
        Set<String> owners = new HashSet<>();
        owners.add(denied.place.owner());
        for (Watch watch : all) {
            boolean canTell = watch != denied
                    && !watch.flying
                    && !watch.isSuspect() // It is asked soon as it is.
                    && watch.reach == KekReach.ANSWERS
                    && watch.version
                            .kekId()
                            .scheme()
                            .equals(denied.version.kekId().scheme());
            if (canTell && (watch.ofSeal || (owners.size() <= OWNERS && owners.add(watch.place.owner())))) {
                witnesses.add(watch);
            }
        }
        return witnesses;
    }
}
