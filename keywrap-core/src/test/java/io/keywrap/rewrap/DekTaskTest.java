package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.DekWork.Make;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The work on one DEK: what counts as proven, and what stands against it. */
class DekTaskTest {
    private static final KekId CONTROL = KekId.of("fake:control");
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final KekId OTHER = KekId.of("fake:other");
    private static final KekId NEW = KekId.of("fake:new");
    private static final Move FROM_REPLICA = new Move(REPLICA, NEW);
    private static final Move FROM_CONTROL = new Move(CONTROL, NEW);

    private final FakeKms kms = new FakeKms();
    private final KeyProviders providers = KeyProviders.builder()
            .register(kms)
            .time(new ManualTime())
            .executor(Runnable::run)
            .build();
    private final DekTask task = new DekTask(new Wraps(providers, new Gate(providers, 10_000, 4)), providers.states());
    private final EncryptionContext context = EncryptionContext.of("tenant", "a");
    private final Dek dek = Dek.random(DekId.random());

    @AfterEach
    void close() {
        dek.close();
        providers.close();
    }

    private Wrap wrap(Role role, KekId kekId) {
        return new Wrap(role, providers.provider(kekId).wrap(dek, context, providers.foregroundDeadline()));
    }

    private DekEntry entry(Wrap... wraps) {
        return new DekEntry(
                dek.id(), Usage.ENVELOPES, State.PRIMARY, providers.time().now(), dek.checkValue(), List.of(wraps));
    }

    private DekDone run(DekEntry entry, List<Make> makes, List<WrappedDek> renews, WrappedDek... proves) {
        return task.run(new DekWork(entry, makes, renews, List.of(proves)), context);
    }

    private static Make make(Move move, Wrap source) {
        boolean closes = source.role() == Role.CONTROL;
        return new Make(
                move,
                Optional.of(source.wrapped()),
                Optional.empty(),
                Optional.of(source.wrapped()).filter(wrap -> closes));
    }

    private int unwraps(KekId kekId) {
        return kms.unwrapsOf.getOrDefault(kekId, 0);
    }

    /** A KEK is asked, and fails; what is known of it afterwards is what its failure says. */
    private void becomesKnown(Wrap wrap, Function<KekException.Failure, KekException> fault) {
        KekId kekId = wrap.wrapped().kekId();
        kms.faults.put(kekId, fault);
        assertThat(catchThrowable(() -> providers
                        .provider(kekId)
                        .unwrap(wrap.wrapped(), context, providers.foregroundDeadline())
                        .close()))
                .isInstanceOf(KekException.class);
        assertThat(providers.states().of(kekId, wrap.wrapped().kekVersion(), Operation.UNWRAP))
                .isPresent();
    }

    @Test
    void replicaStandsInForNoControlKekThatIsKnownToBeClosedOrGone() {
        for (Reason reason : List.of(Reason.DISABLED, Reason.DELETED)) {
            Wrap control = wrap(Role.CONTROL, CONTROL);
            Wrap replica = wrap(Role.REPLICA, REPLICA);
            becomesKnown(control, failure -> new KekRevokedException(failure, reason));
            DekDone done = run(entry(control, replica), List.of(make(FROM_REPLICA, replica)), List.of());
            assertThat(done.outcome()).as("%s", reason).isEqualTo(Outcome.FAILED_OLD_KEK);
            assertThat(done.failure()).isInstanceOf(KekRevokedException.class);
            assertThat(done.moved).isEmpty();
            assertThat(unwraps(REPLICA)).isZero();
        }
    }

    @Test
    void anotherReplicaThatIsClosedStandsAgainstNothing() {
        Wrap control = wrap(Role.CONTROL, CONTROL);
        Wrap replica = wrap(Role.REPLICA, REPLICA);
        Wrap other = wrap(Role.REPLICA, OTHER);
        becomesKnown(other, failure -> new KekRevokedException(failure, Reason.DISABLED));
        DekDone done = run(entry(control, replica, other), List.of(make(FROM_REPLICA, replica)), List.of());
        assertThat(done.outcome()).isNull();
        assertThat(done.moved).containsOnlyKeys(FROM_REPLICA);
    }

    @Test
    void controlKekThatIsOutOfReachHasNotBeenWithdrawn() {
        Wrap control = wrap(Role.CONTROL, CONTROL);
        Wrap replica = wrap(Role.REPLICA, REPLICA);
        becomesKnown(control, KekUnreachableException::new);
        DekDone done = run(entry(control, replica), List.of(make(FROM_REPLICA, replica)), List.of());
        assertThat(done.outcome()).isNull();
    }

    @Test
    void dekOfWhichNothingIsLeftToMoveIsToldAsCorrupt() {
        Wrap replica = wrap(Role.REPLICA, REPLICA);
        Make make = new Make(FROM_CONTROL, Optional.empty(), Optional.empty(), Optional.empty());
        DekDone done = run(entry(replica), List.of(make), List.of());
        assertThat(done.outcome()).isEqualTo(Outcome.CORRUPT_WRAP);
        assertThat(done.failure().kekId()).contains(NEW);
        assertThat(done.failure()).hasMessageContaining("no wrap is left").hasMessageContaining("backup");
    }

    @Test
    void wrapThatIsThereCountsAsProvenAndTheControlKekIsAskedAllTheSame() {
        Wrap control = wrap(Role.CONTROL, CONTROL);
        Wrap there = wrap(Role.REPLICA, NEW);
        Make make = new Make(
                FROM_CONTROL,
                Optional.of(control.wrapped()),
                Optional.of(there.wrapped()),
                Optional.of(control.wrapped()));
        int wraps = kms.wraps.get();
        DekDone done = run(entry(control, there), List.of(make), List.of());
        assertThat(done.outcome()).isNull();
        assertThat(kms.wraps.get()).isEqualTo(wraps);
        assertThat(done.moved).containsEntry(FROM_CONTROL, there.wrapped());
        assertThat(done.proven).containsExactly(there.wrapped());
        assertThat(done.opened).containsExactlyInAnyOrder(CONTROL, NEW);
        kms.faults.put(CONTROL, failure -> new KekRevokedException(failure, Reason.DISABLED));
        DekDone closed = run(entry(control, there), List.of(make), List.of());
        assertThat(closed.outcome()).isEqualTo(Outcome.FAILED_OLD_KEK);
        assertThat(closed.moved).isEmpty();
        assertThat(closed.opened).isEmpty();
    }

    @Test
    void whatWasMadeIsProvenAndBothKeksHaveOpenedIt() {
        Wrap control = wrap(Role.CONTROL, CONTROL);
        DekDone done = run(entry(control), List.of(make(FROM_CONTROL, control)), List.of());
        assertThat(done.proven).containsExactly(done.moved.get(FROM_CONTROL));
        assertThat(done.opened).containsExactlyInAnyOrder(CONTROL, NEW);
        assertThat(unwraps(NEW)).isEqualTo(1);
    }

    @Test
    void renewedWrapIsProvenAndCounts() {
        Wrap control = wrap(Role.CONTROL, CONTROL);
        kms.primary = "2";
        DekDone done = run(entry(control), List.of(), List.of(control.wrapped()));
        WrappedDek renewed = done.renewed.get(control.wrapped());
        assertThat(renewed.kekVersion()).isEqualTo("2");
        assertThat(done.proven).containsExactly(renewed);
        assertThat(done.opened).containsExactly(CONTROL);
    }

    @Test
    void renewalThatFailsIsToldAndNothingIsProvenAfterIt() {
        Wrap control = wrap(Role.CONTROL, CONTROL);
        Wrap replica = wrap(Role.REPLICA, REPLICA);
        kms.wrapFaults.put(CONTROL, failure -> new KekRevokedException(failure, Reason.DENIED));
        DekDone done = run(entry(control, replica), List.of(), List.of(control.wrapped()), replica.wrapped());
        assertThat(done.outcome()).isEqualTo(Outcome.FAILED_NEW_KEK);
        assertThat(done.renewed).isEmpty();
        assertThat(done.proven).isEmpty();
        assertThat(unwraps(REPLICA)).isZero();
    }

    @Test
    void firstWrapThatDoesNotOpenEndsTheProof() {
        Wrap control = wrap(Role.CONTROL, CONTROL);
        Wrap replica = wrap(Role.REPLICA, REPLICA);
        kms.faults.put(CONTROL, failure -> new KekRevokedException(failure, Reason.DISABLED));
        DekDone done = run(entry(control, replica), List.of(), List.of(), control.wrapped(), replica.wrapped());
        assertThat(done.outcome()).isEqualTo(Outcome.NOT_DROPPED);
        assertThat(done.proven).isEmpty();
        assertThat(unwraps(REPLICA)).isZero();
    }
}
