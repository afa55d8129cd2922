package io.keywrap.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** KEKs that hang share the time that there is, so that the next one is reached, and who waits has some of it left. */
class HangingKeksTest {
    private static final KekId A = KekId.of("fake:a");
    private static final KekId B = KekId.of("fake:b");
    private static final KekId C = KekId.of("fake:c");
    private static final Duration BUDGET = Duration.ofSeconds(12);

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .register(kms)
            .executor(Runnable::run)
            .budget(CallPurpose.FOREGROUND, BUDGET)
            .cacheDeadline(Duration.ZERO)
            .build();
    private final WrappedDeks deks = new WrappedDeks(providers);
    private final Owner owner = owner(1);
    /** What each call that hung was given. */
    private final List<Duration> given = new ArrayList<>();

    @AfterEach
    void close() {
        providers.close();
    }

    private static Owner owner(int writeQuorum) {
        return new Owner(
                "tenant",
                EncryptionContext.empty(),
                List.of(new Recipient(Role.CONTROL, A), new Recipient(Role.REPLICA, B), new Recipient(Role.REPLICA, C)),
                writeQuorum);
    }

    private void hang(KekId... keks) {
        for (KekId kek : keks) {
            kms.hangs.put(kek, this::hang);
        }
    }

    private void hang(Deadline deadline) {
        given.add(deadline.remaining());
        time.advance(deadline.remaining());
    }

    @Test
    void aNewDekIsMadeWithoutReplicasInTwoThirdsOfTheTime() {
        hang(B, C);
        assertThat(deks.create(owner, Usage.ENVELOPES).wraps())
                .extracting(Wrap::role)
                .containsExactly(Role.CONTROL);
        assertThat(given).containsExactly(BUDGET.dividedBy(3), BUDGET.dividedBy(3));
    }

    @Test
    void oneThatMustNotBeMissedHasAllTheTimeThatIsLeft() {
        hang(B, C);
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> deks.create(owner(2), Usage.ENVELOPES));
        assertThat(given)
                .containsExactly(BUDGET.dividedBy(3), BUDGET.multipliedBy(2).dividedBy(3));
    }

    /** Who is told to stop wants no DEK that is made in another way than it would have been. */
    @Test
    void whoIsInterruptedMissesNone() {
        kms.wrapFaults.put(B, failure -> {
            Thread.currentThread().interrupt();
            return new KekUnreachableException(failure);
        });
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> deks.create(owner, Usage.ENVELOPES));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void carriedWrapsHaveEqualShares() {
        hang(A, B, C);
        DekId id = DekId.random();
        List<WrappedDek> wraps = List.of(A, B, C).stream()
                .map(kek -> WrappedDek.builder(id, kek).build("COPY", new byte[32]))
                .toList();
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(
                        () -> new CarriedWraps(providers, Set.of(A, B, C)).lease(id, wraps, EncryptionContext.empty()))
                .satisfies(e -> assertThat(e.kekId()).contains(A));
        assertThat(given).hasSize(3).containsOnly(BUDGET.dividedBy(3));
    }

    @Test
    void oneDeadlineHoldsForAllTheWorkOfAView() {
        WrappedDeks view = deks.within(providers.foregroundDeadline());
        time.advance(Duration.ofSeconds(9));
        hang(A);
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> view.create(owner, Usage.ENVELOPES));
        assertThat(given).containsExactly(BUDGET.dividedBy(4));
    }
}
