package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KekStates;
import io.keywrap.provider.KeyProvider.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who is asked when a KEK is denied, and who is not. */
class WitnessChoiceTest {
    private final Witnesses witnesses = new Witnesses(20);
    private final List<Watch> all = new ArrayList<>();
    private final Watch denied = add("denied", watch -> watch.state = KekState.SUSPECT);

    private Watch add(String scheme, String owner, Consumer<Watch> how) {
        KekId kekId = KekId.of(scheme + ":kek-" + all.size());
        Watch watch = new Watch(new VersionInUse(kekId, "1"), new Place("service", owner), all.size());
        watch.candidate("tenant");
        how.accept(watch);
        all.add(watch);
        return watch;
    }

    private Watch add(String owner, Consumer<Watch> how) {
        return add("cloud", owner, how);
    }

    private Watch add(String owner) {
        return add(owner, watch -> {});
    }

    private List<Watch> asked() {
        return witnesses.of(denied, all, 0);
    }

    @Test
    void oneOfEachOtherOwnerIsAskedFourInAll() {
        add("denied");
        Watch first = add("a");
        add("a");
        Watch second = add("b");
        Watch third = add("c");
        Watch fourth = add("d");
        add("e");
        assertThat(asked()).containsExactly(first, second, third, fourth);
    }

    @Test
    void asManyOwnersAsAreDeniedAndOneMoreAreAsked() {
        for (int i = 0; i < 6; i++) {
            String owner = "denied-" + i;
            add(owner, watch -> watch.state = KekState.SUSPECT);
            add(owner, watch -> watch.state = KekState.SUSPECT);
        }
        add("silent", watch -> {
            watch.state = KekState.SUSPECT;
            watch.reach = KekReach.UNREACHABLE;
        });
        for (int i = 0; i < 20; i++) {
            add("well-" + i);
        }
        assertThat(asked()).as("seven owners are denied").hasSize(8);
    }

    @Test
    void ownersOfDifferentKindsOfKmsAreCountedByThemselves() {
        for (int i = 0; i < 4; i++) {
            add("cloud-" + i, "same", watch -> watch.state = KekState.SUSPECT);
        }
        for (int i = 0; i < 20; i++) {
            add("well-" + i);
        }
        assertThat(asked()).hasSize(6);
    }

    @Test
    void noMoreAreAskedThanTheBudgetHasRoomFor() {
        Witnesses few = new Witnesses(2);
        for (int i = 0; i < 9; i++) {
            add("denied-" + i, watch -> watch.state = KekState.SUSPECT);
            add("well-" + i);
        }
        assertThat(few.of(denied, all, 0)).hasSize(6);
    }

    @Test
    void theVendorsOwnIsAskedBesidesThem() {
        for (int i = 0; i < 5; i++) {
            add("owner-" + i);
        }
        Watch sameOwner = add("denied", watch -> watch.ofSeal = true);
        assertThat(asked()).hasSize(5).contains(sameOwner);
    }

    @Test
    void whoeverCanTellNothingIsNotAsked() {
        add("under-way", watch -> watch.flying = true);
        add("suspect", watch -> watch.state = KekState.SUSPECT);
        add("revoked", watch -> watch.state = KekState.REVOKED);
        add("silent", watch -> watch.reach = KekReach.UNREACHABLE);
        add("without-canary", watch -> watch.candidates.clear());
        add("azure", "of-another-kind", watch -> {});
        add("azure", "vendor", watch -> watch.ofSeal = true);
        add("vendor-under-way", watch -> {
            watch.ofSeal = true;
            watch.flying = true;
        });
        Watch well = add("well");
        assertThat(asked()).containsExactly(well);
    }

    @Test
    void theOneThatIsDeniedIsNoWitnessOfItself() {
        denied.state = KekState.ACTIVE;
        denied.ofSeal = true;
        Watch well = add("well");
        assertThat(asked()).containsExactly(well);
    }

    @Test
    void nobodyIsAskedAgainBeforeTheTimeOfAConfirmationIsOver() {
        Watch well = add("well");
        long confirmation = KekStates.CONFIRMATION.toNanos();
        assertThat(witnesses.of(denied, all, 7)).containsExactly(well);
        assertThat(witnesses.of(denied, all, 6 + confirmation)).isEmpty();
        assertThat(witnesses.of(denied, all, 7 + confirmation)).containsExactly(well);
        assertThat(witnesses.of(denied, all, 6 + 2 * confirmation)).isEmpty();
    }
}
