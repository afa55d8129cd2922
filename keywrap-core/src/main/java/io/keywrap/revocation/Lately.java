package io.keywrap.revocation;

import java.util.LinkedHashMap;
import java.util.Map;

/** What was done lately, and is not to be done again so soon. For one thread at a time. */
final class Lately<T> {
    private final int most;
    private final long againNanos;
    private final Map<T, Long> done = new LinkedHashMap<>();

    Lately(int most, long againNanos) {
        this.most = most;
        this.againNanos = againNanos;
    }

    /** Whether it may be done; then it is remembered as done. */
    boolean isTurn(T what, long now) {
        Long before = done.get(what);
        if (before != null && now - before < againNanos) {
            return false;
        }
        done.remove(what);
        if (done.size() >= most) {
            done.remove(done.keySet().iterator().next());
        }
        done.put(what, now);
        return true;
    }

    /** It may be done again at once. */
    void forget(T what) {
        done.remove(what);
    }
}
