package io.keywrap.rewrap;

import io.keywrap.codec.Json;
import io.keywrap.rewrap.Dependents.Count;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Dependents.Slot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what depends on a KEK, for machines. */
final class DependentsJson {
    private DependentsJson() {}

    static String of(Dependents dependents, DependentsTally tally) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kek", dependents.kekId().uri());
        map.put("version", dependents.version());
        map.put("safeToDelete", dependents.safeToDelete());
        map.put("neededToOpen", dependents.neededToOpen());
        map.put("reasons", dependents.reasons());
        map.put("lookedAt", ordered("keychains", tally.lookedAt(), "slots", tally.slotsLookedAt()));
        map.put("counts", counts(tally));
        map.put("untoldVersions", tally.untold());
        map.put("versions", List.copyOf(dependents.versions()));
        map.put("keychainCount", dependents.keychainCount());
        map.put(
                "keychains",
                dependents.keychains().stream().map(DependentsJson::of).toList());
        map.put("slotCount", dependents.slotCount());
        map.put("slots", dependents.slots().stream().map(DependentsJson::of).toList());
        map.put("envelopeCount", tally.envelopeCount());
        map.put("envelopes", dependents.envelopes());
        map.put("unknownCount", tally.unknownCount());
        map.put(
                "unknown",
                dependents.unknown().stream()
                        .map(one -> ordered("place", one.place(), "reason", one.reason()))
                        .toList());
        map.put("warnings", dependents.warnings());
        return Json.of(map);
    }

    private static Map<String, Object> counts(DependentsTally tally) {
        Map<String, Object> counts = new LinkedHashMap<>();
        for (Need need : Need.values()) {
            Count count = tally.count(need);
            counts.put(need.name(), ordered("keychains", count.keychains(), "deks", count.deks()));
        }
        return counts;
    }

    private static Map<String, Object> of(Dependent one) {
        Map<String, Object> map = ordered("keychain", one.keychainId(), "needs", one.needs());
        map.put("until", one.until());
        return map;
    }

    private static Map<String, Object> of(Slot one) {
        Map<String, Object> map = ordered("slot", one.slot(), "keys", one.keys());
        map.put("seal", one.seal());
        return map;
    }

    private static Map<String, Object> ordered(String first, Object one, String second, Object two) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(first, one);
        map.put(second, two);
        return map;
    }
}
