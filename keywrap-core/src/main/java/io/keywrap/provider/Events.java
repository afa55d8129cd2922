package io.keywrap.provider;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener, whose failures are nobody else's. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final KekListener listener;

    Events(KekListener listener) {
        this.listener = listener;
    }

    void tell(KekEvent event) {
        try {
            listener.onEvent(event);
        } catch (Throwable e) { // Listeners in other languages throw what none declares.
            // A call that went well must not be lost with its answer.
            LOG.warn("the listener failed at {}", event.getClass().getSimpleName(), e);
        }
    }
}
