package io.keywrap.revocation;

import io.keywrap.KekId;
import io.keywrap.revocation.KekInventory.Use;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.ArrayList;
import java.util.Comparator;
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
        private final int[] keychains = new int[Role.values().length];
        private final int[] deks = new int[Role.values().length];
        /** Keychains with a wrap in a role that is watched. */
        private final List<String> candidates = new ArrayList<>(1);

        /** Whether it is watched already. */
        boolean known;

        boolean isWatched() {
            return deks[Role.CONTROL.ordinal()] + deks[Role.REPLICA.ordinal()] > 0;
        }

        List<String> candidates() {
            return candidates;
        }

        /** Over all roles; no DEK has two wraps under one KEK. */
        int deks() {
            return deks[0] + deks[1] + deks[2];
        }

        int keychains() {
            return keychains[0] + keychains[1] + keychains[2];
        }
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
                int role = wrap.role().ordinal();
                entry.deks[role]++;
                boolean first =
                        seen.computeIfAbsent(version, key -> new HashSet<>()).add(wrap.role());
                entry.keychains[role] += first ? 1 : 0;
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
        versions.forEach((version, entry) -> {
            for (Role role : Role.values()) {
                if (entry.deks[role.ordinal()] > 0) {
                    uses.add(new Use(
                            version.kekId(),
                            version.version(),
                            role,
                            entry.keychains[role.ordinal()],
                            entry.deks[role.ordinal()]));
                }
            }
        });
        uses.sort(Comparator.comparing((Use use) -> use.kekId().uri())
                .thenComparing(Use::version)
                .thenComparing(Use::role));
        return List.copyOf(uses);
    }
}
