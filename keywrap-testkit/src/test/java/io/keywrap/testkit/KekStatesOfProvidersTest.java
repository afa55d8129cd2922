package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KekStates;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to lose a KEK of a KMS, and the way back, as the states of the providers tell it. */
class KekStatesOfProvidersTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z"));
    private final InMemoryKms kms = new InMemoryKms(time);
    private final InMemoryKek kek = kms.kek("customer");
    private final List<KekEvent> events = new ArrayList<>();
    private final Map<InMemoryKek, WrappedDek> canaries = new HashMap<>();
    private final KeyProviders providers = KeyProviders.builder()
            .register(kms)
            .time(time)
            .listener(events::add)
            .controlKek(kms.kek("vendor").id())
            .build();

    @AfterEach
    void close() {
        providers.close();
        kms.close();
    }

    private KekStanding canary(InMemoryKek of) {
        WrappedDek wrapped = canaries.computeIfAbsent(of, this::wrapped);
        time.advance(KekStates.CONFIRMATION);
        try {
            providers
                    .provider(of.id())
                    .unwrap(wrapped, CONTEXT, providers.deadline(CallPurpose.CANARY))
                    .close();
        } catch (KekException e) {
            assertThat(e.kekId()).contains(of.id());
        }
        return providers
                .states()
                .of(of.id(), wrapped.kekVersion(), Operation.UNWRAP)
                .orElseThrow();
    }

    private WrappedDek wrapped(InMemoryKek under) {
        try (Dek dek = Dek.random(DekId.random())) {
            return providers.provider(under.id()).wrap(dek, CONTEXT, providers.foregroundDeadline());
        }
    }

    static Stream<Arguments> ways() {
        Consumer<InMemoryKek> recover = InMemoryKek::recover;
        return Stream.of(
                way("disabled", InMemoryKek::disable, 1, KekState.REVOKED, InMemoryKek::enable),
                way("denied", InMemoryKek::deny, 1, KekState.SUSPECT, InMemoryKek::allow),
                way("denied for long", InMemoryKek::deny, 3, KekState.REVOKED, InMemoryKek::allow),
                way("to be deleted", kek -> kek.scheduleDeletion(Duration.ofDays(7)), 1, KekState.REVOKED, kek -> {
                    kek.cancelDeletion();
                    kek.enable();
                }),
                way("removed", InMemoryKek::remove, 1, KekState.REVOKED, InMemoryKek::putBack),
                way("throttled", InMemoryKek::throttle, 3, KekState.ACTIVE, recover),
                way("out of reach", InMemoryKek::unreachable, 3, KekState.ACTIVE, recover),
                way("misconfigured", InMemoryKek::misconfigure, 3, KekState.ACTIVE, recover));
    }

    private static Arguments way(
            String name, Consumer<InMemoryKek> there, int canaries, KekState state, Consumer<InMemoryKek> back) {
        return Arguments.of(name, there, canaries, state, back);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void isToldAndItsEndAsWell(
            String name, Consumer<InMemoryKek> there, int canaries, KekState state, Consumer<InMemoryKek> back) {
        assertThat(canary(kek).state()).isEqualTo(KekState.ACTIVE);
        there.accept(kek);
        for (int i = 1; i < canaries; i++) {
            assertThat(canary(kek).state()).isNotIn(KekState.REVOKED, KekState.DESTROYED);
        }
        assertThat(canary(kek).state()).as(name).isEqualTo(state);
        back.accept(kek);
        KekStanding again = canary(kek);
        assertThat(again.state()).isEqualTo(KekState.ACTIVE);
        assertThat(again.reach()).isEqualTo(KekReach.ANSWERS);
        assertThat(again.cause()).isEmpty();
    }

    @Test
    void aDeletedKekIsDestroyed() {
        canary(kek);
        kek.delete();
        assertThat(canary(kek).state()).isEqualTo(KekState.DESTROYED);
    }

    @Test
    void aKekIsPresumedDestroyedOnItsDayWithoutBeingAsked() {
        canary(kek);
        kek.scheduleDeletion(Duration.ofDays(7));
        Instant day = canary(kek).deletion().orElseThrow();
        time.advance(Duration.between(time.now(), day));
        assertThat(providers.states().worst(kek.id())).get().returns(KekState.DESTROYED, KekStanding::state);
    }

    @Test
    void tenCustomersWhoDenyAtOnceAreAMistakeOfOurs() {
        List<InMemoryKek> customers = Stream.generate(kms::createKek).limit(10).toList();
        customers.forEach(this::canary);
        customers.forEach(InMemoryKek::deny);
        for (int i = 0; i < 5; i++) {
            customers.forEach(customer -> assertThat(canary(customer).state()).isLessThan(KekState.REVOKED));
        }
        assertThat(events.stream().filter(OwnFault.class::isInstance)).hasSize(1);
        customers.forEach(InMemoryKek::allow);
        customers.forEach(customer -> assertThat(canary(customer).state()).isEqualTo(KekState.ACTIVE));
    }
}
