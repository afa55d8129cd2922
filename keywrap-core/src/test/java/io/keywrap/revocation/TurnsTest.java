package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who is asked next, and how many calls that costs of which budget. */
class TurnsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String SEAL = "vendor";

    private final Turns turns = turns(4, 4);
    private int number;

    private static Turns turns(int callsPerSecond, int ofService) {
        return new Turns(new MonitorOptions(
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Duration.ofMinutes(15),
                Duration.ofSeconds(30),
                callsPerSecond,
                ofService,
                8,
                true));
    }

    private Watch watch(Turns of, String service, String owner, long due) {
        KekId kekId = KekId.of("cloud:" + service + "-" + ++number);
        Watch watch = new Watch(new VersionInUse(kekId, "1"), new Place(service, owner), number);
        watch.due = due;
        watch.canary = new Canary(
                "tenant",
                WrappedDek.builder(DekId.random(), kekId).kekVersion("1").build("COPY", new byte[32]),
                EncryptionContext.of("a", "b"));
        of.service(service).queue(watch);
        return watch;
    }

    private Watch suspect(Turns of, String service, String owner, long due) {
        Watch watch = watch(of, service, owner, due);
        of.service(service).remove(watch);
        watch.state = KekState.SUSPECT;
        of.service(service).queue(watch);
        return watch;
    }

    private static Watch withoutCanary(Turns of, Watch watch) {
        of.service(watch.place.service()).remove(watch);
        watch.canary = null;
        of.service(watch.place.service()).queue(watch);
        return watch;
    }

    /** As {@link Watches} does with who is asked. */
    private static Watch take(Turns of, long now) {
        Watch next = of.take(SEAL, now).orElse(null);
        if (next != null) {
            of.service(next.place.service()).remove(next);
        }
        return next;
    }

    @Test
    void ofAllServicesTheOneThatIsDueFirstComesFirst() {
        Watch third = watch(turns, "a", "x", 30);
        Watch first = watch(turns, "b", "x", 10);
        Watch second = watch(turns, "c", "x", 20);
        assertThat(take(turns, 9)).isNull();
        assertThat(take(turns, 100)).isSameAs(first);
        assertThat(take(turns, 100)).isSameAs(second);
        assertThat(take(turns, 100)).isSameAs(third);
        assertThat(take(turns, 100)).isNull();
    }

    @Test
    void noMoreAreAskedThanTheBudgetOfAllAllows() {
        for (int i = 0; i < 6; i++) {
            watch(turns, "service-" + i, "x", 0);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(take(turns, 100)).isNotNull();
        }
        assertThat(take(turns, 100)).isNull();
        assertThat(turns.nextAt(100)).isEqualTo(100 + SECOND);
        assertThat(take(turns, 99 + SECOND)).isNull();
        assertThat(take(turns, 100 + SECOND)).isNotNull();
    }

    @Test
    void aServiceWhoseBudgetIsSpentWaitsAndAnotherDoesNot() {
        Turns each = turns(4, 1);
        watch(each, "a", "x", 0);
        Watch waiting = watch(each, "a", "x", 1);
        assertThat(take(each, 100)).isNotNull().isNotSameAs(waiting);
        assertThat(take(each, 100)).isNull();
        assertThat(each.nextAt(100)).isEqualTo(100 + SECOND);
        Watch other = watch(each, "b", "x", 2);
        assertThat(each.nextAt(100)).isEqualTo(100);
        assertThat(take(each, 100)).isSameAs(other);
        assertThat(take(each, 100 + SECOND)).isSameAs(waiting);
    }

    @Test
    void aSealThatHasToBeCheckedFirstCostsACallOfItsServiceToo() {
        Turns each = turns(10, 2);
        for (int i = 0; i < 3; i++) {
            withoutCanary(each, watch(each, "service-" + i, "x", i));
        }
        assertThat(take(each, 100)).isNotNull();
        assertThat(take(each, 100)).isNotNull();
        assertThat(take(each, 100)).as("the vendor's budget is spent").isNull();
        assertThat(each.takeCall("service-0", 100)).isTrue();
        assertThat(each.takeCall("service-0", 100)).isFalse();
        Watch known = watch(each, "service-3", "x", 50);
        assertThat(take(each, 100)).as("needs no seal").isSameAs(known);
    }

    @Test
    void aSealThatHasToBeCheckedFirstCountsTwiceOfAll() {
        withoutCanary(turns, watch(turns, "a", "x", 0));
        withoutCanary(turns, watch(turns, "b", "x", 1));
        withoutCanary(turns, watch(turns, "c", "x", 2));
        assertThat(take(turns, 100)).isNotNull();
        assertThat(take(turns, 100)).isNotNull();
        assertThat(take(turns, 100)).isNull();
        Turns three = turns(3, 3);
        withoutCanary(three, watch(three, "a", "x", 0));
        withoutCanary(three, watch(three, "b", "x", 1));
        assertThat(take(three, 100)).isNotNull();
        assertThat(take(three, 100)).as("only one call is left").isNull();
        Watch known = watch(three, "c", "x", 2);
        assertThat(take(three, 100)).isSameAs(known);
    }

    @Test
    void theKekOfTheSealsItselfCostsBothCallsOfItsOwnService() {
        Turns each = turns(10, 3);
        withoutCanary(each, watch(each, SEAL, "x", 0));
        withoutCanary(each, watch(each, SEAL, "x", 1));
        assertThat(take(each, 100)).isNotNull();
        assertThat(take(each, 100)).as("only one call of it is left").isNull();
        assertThat(each.takeCall(SEAL, 100)).isTrue();
        assertThat(each.takeCall(SEAL, 100)).isFalse();
    }

    @Test
    void theOneThatIsWatchedForItselfNeedsASealThoughItHasACanary() {
        Turns each = turns(10, 1);
        for (int i = 0; i < 2; i++) {
            watch(each, "service-" + i, "x", i).own = true;
        }
        assertThat(take(each, 100)).isNotNull();
        assertThat(take(each, 100)).isNull();
    }

    @Test
    void aDenialIsConfirmedBeforeWhatIsDueEarlierUpToHalfOfTheBudget() {
        for (int i = 0; i < 6; i++) {
            watch(turns, "a", "x", i);
        }
        Watch first = suspect(turns, "a", "y", 50);
        Watch second = suspect(turns, "a", "z", 60);
        Watch third = suspect(turns, "b", "w", 70);
        assertThat(take(turns, 100)).isSameAs(first);
        assertThat(take(turns, 100)).isSameAs(second);
        assertThat(take(turns, 100).isSuspect()).isFalse();
        assertThat(take(turns, 100).isSuspect()).isFalse();
        assertThat(take(turns, 100)).isNull();
        assertThat(take(turns, 100 + SECOND)).isSameAs(third);
    }

    @Test
    void whereNothingElseIsDueDenialsHaveAllOfTheBudget() {
        for (int i = 0; i < 5; i++) {
            suspect(turns, "a", "owner-" + i, i);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(take(turns, 100)).isNotNull();
        }
        assertThat(take(turns, 100)).isNull();
    }

    @Test
    void aDenialIsNotConfirmedBeforeItIsTime() {
        Watch denied = suspect(turns, "a", "y", 50);
        assertThat(take(turns, 49)).isNull();
        assertThat(turns.nextAt(0)).isEqualTo(50);
        assertThat(take(turns, 50)).isSameAs(denied);
    }

    @Test
    void theOwnersOfWhatIsDeniedTakeTurns() {
        Turns many = turns(100, 100);
        for (int i = 0; i < 4; i++) {
            suspect(many, "a", "big", i);
        }
        Watch small = suspect(many, "b", "small", 50);
        assertThat(take(many, 100).owner()).isEqualTo("cloud:big");
        assertThat(take(many, 100)).isSameAs(small);
        assertThat(take(many, 100).due).isEqualTo(1);
        Watch later = suspect(many, "b", "small", 60);
        Watch another = suspect(many, "b", "another", 70);
        assertThat(take(many, 100)).isSameAs(another);
        assertThat(take(many, 100)).isSameAs(later);
        assertThat(take(many, 100).due).isEqualTo(2);
    }

    @Test
    void turnsAreForgottenOnceNothingIsSuspectAnyMore() {
        Turns many = turns(100, 100);
        suspect(many, "a", "big", 0);
        assertThat(take(many, 100)).isNotNull();
        assertThat(take(many, 100)).isNull();
        Watch again = suspect(many, "a", "big", 10);
        suspect(many, "b", "small", 20);
        assertThat(take(many, 100)).isSameAs(again);
    }

    @Test
    void callsOfAnotherKindAreMadeOfServicesThatAnswerWithinTheBudgets() {
        Turns each = turns(3, 2);
        assertThat(each.takeCall("a", 100)).isTrue();
        assertThat(each.takeCall("a", 100)).isTrue();
        assertThat(each.takeCall("a", 100)).as("of the service").isFalse();
        assertThat(each.takeCall("b", 100)).isTrue();
        assertThat(each.takeCall("b", 100)).as("of all").isFalse();
        assertThat(each.takeCall("b", 100 + SECOND)).isTrue();
        each.service("b").darken();
        assertThat(each.takeCall("b", 100 + 2 * SECOND)).isFalse();
    }

    @Test
    void withoutAnythingToDoThereIsNothingToWaitFor() {
        assertThat(turns.nextAt(7)).isEqualTo(Long.MAX_VALUE);
        turns.service("a");
        assertThat(turns.nextAt(7)).isEqualTo(Long.MAX_VALUE);
        for (int i = 0; i < 4; i++) {
            turns.takeCall("b", 7);
        }
        assertThat(turns.nextAt(7)).isEqualTo(Long.MAX_VALUE);
        watch(turns, "a", "x", 90);
        assertThat(turns.nextAt(7)).as("when all may be asked again").isEqualTo(7 + SECOND);
        assertThat(turns.nextAt(2 * SECOND)).isEqualTo(2 * SECOND);
    }

    @Test
    void theStretchIsThatOfWhatLacksMost() {
        Turns each = turns(20, 10);
        assertThat(each.stretchFor(18, 100)).isEqualTo(1);
        assertThat(each.stretchFor(1, 100)).isEqualTo(1);
        assertThat(each.stretchFor(36, 100)).isEqualTo(2);
        each.service("a").demand = 27;
        each.service("b").demand = 18;
        assertThat(each.stretchFor(36, 100)).isEqualTo(3);
        assertThat(each.stretchFor(90, 100)).isEqualTo(5);
    }
}
