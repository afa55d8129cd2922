package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.revocation.KekInventory.Unsealed;
import org.junit.jupiter.api.Test;

/** What a monitor remembers so as not to do it again, and how much of it. */
class MonitorMemoryTest {
    private final Lately<String> lately = new Lately<>(2, 100);
    private final Unvouched unvouched = new Unvouched();

    @Test
    void whatWasDoneIsDoneAgainAfterItsTime() {
        assertThat(lately.isTurn("a", 0)).isTrue();
        assertThat(lately.isTurn("a", 99)).isFalse();
        assertThat(lately.isTurn("a", 100)).isTrue();
        assertThat(lately.isTurn("a", 199)).isFalse();
        lately.forget("a");
        assertThat(lately.isTurn("a", 199)).isTrue();
    }

    @Test
    void whatWasDoneLongestAgoGivesWayWhereThereIsNoRoom() {
        lately.isTurn("a", 0);
        lately.isTurn("b", 50);
        lately.isTurn("a", 100); // The latest now.
        lately.isTurn("c", 101);
        assertThat(lately.isTurn("a", 102)).isFalse();
        assertThat(lately.isTurn("c", 102)).isFalse();
        assertThat(lately.isTurn("b", 102)).isTrue();
        assertThat(lately.isTurn("c", 103)).isFalse();
    }

    @Test
    void aKeychainThatNobodyVouchesForIsNamedWithItsFirstReason() {
        unvouched.name("one", "broken");
        unvouched.name("one", "broken again");
        assertThat(unvouched.all()).containsExactly(new Unsealed("one", "broken"));
        assertThat(unvouched.isNamed("one")).isTrue();
        assertThat(unvouched.isNamed("two")).isFalse();
        assertThat(unvouched.isPassedOver("one")).isTrue();
        assertThat(unvouched.isPassedOver("two")).isFalse();
    }

    @Test
    void itIsLookedAtOnceMoreWhenItIsTime() {
        unvouched.name("one", "broken");
        unvouched.lookAgain();
        assertThat(unvouched.isPassedOver("one")).isFalse();
        assertThat(unvouched.isNamed("one")).isTrue();
        unvouched.name("one", "broken");
        assertThat(unvouched.isPassedOver("one")).isTrue();
    }

    @Test
    void onceItsSealHoldsItIsForgotten() {
        unvouched.name("one", "broken");
        unvouched.lookAgain();
        unvouched.vouchedFor("one");
        assertThat(unvouched.all()).isEmpty();
        unvouched.name("one", "broken");
        assertThat(unvouched.isPassedOver("one")).isTrue();
    }

    @Test
    void tenThousandAreNamedAndNotMore() {
        for (int i = 0; i <= Unvouched.MOST; i++) {
            unvouched.name("keychain-" + i, "broken");
        }
        assertThat(unvouched.all()).hasSize(Unvouched.MOST);
        assertThat(unvouched.isNamed("keychain-" + (Unvouched.MOST - 1))).isTrue();
        assertThat(unvouched.isPassedOver("keychain-" + Unvouched.MOST)).isFalse();
    }
}
