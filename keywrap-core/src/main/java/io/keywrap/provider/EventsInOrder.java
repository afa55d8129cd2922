package io.keywrap.provider;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Tells events in the order in which they were added, while no lock is held. A listener may cause more of them. */
final class EventsInOrder {
    private final Events events;
    private final ConcurrentLinkedQueue<KekEvent> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger wishes = new AtomicInteger();

    EventsInOrder(Events events) {
        this.events = events;
    }

    void add(KekEvent event) {
        queue.add(event);
    }

    /** Tells what was added; one thread at a time does so, for the others as well. */
    void tellAll() {
        if (queue.isEmpty() || wishes.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (@Nullable KekEvent next = queue.poll(); next != null; next = queue.poll()) {
                events.tell(next);
            }
            seen = wishes.addAndGet(-seen);
        } while (seen != 0);
    }
}
