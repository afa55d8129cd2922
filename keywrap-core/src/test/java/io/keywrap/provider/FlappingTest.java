package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.StateChanged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** KEKs that come and go: few events, few calls. A lease is asked for ten times a second, and a canary is sent every ten. */
class FlappingTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");
    private static final Duration STEP = Duration.ofMillis(100);

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final WrappedDek wrapped = FakeKms.wrapped();
    private final List<KekEvent> events = new ArrayList<>();
    private final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .register(kms)
            .executor(Runnable::run)
            .cacheDeadline(Duration.ofMinutes(5))
            .listener(events::add)
            .build();
    private int leases;

    @AfterEach
    void close() {
        providers.close();
    }

    private void run(Duration duration, BooleanSupplier works, boolean deniedOnly, boolean traffic) {
        kms.duringUnwrap = () -> {
            if (works.getAsBoolean()) {
                kms.faults.clear();
            } else {
                kms.faults.put(FakeKms.KEK, deniedOnly ? CacheFixture::denied : CacheFixture::disabled);
            }
        };
        long steps = duration.dividedBy(STEP);
        for (int step = 0; step < steps; step++, time.advance(STEP)) {
            if (traffic) {
                lease();
            }
            if (step % 100 == 99) {
                canary();
            }
        }
    }

    private void lease() {
        try {
            providers.lease(wrapped, CONTEXT, providers.foregroundDeadline()).close();
            leases++;
        } catch (KekException e) {
            assertThat(e.retryable()).isFalse();
        }
    }

    private void canary() {
        try {
            providers
                    .provider(FakeKms.KEK)
                    .unwrap(wrapped, CONTEXT, providers.deadline(CallPurpose.CANARY))
                    .close();
        } catch (KekException e) {
            assertThat(e.retryable()).isFalse();
        }
    }

    private List<KekState> told() {
        return events.stream()
                .filter(StateChanged.class::isInstance)
                .map(event -> ((StateChanged) event).after().state())
                .toList();
    }

    private long calls(CallPurpose purpose) {
        return events.stream()
                .filter(event -> event instanceof CallEnded ended && ended.purpose() == purpose)
                .count();
    }

    private KekState state() {
        return providers
                .states()
                .of(FakeKms.KEK, "1", Operation.UNWRAP)
                .orElseThrow()
                .state();
    }

    @Test
    void everySecondForHalfAnHour() {
        run(Duration.ofMinutes(30), () -> time.now().getEpochSecond() % 2 == 0, false, true);
        // Of 18,000 leases that were asked for. Then it is refused until a canary meets no refusal for a minute: never.
        assertThat(told())
                .containsExactly(
                        KekState.REVOKED, KekState.ACTIVE, KekState.REVOKED, KekState.ACTIVE, KekState.REVOKED);
        assertThat(calls(CallPurpose.FOREGROUND)).isEqualTo(3);
        assertThat(calls(CallPurpose.CANARY)).isEqualTo(180);
        time.advance(Duration.ofMinutes(1));
        kms.duringUnwrap = kms.faults::clear;
        lease();
        assertThat(state()).isEqualTo(KekState.ACTIVE);
    }

    @Test
    void oneOfTenAnswersIsAFalseDenialForADay() {
        Random random = new Random(10);
        run(Duration.ofHours(24), () -> random.nextInt(10) != 0, true, true);
        // About 180 events for 900 denials; refreshes are at random times. A false revocation needs three denials in a
        // row
        // within the first minute of a KEK that was not known to come and go: about one a day.
        assertThat(told()).hasSizeBetween(100, 300);
        assertThat(told().stream().filter(KekState.REVOKED::equals)).hasSizeLessThanOrEqualTo(6);
        assertThat(calls(CallPurpose.FOREGROUND)).isLessThanOrEqualTo(20);
        assertThat(calls(CallPurpose.REFRESH)).isBetween(360L, 500L);
        assertThat(calls(CallPurpose.CANARY)).isEqualTo(8_640);
        assertThat(leases).isGreaterThan(863_000); // Of 864,000.
    }

    @Test
    void oneOfTenAnswersIsAFalseDenialWithoutTraffic() {
        Random random = new Random(10);
        run(Duration.ofHours(24), () -> random.nextInt(10) != 0, true, false);
        assertThat(calls(CallPurpose.CANARY)).isEqualTo(8_640);
        assertThat(told()).hasSizeLessThanOrEqualTo(201);
        assertThat(told().stream().filter(KekState.REVOKED::equals)).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void mixedAnswersForFiveMinutesAfterItWasDisabledAndEnabled() {
        Random random = new Random(5);
        canary();
        run(Duration.ofMinutes(5), random::nextBoolean, false, true);
        assertThat(told())
                .containsExactly(
                        KekState.REVOKED, KekState.ACTIVE, KekState.REVOKED, KekState.ACTIVE, KekState.REVOKED);
        assertThat(calls(CallPurpose.FOREGROUND)).isLessThanOrEqualTo(4); // Of 3,000 leases that were asked for.
        run(Duration.ofMinutes(2), () -> true, false, true);
        assertThat(told()).hasSize(6);
        assertThat(state()).isEqualTo(KekState.ACTIVE);
    }
}
