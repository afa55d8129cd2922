package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The order in which the KEKs of a service are asked, and who goes on asking while it is dark. */
class ServiceTest {
    private final Service service = new Service("cloud", 20);

    private static Watch watch(int number, String owner, long due) {
        KekId kekId = KekId.of("cloud:kek-" + number);
        Watch watch = new Watch(new VersionInUse(kekId, "1"), new Place("cloud", owner), number);
        watch.due = due;
        return watch;
    }

    private static Watch suspect(int number, String owner, long due) {
        Watch watch = watch(number, owner, due);
        watch.state = KekState.SUSPECT;
        return watch;
    }

    private List<Watch> queued(int count) {
        List<Watch> watches = new ArrayList<>(IntStream.range(0, count)
                .mapToObj(number -> watch(number, "owner-" + number, 10 * number))
                .toList());
        watches.forEach(service::queue);
        return watches;
    }

    @Test
    void theOneThatIsDueFirstComesFirstOnceItIsDue() {
        Watch late = watch(1, "a", 200);
        Watch early = watch(2, "b", 100);
        assertThat(service.due(1_000)).isEmpty();
        assertThat(service.nextDue()).isEqualTo(Long.MAX_VALUE);
        service.queue(late);
        service.queue(early);
        assertThat(service.due(99)).isEmpty();
        assertThat(service.due(100)).containsSame(early);
        assertThat(service.nextDue()).isEqualTo(100);
        assertThat(early.queued).isTrue();
        service.remove(early);
        assertThat(early.queued).isFalse();
        assertThat(service.due(1_000)).containsSame(late);
        service.remove(late);
        assertThat(service.nextDue()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void thoseThatAreDueAtOnceComeInTheOrderInWhichTheyCame() {
        Watch second = watch(2, "a", 100);
        Watch first = watch(1, "b", 100);
        service.queue(second);
        service.queue(first);
        assertThat(service.due(100)).containsSame(first);
        service.remove(first);
        assertThat(service.due(100)).containsSame(second);
    }

    @Test
    void ofThoseThatAreSuspectTheFirstOfEachOwnerIsTold() {
        Watch first = suspect(1, "a", 100);
        Watch second = suspect(2, "a", 200);
        Watch ofAnother = suspect(3, "b", 300);
        List.of(second, ofAnother, first, watch(4, "c", 50)).forEach(service::queue);
        assertThat(service.suspects()).containsExactlyInAnyOrder(first, ofAnother);
        assertThat(service.due(1_000).map(watch -> watch.due)).isEqualTo(Optional.of(50L));
        assertThat(service.nextDue()).isEqualTo(50);
        service.remove(first);
        assertThat(service.suspects()).containsExactlyInAnyOrder(second, ofAnother);
        service.remove(second);
        service.remove(ofAnother);
        assertThat(service.suspects()).isEmpty();
    }

    @Test
    void aSuspectIsDueBeforeWhatIsAskedAsUsual() {
        service.queue(watch(1, "a", 100));
        service.queue(suspect(2, "b", 30));
        service.queue(suspect(3, "c", 20));
        assertThat(service.nextDue()).isEqualTo(20);
    }

    @Test
    void whileItIsDarkThreeAskAndTheOthersWait() {
        List<Watch> watches = queued(6);
        service.darken();
        assertThat(service.isDark()).isTrue();
        List<Watch> asking = watches.stream().filter(watch -> watch.queued).toList();
        assertThat(asking).hasSize(3);
        Watch asked = asking.get(0);
        service.remove(asked);
        asked.due = 5_000;
        service.queue(asked); // It goes on asking.
        assertThat(asked.queued).isTrue();
        Watch fresh = watch(7, "fresh", 0);
        service.queue(fresh);
        assertThat(fresh.queued).isFalse();
        List<Watch> waiting = new ArrayList<>(watches);
        waiting.removeAll(asking);
        waiting.add(fresh);
        assertThat(service.lighten()).containsExactlyInAnyOrderElementsOf(waiting);
        assertThat(service.isDark()).isFalse();
        assertThat(service.lighten()).isEmpty();
        assertThat(asking).allMatch(watch -> watch.queued);
    }

    @Test
    void thoseThatAreSuspectAreAskedFirstWhileItIsDarkAndTheirOwnersAreKept() {
        List<Watch> watches = queued(4);
        Watch denied = suspect(9, "denied", 1_000);
        service.queue(denied);
        service.darken();
        assertThat(denied.queued).isTrue();
        assertThat(service.suspects()).containsExactly(denied);
        assertThat(watches).filteredOn(watch -> watch.queued).hasSize(2);
    }

    @Test
    void whoeverWaitsInTheDarkAndIsNotWatchedAnyMoreIsForgotten() {
        List<Watch> watches = queued(5);
        service.darken();
        Watch waiting =
                watches.stream().filter(watch -> !watch.queued).findFirst().orElseThrow();
        service.drop(waiting);
        assertThat(service.lighten()).hasSize(1).doesNotContain(waiting);
    }

    @Test
    void whoeverAskedInTheDarkAndIsNotWatchedAnyMoreHasASuccessor() {
        List<Watch> watches = queued(5);
        service.darken();
        List<Watch> asking = watches.stream().filter(watch -> watch.queued).toList();
        service.drop(asking.get(0));
        assertThat(watches).filteredOn(watch -> watch.queued).hasSize(3).doesNotContain(asking.get(0));
        assertThat(service.lighten()).hasSize(1);
    }

    @Test
    void anotherDarknessHasThreeWhoAskAgain() {
        List<Watch> watches = queued(5);
        service.darken();
        service.lighten().forEach(service::queue);
        assertThat(watches).allMatch(watch -> watch.queued);
        service.darken();
        assertThat(watches).filteredOn(watch -> watch.queued).hasSize(3);
        assertThat(service.lighten()).hasSize(2);
    }

    @Test
    void whatIsSuspectAndSilentIsNoDenialToBeConfirmed() {
        Watch silent = suspect(1, "a", 10);
        silent.reach = KekReach.UNREACHABLE;
        service.queue(silent);
        assertThat(service.suspects()).isEmpty();
        assertThat(service.due(10)).containsSame(silent);
    }
}
