package io.keywrap.emulators;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** The last requests, in the order in which they were done; each is also told to an observer. */
final class RequestLog<E> {
    /** An emulator that runs for days must not fill its JVM. */
    private static final int MAX_EVENTS = 100_000;

    private final Consumer<E> observer;
    private final Deque<E> events = new ArrayDeque<>();

    RequestLog(Consumer<E> observer) {
        this.observer = observer;
    }

    synchronized List<E> events() {
        return List.copyOf(events);
    }

    synchronized void clear() {
        events.clear();
    }

    void add(E event) {
        synchronized (this) {
            if (events.size() == MAX_EVENTS) {
                events.remove();
            }
            events.add(event);
        }
        observer.accept(event);
    }
}
