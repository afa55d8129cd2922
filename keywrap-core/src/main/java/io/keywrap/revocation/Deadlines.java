package io.keywrap.revocation;

import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KekStates;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of days on which a KEK ends: as soon as they are known, and again as they come near. For one thread at a time. */
final class Deadlines {
    private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);
    private static final List<Duration> BEFORE =
            List.of(Duration.ofDays(7), Duration.ofDays(3), Duration.ofDays(1), Duration.ofHours(1));

    private final KekStates states;
    private Map<Day, Integer> told = new HashMap<>();

    Deadlines(KekStates states) {
        this.states = states;
    }

    private record Day(VersionInUse version, Ending ending, Instant deadline) {}

    /** Looks at all days that are known. */
    void check(
            Collection<KekStanding> standings,
            Collection<Watch> watches,
            Map<KekId, Instant> expiries,
            Tally tally,
            Instant now) {
        if (tally.keychains() == 0) {
            return; // What depends on a KEK is not known yet.
        }
        Map<Day, Integer> still = new HashMap<>();
        Map<VersionInUse, Watch> byVersion = new HashMap<>();
        watches.forEach(watch -> byVersion.put(watch.version, watch));
        for (KekStanding standing : standings) {
            Watch watch = byVersion.get(new VersionInUse(standing.kekId(), standing.version()));
            Optional<Instant> deletion = standing.deletion();
            if (deletion.isPresent() && watch != null && standing.operation() == Operation.UNWRAP) {
                Ending ending = isLast(watch, watches) ? Ending.LAST_VERSION : Ending.DELETION;
                tell(
                        new Day(watch.version, ending, deletion.get()),
                        new int[] {watch.keychains, watch.deks},
                        now,
                        still);
            }
        }
        expiries.forEach((kekId, expires) ->
                tell(new Day(new VersionInUse(kekId, ""), Ending.EXPIRY, expires), tally.of(kekId), now, still));
        told = still;
    }

    /** Whether every other version of the KEK that is in use is of no use any more. */
    private static boolean isLast(Watch watch, Collection<Watch> watches) {
        List<Watch> others = watches.stream()
                .filter(one -> one != watch && one.version.kekId().equals(watch.version.kekId()))
                .toList();
        return !others.isEmpty() && others.stream().allMatch(one -> one.state.compareTo(KekState.REVOKED) >= 0);
    }

    private void tell(Day day, int[] dependents, Instant now, Map<Day, Integer> still) {
        Duration left = Duration.between(now, day.deadline());
        if (left.isNegative() || left.isZero()) {
            return;
        }
        int level = (int)
                BEFORE.stream().filter(before -> left.compareTo(before) <= 0).count();
        int before = told.getOrDefault(day, -1);
        still.put(day, Math.max(level, before));
        if (level > before) {
            LOG.warn(
                    "KEK {}, version '{}': {} on {}; {} keychains with {} DEKs depend on it",
                    day.version().kekId(),
                    day.version().version(),
                    day.ending(),
                    day.deadline(),
                    dependents[0],
                    dependents[1]);
            states.announce(new DeadlineNear(
                    day.version().kekId(),
                    day.version().version(),
                    day.ending(),
                    day.deadline(),
                    dependents[0],
                    dependents[1]));
        }
    }
}
