package io.keywrap.provider;

import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.EventsDropped;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells events in the order in which they were added, while no lock is held. A listener may cause more of them. While it hangs,
 * they wait; of too many the oldest are dropped, and it is told how many once it listens again.
 */
final class EventsInOrder {
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(EventsInOrder.class);

    private final Events events;
    private final ArrayDeque<KekEvent> waiting = new ArrayDeque<>();
    private boolean telling;
    private long dropped;
    private @Nullable KekId lastDropped;
    private boolean toBeLogged;

    EventsInOrder(Events events) {
        this.events = events;
    }

    synchronized void add(KekEvent event) {
        if (waiting.size() == MOST) {
            toBeLogged |= dropped == 0;
            dropped++;
            lastDropped = waiting.remove().kekId();
        }
        waiting.add(event);
    }

    /** Tells what was added; one thread at a time does so, for the others as well. */
    void tellAll() {
        if (mustLog()) {
            LOG.warn("the listener hangs or is too slow: {} events wait for it, and older ones are dropped", MOST);
        }
        if (begins()) {
            boolean done = false;
            try {
                for (@Nullable KekEvent next = next(); next != null; next = next()) {
                    events.tell(next);
                }
                done = true;
            } finally {
                if (!done) { // Such as no memory even to log a failure: the next one to come goes on.
                    breakOff();
                }
            }
        }
    }

    private synchronized void breakOff() {
        telling = false;
    }

    private synchronized boolean mustLog() {
        boolean must = toBeLogged;
        toBeLogged = false;
        return must;
    }

    private synchronized boolean begins() {
        if (telling || waiting.isEmpty()) {
            return false;
        }
        telling = true;
        return true;
    }

    /** The next one; null, and nobody is telling any more, if there is none. */
    private synchronized @Nullable KekEvent next() {
        if (lastDropped != null) {
            EventsDropped event = new EventsDropped(lastDropped, dropped);
            lastDropped = null;
            dropped = 0;
            return event;
        }
        @Nullable KekEvent next = waiting.poll();
        telling = next != null;
        return next;
    }
}
