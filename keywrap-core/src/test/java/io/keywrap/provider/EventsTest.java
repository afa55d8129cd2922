package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Cause;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The listener is told of every attempt to call the KMS. */
class EventsTest {
    private static final CallBegun BEGUN = new CallBegun(FakeKms.KEK, Operation.UNWRAP, CallPurpose.FOREGROUND);

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final List<KekEvent> events = new CopyOnWriteArrayList<>();

    private void unwrap(KekListener listener) {
        try (KeyProviders providers = KeyProviders.builder()
                .register(kms)
                .time(time)
                .listener(listener)
                .build()) {
            providers
                    .provider(FakeKms.KEK)
                    .unwrap(FakeKms.wrapped(), EncryptionContext.empty(), providers.foregroundDeadline())
                    .close();
        }
    }

    private CallEnded ended(int index) {
        return (CallEnded) events.get(index);
    }

    @Test
    void aCallBeginsAndEndsWithItsLatency() {
        kms.duringUnwrap = () -> time.advance(Duration.ofMillis(30));
        unwrap(events::add);
        assertThat(events).hasSize(2).first().isEqualTo(BEGUN);
        assertThat(ended(1).latency()).isEqualTo(Duration.ofMillis(30));
        assertThat(ended(1).failure()).isEmpty();
        assertThat(ended(1).cause()).isEmpty();
    }

    @Test
    void eachAttemptOfARetryIsTold() {
        kms.faults.put(FakeKms.KEK, KekThrottledException::new);
        kms.duringUnwrap = () -> {
            if (kms.unwraps.get() == 3) {
                kms.faults.clear();
            }
        };
        unwrap(events::add);
        assertThat(events).hasSize(6).filteredOn(CallBegun.class::isInstance).hasSize(3);
        assertThat(ended(1).cause()).contains(Cause.PROVIDER);
        assertThat(ended(3).cause()).contains(Cause.PROVIDER);
        assertThat(ended(5).cause()).isEmpty();
    }

    @Test
    void aFailureIsToldWithWhoseDoingItIs() {
        kms.faults.put(FakeKms.KEK, KekNotFoundException::new);
        assertThatExceptionOfType(KekException.class).isThrownBy(() -> unwrap(events::add));
        assertThat(ended(1).failure()).get().isInstanceOf(KekNotFoundException.class);
        assertThat(ended(1).cause()).contains(Cause.CUSTOMER);
    }

    @Test
    void anErrorOfTheProviderIsNoSuccess() {
        kms.duringUnwrap = () -> {
            throw new NoClassDefFoundError("a class of the client");
        };
        assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(() -> unwrap(events::add));
        assertThat(ended(1).failure()).get().isInstanceOf(KekConfigurationException.class);
        assertThat(ended(1).cause()).contains(Cause.OURS);
    }

    @Test
    void aListenerThatFailsDisturbsNeitherTheCallNorItsFailure() {
        KekListener failing = event -> {
            throw new IllegalStateException("no room for meters");
        };
        unwrap(failing);
        kms.faults.put(FakeKms.KEK, failure -> new KekRevokedException(failure, KekRevokedException.Reason.DISABLED));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> unwrap(failing));
    }
}
