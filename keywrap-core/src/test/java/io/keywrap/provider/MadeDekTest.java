package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DEKs that are proven by wrapping, with whatever version of their KEK wraps by then: a verdict is of that version alone. */
class MadeDekTest extends CacheFixture {
    private static final Duration NEARLY = DEADLINE.multipliedBy(9).dividedBy(10);

    private final List<WrappedDek> wraps = new ArrayList<>();

    @BeforeEach
    void make() {
        kms.primary = "1";
        KeyProvider provider = providers.provider(FakeKms.KEK);
        Deadline deadline = providers.foregroundDeadline();
        try (Dek made = provider.generate(wrapped.dekId(), CONTEXT, deadline).dek()) {
            wraps.add(provider.wrap(made, CONTEXT, deadline));
            providers.deks().keepMade(made, wraps, CONTEXT, time.nanoTime());
        }
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
    @ValueSource(ints = {1, 2})
    void areProvenAtTheirDeadlineByEachKekThatHasWrappedThem(int keks) {
        if (keks == 2) {
            makeUnder(FakeKms.KEK, KekId.of("fake:second"));
        }
        int before = kms.wraps.get();
        try (DekLease lease = kept()) {
            time.advance(DEADLINE);
            lease.withBytes(byte[]::clone);
            assertThat(kms.wraps).hasValue(before + keks);
            time.advance(NEARLY);
            lease.withBytes(byte[]::clone);
            assertThat(kms.wraps).hasValue(before + keks);
            kms.wrapFaults.put(KekId.of(keks == 2 ? "fake:second" : "fake:customer"), CacheFixture::disabled);
            time.advance(DEADLINE.minus(NEARLY));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease.withBytes(byte[]::clone));
        }
        assertThat(kms.unwraps).hasValue(0);
    }

    private void makeUnder(KekId first, KekId second) {
        wraps.clear();
        Deadline deadline = providers.foregroundDeadline();
        KeyProvider.Generated generated = providers.provider(first).generate(wrapped.dekId(), CONTEXT, deadline);
        try (Dek made = generated.dek()) {
            wraps.add(generated.wrapped());
            wraps.add(providers.provider(second).wrap(made, CONTEXT, deadline));
            providers.deks().keepMade(made, wraps, CONTEXT, time.nanoTime());
        }
    }

    @Test
    void ofOneKeychainLeaveRoomForOthers() {
        providers.close();
        providers = providers(true, 100, 3);
        use();
        KeyProvider provider = providers.provider(FakeKms.KEK);
        for (int i = 0; i < 10; i++) {
            time.advance(TICK);
            DekId id = DekId.random();
            EncryptionContext greedy = EncryptionContext.ofDek("greedy", id, EncryptionContext.empty());
            KeyProvider.Generated made = provider.generate(id, greedy, providers.foregroundDeadline());
            try (Dek dek = made.dek()) {
                providers.deks().keepMade(dek, List.of(made.wrapped()), greedy, time.nanoTime());
            }
        }
        assertThat(providers.statistics().entries()).isEqualTo(4);
        assertThat(providers.statistics().evictions()).isEqualTo(7);
    }
}
