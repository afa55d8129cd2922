package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
