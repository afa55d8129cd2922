package io.keywrap.provider;

/**
 * Is told what happens with KEKs, for meters, traces and alerts.
 *
 * <p><b>Thread safety:</b> implementations are thread-safe, and fast: they are called by the thread that does the work,
 * and must take no lease: it may be the one that waits for them. One that hangs holds up whoever tells it, a call or the whole
 * {@code KekMonitor}: hand events on, and return. What they throw is logged and dropped.
 */
@FunctionalInterface
public interface KekListener {
    /**
     * Something happened.
     *
     * @param event one of the records of {@link KekEvent}
     */
    void onEvent(KekEvent event);
}
