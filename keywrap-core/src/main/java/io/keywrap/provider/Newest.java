package io.keywrap.provider;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What was said last of many things, with a bound: whatever was said longest ago leaves. A cache would rather keep what is
 * asked for often, and let go of the newest. Reading takes no lock.
 *
 * @param <K> what it was said of
 * @param <V> what was said
 */
final class Newest<K, V> {
    private final long most;
    private final Map<K, V> words = new ConcurrentHashMap<>();
    /** In order of writing; guarded by this object. */
    private final LinkedHashSet<K> order = new LinkedHashSet<>();

    Newest(long most) {
        this.most = most;
    }

    boolean isEmpty() {
        return words.isEmpty();
    }

    Optional<V> get(K of) {
        return Optional.ofNullable(words.get(of));
    }

    /** The same, unless what was said before is not to be replaced. */
    synchronized void put(K of, V word, Predicate<V> replaced) {
        V before = words.get(of);
        if (before == null || replaced.test(before)) {
            put(of, word);
        }
    }

    synchronized void put(K of, V word) {
        order.remove(of);
        order.add(of);
        words.put(of, word);
        if (order.size() > most) {
            K oldest = order.iterator().next();
            order.remove(oldest);
            words.remove(oldest);
        }
    }

    /** Forgets what was said of something, if a condition holds of it. */
    synchronized void removeIf(K of, Predicate<V> condition) {
        V word = words.get(of);
        if (word != null && condition.test(word)) {
            words.remove(of);
            order.remove(of);
        }
    }

    /** Forgets what was said longest ago, as long as a condition holds of that. */
    synchronized void removeOldestWhile(Predicate<V> condition) {
        Iterator<K> oldest = order.iterator();
        while (oldest.hasNext()) {
            K of = oldest.next();
            V word = words.get(of);
            if (word != null && !condition.test(word)) {
                return;
            }
            oldest.remove();
            words.remove(of);
        }
    }

    synchronized void clear() {
        words.clear();
        order.clear();
    }
}
