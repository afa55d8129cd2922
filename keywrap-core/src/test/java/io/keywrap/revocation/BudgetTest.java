package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** So many calls within any second, counted to the nanosecond. */
class BudgetTest {
    private static final long SECOND = 1_000_000_000L;

    private final Budget budget = new Budget(3);

    @Test
    void asManyAsAreAllowedAreFreeAtOnceAndTheNextASecondAfterTheFirst() {
        for (long at : new long[] {10, 20, 30}) {
            assertThat(budget.freeAt(at, 1)).isEqualTo(at);
            budget.take(at);
        }
        assertThat(budget.freeAt(40, 1)).isEqualTo(10 + SECOND);
        assertThat(budget.allows(10 + SECOND - 1, 1)).isFalse();
        assertThat(budget.allows(10 + SECOND, 1)).isTrue();
        budget.take(10 + SECOND);
        assertThat(budget.freeAt(10 + SECOND, 1)).isEqualTo(20 + SECOND);
        assertThat(budget.freeAt(50 * SECOND, 3)).isEqualTo(50 * SECOND);
    }

    @Test
    void severalAtOnceAreFreeWhenTheLastOfThemIs() {
        budget.take(10);
        assertThat(budget.allows(11, 2)).isTrue();
        assertThat(budget.allows(11, 3)).isFalse();
        budget.take(20);
        budget.take(30);
        assertThat(budget.freeAt(40, 2)).isEqualTo(20 + SECOND);
        assertThat(budget.freeAt(40, 3)).isEqualTo(30 + SECOND);
    }

    @Test
    void moreAtOnceThanThereAreWaitForAllAndNotForEver() {
        assertThat(budget.allows(5, 7)).isTrue();
        budget.take(10);
        assertThat(new Budget(1).allows(0, 2)).isTrue();
        budget.take(20);
        budget.take(30);
        assertThat(budget.freeAt(40, 7)).isEqualTo(30 + SECOND);
    }

    @Test
    void neverMoreThanAreAllowedWithinASecond() {
        int taken = 0;
        for (long now = 0; now < 10 * SECOND; now += SECOND / 10) {
            while (budget.allows(now, 1)) {
                budget.take(now);
                taken++;
            }
        }
        assertThat(taken).isEqualTo(30);
    }

    @Test
    void aTenthIsLeftForConfirmations() {
        assertThat(new Budget(20).regular()).isEqualTo(18);
    }
}
