package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Records at their very limits: what can be written can be read, and one more is refused. */
class RecordLimitsTest {
    private static final int DEKS = 150;

    /** One that could be written and not read would be a keychain lost. */
    @Test
    void theLongestRecordIsWrittenAndReadAndOneByteMoreIsNot() {
        int besideWraps = build(deks(0)).toBytes().length;
        KeychainRecord longest = build(deks(KeychainRecord.MAX_BYTES - besideWraps));
        byte[] encoded = longest.toBytes();
        assertThat(encoded.length).isEqualTo(KeychainRecord.MAX_BYTES);
        assertThat(KeychainRecord.parse(encoded).deks().equals(longest.deks())).isTrue();

        List<DekEntry> more = deks(KeychainRecord.MAX_BYTES - besideWraps + 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> build(more))
                .withMessageContaining("a record at most " + KeychainRecord.MAX_BYTES);
    }

    @Test
    void theMostDeksAreWrittenAndReadAndOneMoreIsRefused() {
        List<DekEntry> most = IntStream.range(0, KeychainRecord.MAX_DEKS)
                .mapToObj(RecordLimitsTest::destroyed)
                .toList();
        assertThat(KeychainRecord.parse(build(most).toBytes()).deks().equals(most))
                .isTrue();

        List<DekEntry> more = new ArrayList<>(most);
        more.add(destroyed(KeychainRecord.MAX_DEKS));
        assertThatIllegalArgumentException().isThrownBy(() -> build(more)).withMessageContaining("65,535");
    }

    @Test
    void aQuorumHasEveryControlKekAndAtMostTheReplicasAsWell() {
        List<Recipient> recipients = List.of(
                recipient(Role.CONTROL, "a"),
                recipient(Role.CONTROL, "b"),
                recipient(Role.REPLICA, "c"),
                recipient(Role.RETAINED, "d"),
                recipient(Role.RETAINED, "e"));
        for (int quorum : new int[] {0, 2, 3}) {
            assertThat(withQuorum(recipients, quorum).writeQuorum()).isEqualTo(quorum);
        }
        for (int quorum : new int[] {1, 4, 5}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> withQuorum(recipients, quorum))
                    .withMessageContaining("write quorum");
        }
    }

    @Test
    void aRetainedKekMayEndInTheFirstMillisecondAfter1970BeganAndNotAtItsBeginning() {
        Recipient first = new Recipient(Role.RETAINED, Records.KEK, Optional.of(Instant.ofEpochMilli(1)));
        assertThat(first.until()).contains(Instant.ofEpochMilli(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Recipient(Role.RETAINED, Records.KEK, Optional.of(Instant.EPOCH)));
    }

    private static Recipient recipient(Role role, String name) {
        return new Recipient(role, KekId.of("keystore:main#" + name));
    }

    private static KeychainRecord withQuorum(List<Recipient> recipients, int quorum) {
        return Records.builder("t").recipients(recipients).writeQuorum(quorum).build(Records.SEALER);
    }

    private static KeychainRecord build(List<DekEntry> deks) {
        return Records.builder("t").deks(deks).build(body -> new byte[KeychainRecord.SEAL_BYTES]);
    }

    private static DekEntry destroyed(int number) {
        DekId id = DekId.of(ByteBuffer.allocate(DekId.BYTES).putInt(number).array());
        return new DekEntry(id, Usage.ENVELOPES, State.DESTROYED, Records.MADE, "5a".repeat(32), List.of());
    }

    /** DEKs whose wraps have so many bytes together, beside one each. */
    private static List<DekEntry> deks(int bytes) {
        List<DekEntry> deks = new ArrayList<>();
        for (int i = 0; i < DEKS; i++) {
            DekId id = DekId.random();
            int ofThisOne = bytes / DEKS + (i < bytes % DEKS ? 1 : 0);
            List<Wrap> wraps = IntStream.range(0, KeychainRecord.MAX_WRAPS)
                    .mapToObj(j ->
                            ofThisOne / KeychainRecord.MAX_WRAPS + (j < ofThisOne % KeychainRecord.MAX_WRAPS ? 1 : 0))
                    .map(part -> new Wrap(
                            Role.CONTROL, WrappedDek.builder(id, Records.KEK).build("A", new byte[1 + part])))
                    .toList();
            deks.add(new DekEntry(id, Usage.ENVELOPES, State.DECRYPT_ONLY, Records.MADE, "5a".repeat(32), wraps));
        }
        return deks;
    }
}
