package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A key whose owner gives up every other copy once it is adopted: so it is adopted surely, or not at all. */
class AdoptedKeyTest {
    @RegisterExtension
    final KeywrapExtension keywrap = new KeywrapExtension();

    @Test
    void isNotAdoptedUnderAWrapThatDoesNotHoldIt() {
        keywrap.keychain();
        keywrap.kek().faults(FaultPlan.ofWraps().answerWithAnotherDek());
        try (Dek existing = Dek.random(DekId.random())) {
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> keywrap.keychain().adopt(existing));
            assertNothingAdopted();
        }
    }

    @Test
    void isNotAdoptedWhereItCannotBeUnwrappedAgain() {
        keywrap.keychain();
        keywrap.kek().faults(FaultPlan.ofUnwraps().unreachable(1000));
        try (Dek existing = Dek.random(DekId.random())) {
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> keywrap.keychain().adopt(existing));
            assertNothingAdopted();

            keywrap.kek().recover();
            DekId id = keywrap.keychain().adopt(existing);
            try (DekLease lease = keywrap.keychain().lease(id)) {
                assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(existing.withBytes(byte[]::clone));
            }
        }
    }

    @Test
    void isClosedByItsKekFromThenOn() {
        DekId id;
        try (Dek existing = Dek.random(DekId.random())) {
            id = keywrap.keychain().adopt(existing);
        }
        keywrap.kek().disable();
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> keywrap.keychain().lease(id));
    }

    private void assertNothingAdopted() {
        assertThat(keywrap.keychains().open("tenant").record().deks()).hasSize(1);
    }
}
