package io.keywrap.azure.storage;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A secret on its way from the thread that has got it to whoever has subscribed. Reactor drops it without a word if the
 * subscription was cancelled meanwhile; then it is wiped here. Once it was taken it is the subscriber's. Thread-safe.
 */
final class Handover {
    /** Nothing more is to be wiped: the secret was taken, or nobody wants it. */
    private static final byte[] OVER = {};

    private final AtomicReference<byte @Nullable []> offered = new AtomicReference<>();

    private Handover() {}

    /**
     * Makes a call on a thread of a scheduler's.
     *
     * @param call gives the secret, in an array that nobody else has
     * @return the secret, for one subscriber
     */
    static Mono<byte[]> on(Scheduler scheduler, Callable<byte[]> call) {
        Handover handover = new Handover();
        return Mono.fromCallable(() -> handover.offer(call.call()))
                .subscribeOn(scheduler)
                .filter(handover::take)
                .doOnCancel(handover::cancel);
    }

    private byte[] offer(byte[] secret) {
        if (!offered.compareAndSet(null, secret)) {
            Arrays.fill(secret, (byte) 0);
        }
        return secret;
    }

    private boolean take(byte[] secret) {
        return offered.compareAndSet(secret, OVER);
    }

    private void cancel() {
        byte[] left = offered.getAndSet(OVER);
        if (left != null) {
            Arrays.fill(left, (byte) 0);
        }
    }
}
