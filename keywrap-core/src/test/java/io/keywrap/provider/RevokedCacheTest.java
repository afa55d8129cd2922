package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.StateChanged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of kept DEKs and of leases when the state of their KEK turns, whoever has heard it. */
class RevokedCacheTest extends CacheFixture {
    private final List<KekEvent> events = new ArrayList<>();
    private final List<Long> keptWhenTold = new ArrayList<>();
    private final WrappedDek another = FakeKms.wrapped();

    @BeforeEach
    void listen() {
        providers.close();
        providers = KeyProviders.builder()
                .time(time)
                .register(kms)
                .executor(background::add)
                .cacheDeadline(DEADLINE)
                .controlKek(KekId.of("fake:vendor"))
                .listener(event -> {
                    events.add(event);
                    if (event instanceof StateChanged) {
                        keptWhenTold.add(providers.statistics().entries());
                    }
                })
                .build();
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

    private DekLease lease(WrappedDek of) {
        return providers.lease(of, CONTEXT, providers.foregroundDeadline());
    }

    private KekState state() {
        return providers
                .states()
                .of(FakeKms.KEK, "1", Operation.UNWRAP)
                .orElseThrow()
                .state();
    }

    @Test
    void aCanaryThatIsRefusedEndsWhatItNeverLeased() {
        try (DekLease open = lease(another)) {
            fail(CacheFixture::disabled);
            canary();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(open::ensureUsable);
            assertThat(providers.statistics().entries()).isZero();
        }
    }

    @Test
    void oneDenialEndsNothingAndAConfirmedOneAll() {
        use();
        try (DekLease open = lease(another)) {
            fail(CacheFixture::denied);
            canary();
            time.advance(KekStates.CONFIRMATION);
            canary();
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            open.ensureUsable();
            use();
            time.advance(KekStates.CONFIRMATION);
            canary();
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(providers.statistics().entries()).isZero();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(open::ensureUsable);
        }
    }

    @Test
    void aDenialThatWasConfirmedIsRepeatedWithoutAsking() {
        oneDenialEndsNothingAndAConfirmedOneAll();
        int asked = kms.unwraps.get();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease(another));
        assertThat(kms.unwraps).hasValue(asked);
    }

    @Test
    void whatWasSentBeforeTheConfirmationAndIsAnsweredAfterItIsNotKept() {
        fail(CacheFixture::denied);
        canary();
        time.advance(KekStates.CONFIRMATION);
        canary();
        kms.duringUnwrap = () -> {
            kms.duringUnwrap = () -> {};
            time.advance(KekStates.CONFIRMATION);
            canary();
            kms.faults.clear(); // This call was let through before.
        };
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease(another));
        assertThat(state()).isEqualTo(KekState.REVOKED);
        assertThat(providers.statistics().entries()).isZero();
    }

    @Test
    void aCanaryThatWorksAgainLetsLeasesBeGivenAtOnce() {
        fail(CacheFixture::disabled);
        canary();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease(another));
        kms.faults.clear();
        time.advance(TICK);
        canary();
        assertThat(state()).isEqualTo(KekState.ACTIVE);
        lease(another).close();
    }

    @Test
    void aKekThatIsNotFoundAnyMoreEndsAllItsDeks() {
        use();
        try (DekLease open = lease(another)) {
            fail(KekNotFoundException::new);
            time.advance(TICK);
            canary();
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(open::ensureUsable);
        }
    }

    @Test
    void theThirdTimeLeasesAreRefusedForAMinuteWithoutAsking() {
        for (int i = 0; i < 3; i++) {
            kms.faults.clear();
            canary();
            fail(CacheFixture::disabled);
            canary();
            time.advance(TICK);
        }
        kms.faults.clear();
        int asked = kms.unwraps.get();
        time.advance(Damping.QUIET.minus(TICK).minus(TICK));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease(another));
        assertThat(kms.unwraps).hasValue(asked);
        time.advance(TICK);
        lease(another).close();
        assertThat(state()).isEqualTo(KekState.ACTIVE);
    }

    @Test
    void anotherVersionAndAnotherKekAreLeftAlone() {
        WrappedDek other = FakeKms.wrapped(KekId.of("fake:other"));
        use(other, CONTEXT);
        fail(CacheFixture::disabled);
        canary();
        assertThat(providers.statistics().entries()).isEqualTo(1);
    }

    @Test
    void theCallIsToldBeforeWhatItHasChangedAndThatAfterThePurge() {
        use();
        fail(CacheFixture::disabled);
        events.clear();
        canary();
        assertThat(events.get(1)).isInstanceOf(CallEnded.class);
        assertThat(events.get(2)).isInstanceOfSatisfying(StateChanged.class, changed -> {
            assertThat(changed.before().provenAt()).contains(time.now());
            assertThat(changed.after().state()).isEqualTo(KekState.REVOKED);
            assertThat(changed.ofState()).isTrue();
        });
        assertThat(keptWhenTold).containsExactly(0L);
    }

    @Test
    void aCallWithoutTimeSaysNothingOfItsKek() {
        try {
            providers.provider(FakeKms.KEK).unwrap(wrapped, CONTEXT, Deadline.after(Duration.ZERO, time));
        } catch (KekException e) {
            assertThat(e.retryable()).isTrue();
        }
        assertThat(providers.states().worst(FakeKms.KEK)).isEmpty();
    }
}
