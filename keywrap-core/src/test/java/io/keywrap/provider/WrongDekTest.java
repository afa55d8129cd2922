package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A KMS that unwraps to another key than it should: nobody is given that for the DEK, and it is not kept. */
class WrongDekTest extends CacheFixture {
    private final DekWraps proven = new DekWraps(List.of(wrapped), List.of(), CONTEXT, checkValue(wrapped));

    @Test
    void isNeitherGivenNorKept() {
        kms.answersWithAnotherKey = true;
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> providers.deks().lease(proven));
        assertThat(providers.statistics().entries()).isZero();
        kms.answersWithAnotherKey = false;
        providers.deks().lease(proven).close();
    }

    /** Nothing proves what one wrap alone gives. */
    @Test
    void isNotGivenWhereItIsKeptForWhoCouldNotKnow() {
        kms.answersWithAnotherKey = true;
        lease(wrapped).close();
        kms.answersWithAnotherKey = false;
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> providers.deks().lease(proven));
        assertThat(providers.statistics().entries()).isZero();
        providers.deks().lease(proven).close();
    }

    @Test
    void endsWhatWasOpenedBeforeAndByIt() {
        try (DekLease right = providers.deks().lease(proven)) {
            for (int i = 0; i < 20; i++) { // Which leaves no room for it.
                time.advance(TICK);
                lease(FakeKms.wrapped()).close();
            }
            kms.answersWithAnotherKey = true;
            try (DekLease wrong = lease(wrapped)) {
                time.advance(DEADLINE.minus(TICK));
                assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(right::ensureUsable);
                assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(wrong::ensureUsable);
            }
        }
    }

    @Test
    void endsWorkThatFinishesUnderAnotherKekOfItsThatWasRevoked() {
        KekId second = KekId.of("fake:second");
        WrappedDek other =
                WrappedDek.builder(wrapped.dekId(), second).kekVersion("1").build("COPY", wrapped.wrappedBytes());
        DekWraps both = new DekWraps(List.of(wrapped, other), List.of(), CONTEXT, checkValue(wrapped));
        try (DekLease finishing = providers.deks().lease(both, providers::foregroundDeadline, InFlight.FINISH);
                DekLease ofSecond = lease(other)) {
            fail(CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease(FakeKms.wrapped()));
            finishing.ensureUsable();
            kms.answersWithAnotherKey = true;
            time.advance(DEADLINE);
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(ofSecond::ensureUsable);
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(finishing::ensureUsable);
        }
    }

    private DekLease lease(WrappedDek one) {
        return providers.lease(one, CONTEXT, providers.foregroundDeadline());
    }
}
