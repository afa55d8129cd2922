package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.rewrap.RewrapNeed.Reason;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a record tells without a job: needs, whom new primaries are wrapped to, and room for them. */
class RewrapNeedTest extends MergeFixture {
    private List<RewrapNeed> needs(List<Recipient> recipients, DekEntry entry) {
        return RewrapNeed.of(record(recipients, entry), Map.of(), NOW);
    }

    @Test
    void retainedRecipientIsNotMissed() {
        List<Recipient> recipients = List.of(control(NEW), retained(OLD, NOW.plusSeconds(1)));
        assertThat(needs(recipients, entry(wrap(Role.CONTROL, NEW)))).isEmpty();
        assertThat(needs(recipients, entry(wrap(Role.CONTROL, NEW), wrap(Role.RETAINED, OLD))))
                .isEmpty();
    }

    @Test
    void wrapIsHeldAgainstItsOwnRecipient() {
        List<Recipient> recipients = List.of(control(NEW), replica(OTHER), retained(OLD, NOW));
        DekEntry entry = entry(wrap(Role.CONTROL, NEW), wrap(Role.CONTROL, OTHER), wrap(Role.RETAINED, OLD));
        assertThat(needs(recipients, entry))
                .containsExactly(
                        new RewrapNeed(first, Reason.OTHER_ROLE, OTHER, ""),
                        new RewrapNeed(first, Reason.RETAINED_OVER, OLD, ""));
        assertThat(needs(List.of(control(NEW)), entry(wrap(Role.REPLICA, OLD))))
                .containsExactly(
                        new RewrapNeed(first, Reason.OTHER_KEK, OLD, ""),
                        new RewrapNeed(first, Reason.MISSING_WRAP, NEW, ""));
    }

    @Test
    void newPrimariesAreForControlThenForReplicaAndNobodyElse() {
        List<Recipient> recipients = List.of(retained(OLD, NOW), replica(OTHER), control(NEW));
        assertThat(OldPrimaries.targets(record(recipients, entry(wrap(Role.CONTROL, NEW)))))
                .containsExactly(control(NEW), replica(OTHER));
    }

    @Test
    void keychainHasRoomForJustTheMostDeks() {
        List<DekEntry> entries = new ArrayList<>(List.of(entry(wrap(Role.CONTROL, NEW))));
        while (entries.size() < KeychainRecord.MAX_DEKS - 1) {
            entries.add(
                    new DekEntry(DekId.random(), Usage.ENVELOPES, State.DESTROYED, NOW, "ab".repeat(32), List.of()));
        }
        KeychainRecord record = record(List.of(control(NEW)), entries.toArray(DekEntry[]::new));
        assertThat(OldPrimaries.hasRoom(record, 1)).isTrue();
        assertThat(OldPrimaries.hasRoom(record, 2)).isFalse();
    }

    @Test
    void reportTellsMachinesAllOfIt() {
        Item item = Item.of("a", Outcome.STORE, "a block is bad").with(first);
        RewrapReport report = new RewrapReport(
                Map.of(Outcome.MOVED, 3L, Outcome.STORE, 1L),
                List.of(item),
                0,
                2,
                List.of(),
                Duration.ofMillis(1_500),
                false);
        assertThat(report.toJson())
                .contains("\"elapsedSeconds\": 1.5", "\"outcome\": \"STORE\"", "\"message\": \"a block is bad\"")
                .contains("\"dek\": \"" + first + "\"", "\"keychain\": \"a\"");
    }
}
