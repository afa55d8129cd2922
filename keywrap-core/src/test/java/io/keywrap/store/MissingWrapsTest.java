package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which recipients have not wrapped which DEKs, as repairs ask it. */
class MissingWrapsTest {
    private static final KekId REPLICA = KekId.of("keystore:main#replica");
    private static final KekId OLD = KekId.of("keystore:main#old");
    private static final List<Recipient> RECIPIENTS = List.of(
            new Recipient(Role.CONTROL, Records.KEK),
            new Recipient(Role.REPLICA, REPLICA),
            new Recipient(Role.RETAINED, OLD));

    private final DekEntry complete = dek(State.PRIMARY, Records.KEK, REPLICA);
    private final DekEntry withoutReplica = dek(State.DECRYPT_ONLY, Records.KEK, OLD);
    private final DekEntry withoutAny = dek(State.DECRYPT_ONLY, OLD);
    private final DekEntry destroyed = Records.dek(Usage.ENVELOPES, State.DESTROYED);
    private final KeychainRecord record = record(destroyed, withoutAny, withoutReplica, complete);

    @Test
    void areThoseOfControlAndReplicaAndNotOfRetainedKeks() {
        assertThat(record.missing(complete)).isEmpty();
        assertThat(record.missing(withoutReplica)).containsExactly(RECIPIENTS.get(1));
        assertThat(record.missing(withoutAny)).isEqualTo(RECIPIENTS.subList(0, 2));
    }

    @Test
    void areLookedForInAllDeksButTheDestroyedOnesOldestFirst() {
        assertThat(record.incomplete()).containsExactly(withoutAny, withoutReplica);
    }

    @Test
    void areNoneWhereTheKeychainIsDestroyed() {
        assertThat(record.destroyed()).isFalse();
        assertThat(record(destroyed).destroyed()).isTrue();
        assertThat(record(destroyed).incomplete()).isEmpty();
    }

    @Test
    void areToldByTheKekAskedForAlone() {
        assertThat(withoutReplica.wrapUnder(OLD))
                .contains(withoutReplica.wraps().get(1));
        assertThat(withoutReplica.wrapUnder(REPLICA)).isEmpty();
    }

    private static KeychainRecord record(DekEntry... deks) {
        return Records.builder("t").recipients(RECIPIENTS).deks(List.of(deks)).build(Records.SEALER);
    }

    private static DekEntry dek(State state, KekId... keks) {
        DekId id = DekId.random();
        List<Wrap> wraps = Stream.of(keks)
                .map(kek -> new Wrap(Role.CONTROL, WrappedDek.builder(id, kek).build("A", new byte[60])))
                .toList();
        return new DekEntry(id, Usage.ENVELOPES, state, Records.MADE, "5a".repeat(32), wraps);
    }
}
