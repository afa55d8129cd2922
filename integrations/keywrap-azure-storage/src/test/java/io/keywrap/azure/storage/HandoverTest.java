package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A content key that nobody takes is wiped, and one that was taken never. */
class HandoverTest {
    private static final byte[] ZEROS = new byte[4];

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Scheduler byHand = Schedulers.fromExecutor(tasks::add);
    private final byte[] key = {1, 2, 3, 4};
    private final AtomicReference<byte[]> received = new AtomicReference<>();

    private Mono<byte[]> handover(Callable<byte[]> call) {
        return Handover.on(byHand, call);
    }

    private void runAll() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void aKeyThatIsTakenIsTheSubscribersWhateverComesAfter() {
        Disposable subscription = handover(() -> key).subscribe(received::set);
        runAll();
        subscription.dispose();
        assertThat(received.get()).isSameAs(key).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aSubscriberThatCancelsWithTheKeyInItsHandsHasIt() {
        handover(() -> key).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(byte[] taken) {
                received.set(taken);
                cancel();
            }
        });
        runAll();
        assertThat(received.get()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aKeyThatComesAfterTheCancelIsWiped() {
        AtomicReference<Disposable> subscription = new AtomicReference<>();
        subscription.set(handover(() -> {
                    subscription.get().dispose();
                    return key;
                })
                .subscribe(received::set));
        runAll();
        assertThat(key).isEqualTo(ZEROS);
        assertThat(received.get()).isNull();
    }

    @Test
    void aKeyThatWaitsForSomebodyToAskForItIsWipedByACancel() {
        BaseSubscriber<byte[]> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                // Asks for nothing yet.
            }
        };
        handover(() -> key).subscribe(subscriber);
        runAll();
        assertThat(key).containsExactly(1, 2, 3, 4);
        subscriber.cancel();
        assertThat(key).isEqualTo(ZEROS);
    }

    @Test
    void aKeyThatWasAskedForLateIsHandedOver() {
        BaseSubscriber<byte[]> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                // Asks below.
            }

            @Override
            protected void hookOnNext(byte[] taken) {
                received.set(taken);
            }
        };
        handover(() -> key).subscribe(subscriber);
        runAll();
        subscriber.request(1);
        runAll();
        subscriber.cancel();
        assertThat(received.get()).isSameAs(key).containsExactly(1, 2, 3, 4);
    }

    @Test
    void whatIsCancelledBeforeItsTurnIsNotCalled() {
        handover(() -> {
                    received.set(key);
                    return key;
                })
                .subscribe()
                .dispose();
        runAll();
        assertThat(received.get()).isNull();
    }

    @Test
    void aFailureIsASignal() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        handover(() -> {
                    throw new IllegalStateException("none");
                })
                .subscribe(received::set, failure::set);
        runAll();
        assertThat(failure.get()).hasMessage("none");
    }
}
