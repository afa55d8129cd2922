package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.EventsDropped;
import io.keywrap.provider.KekEvent.ServiceOutage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Events wait for a listener that hangs, in their order, and not without end. */
class EventsInOrderTest {
    private static final int TOO_MANY = 25;

    private final List<KekEvent> told = new ArrayList<>();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    private final EventsInOrder events = new EventsInOrder(new Events(event -> {
        told.add(event);
        if (event.equals(event(0))) {
            hanging.countDown();
            await(released);
        }
    }));

    private static KekEvent event(int number) {
        return new ServiceOutage(KekId.of("fake:customer-" + number), "a cloud", number, false);
    }

    private void tell(int number) {
        events.add(event(number));
        events.tellAll();
    }

    @Test
    void theOldestAreDroppedAndCountedOnce() throws Exception {
        Thread listening = new Thread(() -> tell(0));
        listening.start();
        hanging.await();
        for (int i = 1; i <= EventsInOrder.MOST + TOO_MANY; i++) {
            tell(i);
        }
        assertThat(told).containsExactly(event(0));
        released.countDown();
        listening.join();
        assertThat(told)
                .hasSize(EventsInOrder.MOST + 2)
                .element(1)
                .isEqualTo(new EventsDropped(KekId.of("fake:customer-" + TOO_MANY), TOO_MANY));
        for (int i = 1; i <= EventsInOrder.MOST; i++) {
            assertThat(told.get(i + 1)).isEqualTo(event(i + TOO_MANY));
        }
        tell(7);
        assertThat(told).hasSize(EventsInOrder.MOST + 3).last().isEqualTo(event(7));
    }

    @Test
    void whatAListenerCausesIsToldAfterWhatItWasTold() {
        List<KekEvent> order = new ArrayList<>();
        EventsInOrder[] causing = new EventsInOrder[1];
        causing[0] = new EventsInOrder(new Events(event -> {
            if (event.equals(event(1))) {
                causing[0].add(event(2));
                causing[0].tellAll();
            }
            order.add(event);
        }));
        causing[0].add(event(1));
        causing[0].tellAll();
        assertThat(order).containsExactly(event(1), event(2));
    }

    @Test
    void aListenerThatThrowsWhatNoMethodDeclaresIsToldTheNext() {
        List<KekEvent> order = new ArrayList<>();
        EventsInOrder throwing = new EventsInOrder(new Events(event -> {
            order.add(event);
            EventsInOrderTest.<RuntimeException>sneak(new Exception("as other languages throw it"));
        }));
        for (int i = 0; i < 2; i++) {
            throwing.add(event(i));
            throwing.tellAll();
        }
        assertThat(order).containsExactly(event(0), event(1));
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> void sneak(Exception any) throws E {
        throw (E) any;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
