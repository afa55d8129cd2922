package io.keywrap.revocation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keychains whose records nobody vouches for: they give no canary. Thread-safe. */
final class Unvouched {
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Unvouched.class);

    private final Map<String, String> reasons = new LinkedHashMap<>();

    synchronized void name(String keychainId, String reason) {
        if (reasons.size() < MOST && reasons.putIfAbsent(keychainId, reason) == null) {
            LOG.warn("keychain '{}' gives no canary: {}", keychainId, reason);
        }
    }

    synchronized boolean isNamed(String keychainId) {
        return reasons.containsKey(keychainId);
    }

    synchronized List<KekInventory.Unsealed> all() {
        List<KekInventory.Unsealed> all = new ArrayList<>(reasons.size());
        reasons.forEach((keychainId, reason) -> all.add(new KekInventory.Unsealed(keychainId, reason)));
        return List.copyOf(all);
    }
}
