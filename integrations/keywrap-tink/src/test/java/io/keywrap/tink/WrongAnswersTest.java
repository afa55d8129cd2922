package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import io.keywrap.AuthenticationFailedException;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.FaultPlan;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A KMS that is at fault, or lies: nothing is encrypted that its wrap does not open, and whoever encrypts hears of it. */
class WrongAnswersTest extends TinkFixture {
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static FaultPlan wrong(int answers) {
        FaultPlan plan = FaultPlan.ofUnwraps();
        for (int i = 0; i < answers; i++) {
            plan = plan.answerWithAnotherDek();
        }
        return plan;
    }

    private void assertToldAndNothingLost(Aead aead, byte[] before) throws Exception {
        InvalidWrappedDekException failure =
                assertFails(InvalidWrappedDekException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        assertThat(failure)
                .hasMessageContaining("gave another key")
                .hasMessageContaining("do not trust the KMS")
                .hasMessageNotContaining("record");
        assertThat(keywrap.kek().generates()).isEqualTo(1);
        keywrap.kek().recover();
        byte[] after = aead.encrypt(DATA, ASSOCIATED);
        assertThat(Header.parse(after).wrapped()).isEqualTo(Header.parse(before).wrapped());
        keywrap.time().advance(DEADLINE);
        assertThat(aead.decrypt(before, ASSOCIATED)).isEqualTo(DATA);
        assertThat(aead.decrypt(after, ASSOCIATED)).isEqualTo(DATA);
    }

    @Test
    void aDekThatIsAskedForAgainIsProvenAgain() throws Exception {
        Aead aead = aead();
        byte[] before = aead.encrypt(DATA, ASSOCIATED);
        keywrap.time().advance(DEADLINE.plusSeconds(1));
        keywrap.kek().faults(wrong(3));
        for (int i = 0; i < 2; i++) {
            assertFails(InvalidWrappedDekException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        }
        assertToldAndNothingLost(aead, before);
    }

    /** What decrypts is proven by its tag alone; what it has left in memory encrypts nothing. */
    @Test
    void aKeyThatWasKeptForSomebodyWhoDecryptsEncryptsNothing() throws Exception {
        Aead aead = aead();
        byte[] before = aead.encrypt(DATA, ASSOCIATED);
        keywrap.time().advance(DEADLINE.plusSeconds(1));
        keywrap.kek().faults(wrong(1));
        assertFails(AuthenticationFailedException.class, () -> aead.decrypt(before, ASSOCIATED));
        assertToldAndNothingLost(aead, before);
    }

    /** A use proves the DEK again, here in the same thread. */
    @Test
    void aDekInUseThatIsProvenAgainInVainIsNotReplaced() throws Exception {
        Aead aead = aead();
        aead.encrypt(DATA, ASSOCIATED);
        keywrap.time().advance(DEADLINE.multipliedBy(9).dividedBy(10));
        keywrap.kek().faults(wrong(1));
        assertFails(InvalidWrappedDekException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        assertThat(keywrap.kek().generates()).isEqualTo(1);
    }

    @Test
    void whereNoDekIsKeptEachUseIsProven() throws Exception {
        try (KeyProviders keepingNone = KeyProviders.builder()
                .register(keywrap.kms())
                .time(keywrap.time())
                .cacheDeadline(Duration.ZERO)
                .build()) {
            Aead aead = aead(KeywrapKmsClient.of(keepingNone));
            byte[] before = aead.encrypt(DATA, ASSOCIATED);
            keywrap.kek().faults(wrong(1));
            assertToldAndNothingLost(aead, before);
        }
    }

    /** The wrap itself may be what is wrong, so another is made after a while. */
    @Test
    void aDekThatNeverWorkedIsGivenUp() throws Exception {
        Aead aead = aead();
        keywrap.kek().faults(wrong(2));
        for (int i = 0; i < 2; i++) {
            assertFails(InvalidWrappedDekException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        }
        assertThat(keywrap.kek().generates()).isEqualTo(1);
        keywrap.time().advance(KekDeks.REFUSED_FOR);
        assertThat(aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
        assertThat(keywrap.kek().generates()).isEqualTo(2);
    }

    @Test
    void ourOwnMistakeMakesNoNewDek() throws Exception {
        Aead aead = aead();
        byte[] before = aead.encrypt(DATA, ASSOCIATED);
        keywrap.time().advance(DEADLINE);
        keywrap.kek().misconfigure();
        int calls = keywrap.kek().calls();
        assertFails(KekConfigurationException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        assertThat(keywrap.kek().calls() - calls).isEqualTo(1);
        keywrap.kek().recover();
        keywrap.time().advance(KekDeks.REFUSED_FOR);
        byte[] after = aead.encrypt(DATA, ASSOCIATED);
        assertThat(Header.parse(after).wrapped()).isEqualTo(Header.parse(before).wrapped());
    }
}
