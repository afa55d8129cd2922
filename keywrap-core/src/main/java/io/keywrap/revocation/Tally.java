package io.keywrap.revocation;

import io.keywrap.KekId;
import io.keywrap.revocation.KekInventory.Use;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what depends on each version of a KEK, a record at a time, in memory that grows with the KEKs alone. */
final class Tally {
    private static final int MOST_CANDIDATES = 3;

    private final Map<VersionInUse, Entry> versions = new HashMap<>();
    private final Map<KekId, int[]> keks = new HashMap<>();
    private int keychains;

    /** What depends on one version. */
    static final class Entry {
        private final Map<Role, Count> counts = new EnumMap<>(Role.class);
        /** Keychains with a wrap in a role that is watched. */
        private final List<String> candidates = new ArrayList<>(1);

        /** Whether it is watched already. */
        boolean known;

        boolean isWatched() {
            return counts.containsKey(Role.CONTROL) || counts.containsKey(Role.REPLICA);
        }

        List<String> candidates() {
            return candidates;
        }

        /** Over all roles; no DEK has two wraps under one KEK. */
        int deks() {
            return counts.values().stream().mapToInt(count -> count.deks).sum();
        }

        int keychains() {
            return counts.values().stream().mapToInt(count -> count.keychains).sum();
        }
    }

    /** What depends on one version in one role. */
    private static final class Count {
        private int keychains;
        private int deks;
    }

    void add(KeychainRecord record, boolean mayBeCandidate) {
        keychains++;
        Set<KekId> ofThis = new HashSet<>();
        Map<VersionInUse, Set<Role>> seen = new HashMap<>();
        for (DekEntry dek : record.deks()) {
            for (Wrap wrap : dek.wraps()) {
                KekId kekId = wrap.wrapped().kekId();
                VersionInUse version = new VersionInUse(kekId, wrap.wrapped().kekVersion());
                Entry entry = versions.computeIfAbsent(version, key -> new Entry());
                Count count = entry.counts.computeIfAbsent(wrap.role(), key -> new Count());
                count.deks++;
                boolean first =
                        seen.computeIfAbsent(version, key -> new HashSet<>()).add(wrap.role());
                count.keychains += first ? 1 : 0;
                if (mayBeCandidate
                        && first
                        && wrap.role() != Role.RETAINED
                        && entry.candidates.size() < MOST_CANDIDATES) {
                    entry.candidates.add(record.keychainId());
                }
                int[] ofKek = keks.computeIfAbsent(kekId, key -> new int[2]);
                ofKek[0] += ofThis.add(kekId) ? 1 : 0;
                ofKek[1]++;
            }
        }
    }

    int keychains() {
        return keychains;
    }

    Map<VersionInUse, Entry> versions() {
        return versions;
    }

    /** How many keychains and DEKs depend on a KEK, whatever its versions. */
    int[] of(KekId kekId) {
        return keks.getOrDefault(kekId, new int[2]);
    }

    List<Use> uses() {
        List<Use> uses = new ArrayList<>();
        versions.forEach((version, entry) -> entry.counts.forEach((role, count) ->
                uses.add(new Use(version.kekId(), version.version(), role, count.keychains, count.deks))));
        uses.sort(Comparator.comparing((Use use) -> use.kekId().uri())
                .thenComparing(Use::version)
                .thenComparing(Use::role));
        return List.copyOf(uses);
    }
}
