package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.ManualTime;
import io.keywrap.StoreUnavailableException;
import io.keywrap.revocation.MonitorLease.Holder;
import io.keywrap.store.StoreNotes;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who holds the lease of a store, to the nanosecond: never two at once, and nobody for no longer than it has to be. */
class MonitorLeaseTest {
    private static final long LEASE = 30_000_000_000L;
    private static final Duration NANO = Duration.ofNanos(1);

    private final ManualTime time = new ManualTime();
    private final long begun = time.nanoTime() - 5;
    private final SharedStore store = new SharedStore();
    private final MonitorLease one = lease(store);
    private final MonitorLease other = lease(store);

    private MonitorLease lease(StoreNotes notes) {
        return new MonitorLease(Optional.of(notes), LEASE, () -> time.nanoTime() - begun);
    }

    private byte[] note() {
        return store.note(MonitorLease.NOTE).orElseThrow().content();
    }

    private long revision() {
        return store.note(MonitorLease.NOTE).map(StoreNotes.Note::revision).orElse(0L);
    }

    private void put(byte... content) {
        assertThat(store.putNote(MonitorLease.NOTE, revision(), content)).isTrue();
    }

    @Test
    void whoeverComesFirstHoldsItForItsTimeAndNotLonger() {
        one.renew();
        assertThat(one.holder()).isEqualTo(Holder.SELF);
        time.advance(Duration.ofNanos(LEASE - 1));
        assertThat(one.holder()).isEqualTo(Holder.SELF);
        time.advance(NANO);
        assertThat(one.holder()).isEqualTo(Holder.UNKNOWN);
    }

    @Test
    void theHolderCountsFromBeforeItWroteAndTheOneWhoWaitsFromAfterItRead() {
        Duration slow = Duration.ofSeconds(4);
        StoreNotes slowly = new SlowNotes(store, time, slow);
        MonitorLease holds = lease(slowly);
        MonitorLease waits = lease(slowly);
        holds.renew(); // It reads for 4 seconds and writes for 4.
        time.advance(Duration.ofNanos(LEASE).minus(slow).minus(NANO));
        assertThat(holds.holder()).isEqualTo(Holder.SELF);
        time.advance(NANO);
        assertThat(holds.holder()).isEqualTo(Holder.UNKNOWN);
        waits.renew();
        time.advance(Duration.ofNanos(LEASE).minus(slow).minus(NANO));
        waits.renew(); // Its answer comes one nanosecond too early.
        assertThat(waits.holder()).isEqualTo(Holder.ANOTHER);
        assertThat(revision()).isEqualTo(1);
        waits.renew();
        assertThat(waits.holder()).isEqualTo(Holder.SELF);
    }

    @Test
    void renewedItIsHeldForAnotherTime() {
        one.renew();
        for (int i = 0; i < 5; i++) {
            time.advance(Duration.ofNanos(LEASE - 1));
            byte[] before = note();
            one.renew();
            assertThat(one.holder()).isEqualTo(Holder.SELF);
            assertThat(note()).isNotEqualTo(before);
            assertThat(revision()).isEqualTo(i + 2);
        }
    }

    @Test
    void whoeverWaitsTakesOverOnceNothingWasWrittenForTheTimeOfALease() {
        one.renew();
        other.renew();
        assertThat(other.holder()).isEqualTo(Holder.ANOTHER);
        time.advance(Duration.ofNanos(LEASE - 1));
        other.renew();
        assertThat(other.holder()).isEqualTo(Holder.ANOTHER);
        time.advance(NANO);
        other.renew();
        assertThat(other.holder()).isEqualTo(Holder.SELF);
        assertThat(one.holder()).isEqualTo(Holder.UNKNOWN);
    }

    @Test
    void everyRenewalOfTheHolderMakesTheOtherWaitAnew() {
        one.renew();
        other.renew();
        for (int i = 0; i < 10; i++) {
            time.advance(Duration.ofSeconds(20));
            one.renew();
            time.advance(Duration.ofSeconds(5));
            other.renew();
            assertThat(one.holder()).isEqualTo(Holder.SELF);
            assertThat(other.holder()).isEqualTo(Holder.ANOTHER);
        }
    }

    @Test
    void whoeverWasOvertakenKnowsAtItsNextRenewalAndLetsTheOtherHoldIt() {
        one.renew();
        time.advance(Duration.ofSeconds(10));
        put((byte) 1); // By somebody who did not wait.
        one.renew();
        assertThat(one.holder()).isEqualTo(Holder.ANOTHER);
        assertThat(revision()).isEqualTo(2);
        time.advance(Duration.ofNanos(LEASE - 1));
        one.renew();
        assertThat(one.holder()).isEqualTo(Holder.ANOTHER);
        time.advance(NANO);
        one.renew();
        assertThat(one.holder()).isEqualTo(Holder.SELF);
    }

    @Test
    void whoeverLosesTheRaceForAFreeLeaseDoesNotHoldIt() {
        MonitorLease late = lease(new SlowNotes(store, time, Duration.ZERO) {
            @Override
            public boolean putNote(String name, long expectedRevision, byte[] content) {
                put((byte) 1);
                return super.putNote(name, expectedRevision, content);
            }
        });
        late.renew();
        assertThat(late.holder()).isEqualTo(Holder.ANOTHER);
        late.giveBack();
        assertThat(note()).containsExactly(1);
    }

    @Test
    void oneThatWasGivenBackIsTakenAtOnce() {
        one.renew();
        other.renew();
        one.giveBack();
        assertThat(one.holder()).isEqualTo(Holder.ANOTHER);
        other.renew();
        assertThat(other.holder()).isEqualTo(Holder.SELF);
        assertThat(note()).hasSize(26).startsWith(1, 1);
    }

    @Test
    void onlyOneThatIsWrittenSoIsGivenBack() {
        one.renew();
        other.renew();
        one.giveBack();
        byte[] free = note();
        byte[] ofAnotherFormat = free.clone();
        ofAnotherFormat[0] = 2;
        byte[] held = free.clone();
        held[1] = 1;
        byte[] longer = Arrays.copyOf(free, 27);
        for (byte[] content : List.of(ofAnotherFormat, held, longer, new byte[] {1, 0}, new byte[0])) {
            put(content);
            other.renew();
            assertThat(other.holder()).isEqualTo(Holder.ANOTHER);
            assertThat(note()).isEqualTo(content);
        }
        put(free);
        other.renew();
        assertThat(other.holder()).isEqualTo(Holder.SELF);
    }

    @Test
    void onlyTheHolderGivesItBack() {
        one.renew();
        other.renew();
        byte[] held = note();
        other.giveBack();
        assertThat(note()).isEqualTo(held);
        time.advance(Duration.ofNanos(LEASE));
        one.giveBack(); // Its time is over, and another may have it.
        assertThat(note()).isEqualTo(held);
    }

    @Test
    void withoutAnAnswerNobodyKnowsOnceTheTimeOfALeaseIsOver() {
        time.advance(Duration.ofDays(1));
        MonitorLease fresh = lease(store);
        put((byte) 1);
        store.down = true;
        fresh.renew();
        assertThat(fresh.holder()).isEqualTo(Holder.ANOTHER);
        time.advance(Duration.ofNanos(LEASE));
        assertThat(fresh.holder()).isEqualTo(Holder.ANOTHER);
        time.advance(NANO);
        assertThat(fresh.holder()).isEqualTo(Holder.UNKNOWN);
        store.down = false;
        fresh.renew(); // The first that it reads: it has to wait from now on.
        assertThat(fresh.holder()).isEqualTo(Holder.ANOTHER);
        assertThat(revision()).isEqualTo(1);
        time.advance(Duration.ofNanos(LEASE).plusNanos(1));
        assertThat(fresh.holder()).isEqualTo(Holder.UNKNOWN);
    }

    @Test
    void itsHolderGoesOnUntilItsTimeIsOverWhileTheStoreIsOutOfReach() {
        one.renew();
        time.advance(Duration.ofSeconds(10));
        store.down = true;
        one.renew();
        assertThat(one.holder()).isEqualTo(Holder.SELF);
        one.giveBack();
        store.down = false;
        assertThat(one.holder()).isEqualTo(Holder.SELF);
        time.advance(Duration.ofNanos(LEASE).minusSeconds(10));
        assertThat(one.holder()).isEqualTo(Holder.UNKNOWN);
        one.renew();
        assertThat(one.holder()).isEqualTo(Holder.SELF);
    }

    @Test
    void withoutNotesEachHoldsItAlways() {
        MonitorLease alone = new MonitorLease(Optional.empty(), LEASE, () -> time.nanoTime() - begun);
        alone.renew();
        time.advance(Duration.ofDays(1));
        assertThat(alone.holder()).isEqualTo(Holder.SELF);
        alone.giveBack();
        assertThat(alone.holder()).isEqualTo(Holder.SELF);
    }

    /** Notes whose every call takes some time. */
    private static class SlowNotes implements StoreNotes {
        private final StoreNotes notes;
        private final ManualTime time;
        private final Duration slow;

        SlowNotes(StoreNotes notes, ManualTime time, Duration slow) {
            this.notes = notes;
            this.time = time;
            this.slow = slow;
        }

        @Override
        public Optional<Note> note(String name) throws StoreUnavailableException {
            Optional<Note> note = notes.note(name);
            time.advance(slow);
            return note;
        }

        @Override
        public boolean putNote(String name, long expectedRevision, byte[] content) {
            boolean written = notes.putNote(name, expectedRevision, content);
            time.advance(slow);
            return written;
        }

        @Override
        public List<String> noteNames(String prefix, Optional<String> after, int limit) {
            return notes.noteNames(prefix, after, limit);
        }
    }
}
