package io.keywrap.revocation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keychains whose records nobody vouches for: they give no canary. Thread-safe. */
final class Unvouched {
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Unvouched.class);

    private final Map<String, String> reasons = new LinkedHashMap<>();

    /** Those of them that are to be looked at once more. */
    private final Set<String> again = new HashSet<>();

    synchronized void name(String keychainId, String reason) {
        again.remove(keychainId);
        if (reasons.size() < MOST && reasons.putIfAbsent(keychainId, reason) == null) {
            LOG.warn("keychain '{}' gives no canary: {}", keychainId, reason);
        }
    }

    /** Its seal holds, perhaps again. */
    synchronized void vouchedFor(String keychainId) {
        again.remove(keychainId);
        if (reasons.remove(keychainId) != null) {
            LOG.info("the seal of keychain '{}' holds again", keychainId);
        }
    }

    /** Each is worth one more look where nothing better is there: it may have been mended meanwhile. */
    synchronized void lookAgain() {
        again.addAll(reasons.keySet());
    }

    /** Whether it is of no use to look at it now. */
    synchronized boolean isPassedOver(String keychainId) {
        return reasons.containsKey(keychainId) && !again.contains(keychainId);
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
