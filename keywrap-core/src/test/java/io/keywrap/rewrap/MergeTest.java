package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What may go from a record, and what stays. */
class MergeTest {
    private static final Instant NOW = Instant.parse("2026-11-28T08:00:00Z");
    private static final KekId OLD = KekId.of("memory:old");
    private static final KekId CONTROL = KekId.of("memory:control");
    private static final KekId REPLICA = KekId.of("memory:replica");
    private static final Goal DROP = new Goal(Map.of(), Set.of(), Optional.empty(), Duration.ofDays(90), true);
    private static final Goal MOVE = new Goal(Map.of(OLD, CONTROL), Set.of(), Optional.empty(), Duration.ZERO, false);

    private final DekId dekId = DekId.random();

    private WrappedDek wrap(KekId kekId, int content) {
        return WrappedDek.builder(dekId, kekId).build("TEST", new byte[] {(byte) content});
    }

    private KeychainRecord record(List<Recipient> recipients, Wrap... wraps) {
        DekEntry entry = new DekEntry(dekId, Usage.ENVELOPES, State.PRIMARY, NOW, "ab".repeat(32), List.of(wraps));
        return KeychainRecord.builder("a", NOW)
                .recipients(recipients)
                .deks(List.of(entry))
                .sealKey(wrap(KekId.of("memory:vendor"), 0))
                .build(body -> new byte[KeychainRecord.SEAL_BYTES]);
    }

    private static Recipient over(KekId kekId) {
        return new Recipient(Role.RETAINED, kekId, Optional.of(NOW.minusSeconds(1)));
    }

    private static DekDone done(Goal goal, KeychainRecord record) {
        return new DekDone(new Needs(goal, Map.of(), record, NOW).all().get(0));
    }

    private static List<Wrap> after(Goal goal, KeychainRecord current, DekDone done) {
        Merge merge = new Merge(goal, current, List.of(done), NOW);
        return merge.fill(current.next())
                .build(body -> new byte[KeychainRecord.SEAL_BYTES])
                .deks()
                .get(0)
                .wraps();
    }

    @Test
    void whatWasProvenIsDropped() {
        Wrap held = new Wrap(Role.CONTROL, wrap(CONTROL, 1));
        KeychainRecord record = record(
                List.of(new Recipient(Role.CONTROL, CONTROL), over(OLD)), held, new Wrap(Role.RETAINED, wrap(OLD, 2)));
        DekDone done = done(DROP, record);
        done.made(held.wrapped());
        assertThat(after(DROP, record, done)).containsExactly(held);
    }

    @Test
    void wrapThatTookTheProvenOnesPlaceMeanwhileLetsNothingGo() {
        List<Recipient> recipients = List.of(new Recipient(Role.CONTROL, CONTROL), over(OLD));
        Wrap old = new Wrap(Role.RETAINED, wrap(OLD, 2));
        Wrap proven = new Wrap(Role.CONTROL, wrap(CONTROL, 1));
        DekDone done = done(DROP, record(recipients, proven, old));
        done.made(proven.wrapped());
        Wrap another = new Wrap(Role.CONTROL, wrap(CONTROL, 3));
        assertThat(after(DROP, record(recipients, another, old), done)).containsExactly(another, old);
    }

    @Test
    void wrapThatTookThePlaceOfAMovedOneMeanwhileLetsNothingGo() {
        Wrap old = new Wrap(Role.CONTROL, wrap(OLD, 2));
        DekDone done = done(MOVE, record(List.of(new Recipient(Role.CONTROL, OLD)), old));
        WrappedDek made = wrap(CONTROL, 1);
        done.opened.add(OLD);
        done.moved.put(new Move(OLD, CONTROL), made);
        done.made(made);
        Wrap others = new Wrap(Role.CONTROL, wrap(CONTROL, 3));
        Wrap kept = new Wrap(Role.RETAINED, old.wrapped());
        KeychainRecord current = record(List.of(new Recipient(Role.CONTROL, CONTROL), over(OLD)), others, kept);
        assertThat(after(MOVE, current, done)).containsExactly(others, kept);
    }

    @Test
    void retainedWrapOfARecipientIsNoProofThatItOpens() {
        KeychainRecord record = record(
                List.of(new Recipient(Role.CONTROL, CONTROL), new Recipient(Role.REPLICA, REPLICA), over(OLD)),
                new Wrap(Role.CONTROL, wrap(CONTROL, 1)),
                new Wrap(Role.RETAINED, wrap(REPLICA, 3)),
                new Wrap(Role.RETAINED, wrap(OLD, 2)));
        DekEntry entry = record.deks().get(0);
        assertThat(new Needs(DROP, Map.of(), record, NOW).all()).isEmpty();
        DekDone done = new DekDone(new DekWork(entry, List.of(), List.of(), List.of()));
        done.made(entry.wraps().get(0).wrapped());
        assertThat(after(DROP, record, done)).isEqualTo(entry.wraps());
    }

    @Test
    void controlKekThatOpenedNothingStays() {
        Wrap old = new Wrap(Role.CONTROL, wrap(OLD, 2));
        KeychainRecord record = record(List.of(new Recipient(Role.CONTROL, OLD)), old);
        DekDone done = done(MOVE, record);
        WrappedDek made = wrap(CONTROL, 1);
        done.moved.put(new Move(OLD, CONTROL), made);
        done.made(made);
        assertThat(new Merge(MOVE, record, List.of(done), NOW).changes()).isFalse();
        done.opened.add(OLD);
        assertThat(after(MOVE, record, done)).containsExactly(new Wrap(Role.CONTROL, made));
    }
}
