package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Cause;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a listener is told: every attempt, why it was made, and whose doing its failure is. */
class KekEventTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme-secretive");

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final WrappedDek wrapped = FakeKms.wrapped();
    private final List<KekEvent> events = new ArrayList<>();
    private KekListener listener = events::add;
    private final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .register(kms)
            .executor(Runnable::run)
            .listener(event -> listener.onEvent(event))
            .build();

    @AfterEach
    void close() {
        providers.close();
    }

    private void use() {
        providers.lease(wrapped, CONTEXT, providers.foregroundDeadline()).close();
    }

    private List<CallEnded> ended() {
        return events.stream()
                .filter(CallEnded.class::isInstance)
                .map(CallEnded.class::cast)
                .toList();
    }

    @Test
    void aCallBeginsAndEnds() {
        kms.duringUnwrap = () -> time.advance(Duration.ofMillis(20));
        use();
        use();
        assertThat(events)
                .containsExactly(
                        new CallBegun(FakeKms.KEK, Operation.UNWRAP, CallPurpose.FOREGROUND),
                        new CallEnded(
                                FakeKms.KEK,
                                Operation.UNWRAP,
                                CallPurpose.FOREGROUND,
                                Duration.ofMillis(20),
                                Optional.empty()));
    }

    @Test
    void everyAttemptIsTold() {
        kms.duringUnwrap = () -> {
            if (kms.unwraps.get() == 3) {
                kms.faults.clear();
            }
        };
        kms.faults.put(FakeKms.KEK, KekThrottledException::new);
        use();
        assertThat(ended()).hasSize(3);
        assertThat(ended().get(0).cause()).contains(Cause.PROVIDER);
        assertThat(ended().get(2).cause()).isEmpty();
        assertThat(providers.statistics().unwraps()).isEqualTo(new CacheStatistics.Calls(1, 0));
    }

    @Test
    void aRefreshIsTold() {
        use();
        time.advance(Duration.ofSeconds(270));
        use();
        assertThat(ended()).extracting(CallEnded::purpose).containsExactly(CallPurpose.FOREGROUND, CallPurpose.REFRESH);
    }

    @Test
    void everyOperationIsTold() {
        KeyProvider provider = providers.provider(FakeKms.KEK);
        KeyProvider.Generated made =
                provider.generate(wrapped.dekId(), CONTEXT, providers.deadline(CallPurpose.CANARY));
        provider.wrap(made.dek(), CONTEXT, providers.foregroundDeadline());
        provider.status(providers.foregroundDeadline());
        made.dek().close();
        assertThat(ended())
                .extracting(CallEnded::operation)
                .containsExactly(Operation.GENERATE, Operation.WRAP, Operation.STATUS);
        assertThat(ended().get(0).purpose()).isEqualTo(CallPurpose.CANARY);
    }

    static Stream<Arguments> failures() {
        Function<Failure, KekException> denied = failure -> new KekRevokedException(failure, Reason.DENIED);
        Function<Failure, KekException> notFound = KekNotFoundException::new;
        Function<Failure, KekException> configuration = KekConfigurationException::new;
        Function<Failure, KekException> invalid = InvalidWrappedDekException::new;
        Function<Failure, KekException> unreachable = KekUnreachableException::new;
        return Stream.of(
                Arguments.of(denied, Cause.CUSTOMER),
                Arguments.of(notFound, Cause.CUSTOMER),
                Arguments.of(configuration, Cause.OURS),
                Arguments.of(invalid, Cause.OURS),
                Arguments.of(unreachable, Cause.PROVIDER));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void theCustomersDoingAndTheProvidersAreToldApart(Function<Failure, KekException> failure, Cause cause) {
        kms.faults.put(FakeKms.KEK, failure);
        assertThatExceptionOfType(KekException.class).isThrownBy(this::use);
        assertThat(ended()).isNotEmpty().allMatch(call -> call.cause().equals(Optional.of(cause)));
    }

    @Test
    void noEventTellsAContextValueOrAKey() {
        kms.faults.put(FakeKms.KEK, KekConfigurationException::new);
        assertThatExceptionOfType(KekException.class).isThrownBy(this::use);
        assertThat(events).isNotEmpty().noneMatch(event -> event.toString().contains("secretive"));
    }

    @Test
    void anErrorOfTheProviderIsNoSuccess() {
        kms.duringUnwrap = () -> {
            throw new NoClassDefFoundError("a class of the client");
        };
        assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(this::use);
        assertThat(ended().get(0).cause()).contains(Cause.OURS);
    }

    @Test
    void aListenerThatFailsDisturbsNobody() {
        listener = event -> {
            throw new IllegalStateException("told to fail");
        };
        use();
        assertThat(kms.unwraps).hasValue(1);
    }
}
