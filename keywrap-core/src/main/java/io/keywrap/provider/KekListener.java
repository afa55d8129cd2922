package io.keywrap.provider;

/**
 * Is told what happens with KEKs, for meters, traces and alerts.
 *
 * <p><b>Thread safety:</b> implementations are thread-safe, and fast: they are called by the thread that does the work,
 * and must take no lease: it may be the one that waits for them. What they throw is logged and dropped.
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
