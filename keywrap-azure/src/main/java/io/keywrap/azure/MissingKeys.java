package io.keywrap.azure;

import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Since when keys that have worked are found nowhere. While Azure deletes or recovers a key, for seconds, it is neither among the
 * keys nor among the deleted ones, and a Managed HSM copies a new version to its other region within minutes; only what lasts
 * longer is a purge.
 */
final class MissingKeys {
    /** Longer than the six minutes that Microsoft tells for a Managed HSM. */
    static final Duration SETTLED = Duration.ofMinutes(10);

    private final Duration settled;
    private final TimeSource time;
    private final Map<AzureKeyUrl, Long> since = new ConcurrentHashMap<>();

    MissingKeys(Duration settled, TimeSource time) {
        this.settled = settled;
        this.time = time;
    }

    /** The key was there, so all its absences before were none. */
    void found(AzureKeyUrl key) {
        since.remove(key);
        since.remove(key.inVersion(""));
    }

    /** Whether a key that is not there now has been away for so long that it does not come back. */
    boolean isGoneForGood(AzureKeyUrl key) {
        long now = time.nanoTime();
        return now - since.computeIfAbsent(key, k -> now) >= settled.toNanos();
    }
}
