package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DEKs that are proven by wrapping, with whatever version of their KEK wraps by then: a verdict is of that version alone. */
class MadeDekTest extends CacheFixture {
    private static final Duration NEARLY = DEADLINE.multipliedBy(9).dividedBy(10);
    private static final EncryptionContext ALIKE = EncryptionContext.of("tenant", "alike");
    private static final EncryptionContext OTHER = EncryptionContext.of("tenant", "other");

    private List<WrappedDek> wraps = List.of();

    @BeforeEach
    void make() {
        kms.primary = "1";
        wraps = make(wrapped.dekId(), CONTEXT, FakeKms.KEK);
    }

    /** A DEK that is kept as it was made, and its wraps by each of these KEKs. */
    private List<WrappedDek> make(DekId id, EncryptionContext context, KekId... keks) {
        Deadline deadline = providers.foregroundDeadline();
        KeyProvider.Generated generated = providers.provider(keks[0]).generate(id, context, deadline);
        List<WrappedDek> made = new ArrayList<>(List.of(generated.wrapped()));
        try (Dek dek = generated.dek()) {
            for (int i = 1; i < keks.length; i++) {
                made.add(providers.provider(keks[i]).wrap(dek, context, deadline));
            }
            providers.deks().keepMade(dek, made, context, time.nanoTime());
        }
        return made;
    }

    private DekLease kept() {
        return providers.deks().leaseKept(wraps, CONTEXT, InFlight.ABORT).orElseThrow();
    }

    private void refresh() {
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }

    @Test
    void goOnAsLongAsTheirOwnVersionWraps() {
        for (int i = 0; i < 5; i++) {
            time.advance(NEARLY);
            kept().close();
            refresh();
        }
    }

    /** Theirs may be disabled meanwhile, and nobody would see it. */
    @Test
    void areNotProvenByAnotherVersionThatWrapsNow() {
        kms.primary = "2";
        time.advance(NEARLY);
        kept().close();
        refresh();
        time.advance(DEADLINE.minus(NEARLY));
        assertThat(providers.deks().leaseKept(wraps, CONTEXT, InFlight.ABORT)).isEmpty();
    }

    @Test
    void areNoLongerUsedByWorkThatTakesTooLong() {
        try (DekLease lease = kept()) {
            kms.primary = "2";
            time.advance(DEADLINE);
            lease.withBytes(byte[]::clone);
            time.advance(Duration.ofHours(25));
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> lease.withBytes(byte[]::clone));
        }
    }

    @Test
    void endByARefusalToWrap() {
        kms.wrapFaults.put(FakeKms.KEK, CacheFixture::disabled);
        time.advance(NEARLY);
        try (DekLease lease = kept()) {
            refresh();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease.withBytes(byte[]::clone));
        }
        assertThat(providers.deks().leaseKept(wraps, CONTEXT, InFlight.ABORT)).isEmpty();
    }

    /** What is refused is the version that wraps now, which need not be the one that has wrapped them. */
    @Test
    void endNothingThatIsProvenByUnwrapping() {
        WrappedDek other = FakeKms.wrapped();
        EncryptionContext context = EncryptionContext.of("tenant", "other");
        time.advance(NEARLY);
        try (DekLease lease = providers.lease(other, context, providers.foregroundDeadline())) {
            kms.primary = "2";
            kms.wrapFaults.put(FakeKms.KEK, CacheFixture::disabled);
            kept().close();
            refresh();
            lease.withBytes(byte[]::clone);
            use(other, context);
            use(FakeKms.wrapped(), context);
        }
    }

    /** With nobody to prove them in the background, whoever uses them waits, and for another deadline after that. */
    @ParameterizedTest
    @ValueSource(strings = {"fake:customer", "fake:customer fake:second"})
    void areProvenAtTheirDeadlineByEachKekThatHasWrappedThem(String names) {
        KekId[] keks = Stream.of(names.split(" ")).map(KekId::of).toArray(KekId[]::new);
        wraps = make(wrapped.dekId(), CONTEXT, keks);
        int before = kms.wraps.get();
        try (DekLease lease = kept()) {
            time.advance(DEADLINE);
            lease.withBytes(byte[]::clone);
            assertThat(kms.wraps).hasValue(before + keks.length);
            time.advance(NEARLY);
            lease.withBytes(byte[]::clone);
            assertThat(kms.wraps).hasValue(before + keks.length);
            kms.wrapFaults.put(keks[keks.length - 1], CacheFixture::disabled);
            time.advance(DEADLINE.minus(NEARLY));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease.withBytes(byte[]::clone));
        }
        assertThat(kms.unwraps).hasValue(0);
    }

    @Test
    void ofOneKeychainLeaveRoomForOthers() {
        providers.close();
        providers = providers(true, 100, 3);
        use();
        for (int i = 0; i < 10; i++) {
            time.advance(TICK);
            DekId id = DekId.random();
            make(id, EncryptionContext.ofDek("greedy", id, EncryptionContext.empty()), FakeKms.KEK);
        }
        assertThat(providers.statistics().entries()).isEqualTo(4);
        assertThat(providers.statistics().evictions()).isEqualTo(7);
    }

    /** A host may have had the right to unwrap for a while. */
    @Test
    void proveNothingThatWasUnwrapped() {
        try (DekLease made = kept()) {
            for (int i = 0; i < 20; i++) { // Which leaves no room for it.
                time.advance(TICK);
                use(FakeKms.wrapped(), CONTEXT);
            }
            use(wraps.get(0), CONTEXT);
            time.advance(NEARLY);
            for (int i = 0; i < 2; i++) { // By what was unwrapped, and then by making another.
                made.ensureUsable();
                refresh();
            }
            int unwraps = kms.unwraps.get();
            time.advance(DEADLINE.minus(NEARLY));
            use(wraps.get(0), CONTEXT);
            assertThat(kms.unwraps).hasValue(unwraps + 1);
        }
    }

    /** Nor where another is just being made: whoever joins that call asks for what he has. */
    @Test
    void proveNothingThatWasUnwrappedByACallThatIsUnderWay() throws InterruptedException {
        try (DekLease made = kept()) {
            for (int i = 0; i < 20; i++) { // Which leaves no room for it.
                time.advance(TICK);
                use(FakeKms.wrapped(), CONTEXT);
            }
            try (DekLease unwrapped = providers.lease(wraps.get(0), CONTEXT, providers.foregroundDeadline())) {
                made.ensureUsable();
                time.advance(NEARLY);
                made.ensureUsable();
                refresh(); // By what was unwrapped.
                made.ensureUsable();
                Runnable ofMade = background.remove();
                unwrapped.ensureUsable();
                Thread joins = new Thread(background.remove());
                kms.duringWrap = () -> {
                    joins.start();
                    while (joins.getState() != Thread.State.TIMED_WAITING) {
                        Thread.onSpinWait();
                    }
                };
                int unwraps = kms.unwraps.get();
                ofMade.run();
                joins.join();
                assertThat(kms.unwraps).hasValue(unwraps + 1);
            }
        }
    }

    /** Those that were made by the same version, and no others: by another one, or proven by unwrapping. */
    @Test
    void endTogetherByARefusalToWrap() {
        List<WrappedDek> alike = make(wrapped.dekId(), ALIKE, FakeKms.KEK);
        kms.primary = "2";
        List<WrappedDek> others = make(wrapped.dekId(), OTHER, FakeKms.KEK);
        kms.primary = "1";
        use();
        refuseToRefresh(CacheFixture::disabled);
        assertThat(providers.deks().leaseKept(alike, ALIKE, InFlight.ABORT)).isEmpty();
        assertThat(providers.deks().leaseKept(others, OTHER, InFlight.ABORT)).isPresent();
        int unwraps = kms.unwraps.get();
        providers.lease(wrapped, CONTEXT, providers.foregroundDeadline()).close();
        assertThat(kms.unwraps).hasValue(unwraps);
    }

    @Test
    void endAloneWhereTheirKekIsNotFound() {
        List<WrappedDek> alike = make(wrapped.dekId(), ALIKE, FakeKms.KEK);
        refuseToRefresh(KekNotFoundException::new);
        assertThat(providers.deks().leaseKept(wraps, CONTEXT, InFlight.ABORT)).isEmpty();
        assertThat(providers.deks().leaseKept(alike, ALIKE, InFlight.ABORT)).isPresent();
    }

    private void refuseToRefresh(Function<Failure, KekException> refusal) {
        time.advance(NEARLY);
        kms.wrapFaults.put(FakeKms.KEK, refusal);
        kept().close();
        refresh();
    }
}
