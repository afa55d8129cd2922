package io.keywrap.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who can open and close a DEK by its wraps, and how many of these an envelope has room for. */
class RolesTest {
    private static final KekId A = KekId.of("fake:a");
    private static final KekId B = KekId.of("fake:b");
    private static final KekId C = KekId.of("fake:c");
    private static final int MOST = 54_000;

    private final DekId id = DekId.random();

    private Wrap wrap(Role role, KekId kekId, int encoded) {
        int rest = wrapped(kekId, 1).toBytes().length - 1;
        return new Wrap(role, wrapped(kekId, Math.max(1, encoded - rest)));
    }

    private WrappedDek wrapped(KekId kekId, int bytes) {
        return WrappedDek.builder(id, kekId).build("COPY", new byte[bytes]);
    }

    private DekEntry entry(List<Wrap> wraps) {
        return new DekEntry(id, Usage.ENVELOPES, State.PRIMARY, Instant.EPOCH, "00".repeat(32), wraps);
    }

    private DekEntry entry(Wrap... wraps) {
        return entry(List.of(wraps));
    }

    @Test
    void onlyAControlKekCanLoseControl() {
        DekEntry before = entry(wrap(Role.CONTROL, A, 0), wrap(Role.CONTROL, B, 0), wrap(Role.REPLICA, C, 0));
        DekEntry after = entry(wrap(Role.CONTROL, A, 0), wrap(Role.RETAINED, B, 0), wrap(Role.RETAINED, C, 0));
        assertThat(Roles.controlLost(before, before)).isEmpty();
        assertThat(Roles.controlLost(before, after))
                .extracting(lost -> lost.wrapped().kekId())
                .containsExactly(B);
    }

    @Test
    void earlierControlKeksGoOnUntilEveryNewOneHasWrapped() {
        DekEntry before = entry(wrap(Role.CONTROL, A, 0), wrap(Role.REPLICA, C, 0));
        DekEntry waiting = Roles.settled(before, List.of(new Recipient(Role.CONTROL, B)));
        assertThat(waiting.wraps()).extracting(Wrap::role).containsExactly(Role.CONTROL, Role.RETAINED);
        DekEntry replica =
                Roles.settled(before, List.of(new Recipient(Role.CONTROL, A), new Recipient(Role.REPLICA, B)));
        assertThat(replica.wraps())
                .as("a REPLICA KEK that has not wrapped holds nothing up")
                .extracting(Wrap::role)
                .containsExactly(Role.CONTROL, Role.RETAINED);
        DekEntry both = Roles.settled(
                entry(wrap(Role.CONTROL, A, 0), wrap(Role.REPLICA, C, 0)),
                List.of(new Recipient(Role.REPLICA, B), new Recipient(Role.CONTROL, C)));
        assertThat(both.wraps()).extracting(Wrap::role).containsExactly(Role.RETAINED, Role.CONTROL);
    }

    @Test
    void whatIsDestroyedHasNoRoles() {
        DekEntry gone = entry(wrap(Role.CONTROL, A, 0)).inState(State.DESTROYED);
        assertThat(Roles.settled(gone, List.of(new Recipient(Role.CONTROL, B)))).isSameAs(gone);
    }

    /** 54,000 bytes, with two for the length of each; those that are retained are not carried. */
    @Test
    void thereIsRoomForSoManyBytesOfWraps() {
        List<Wrap> most = new ArrayList<>();
        int left = MOST;
        for (int i = 0; left > 0; i++) {
            int next = Math.min(left, 8_000);
            most.add(wrap(i == 0 ? Role.CONTROL : Role.REPLICA, KekId.of("fake:k" + i), next - 2));
            left -= next;
        }
        assertThat(most.stream()
                        .mapToInt(one -> one.wrapped().toBytes().length + 2)
                        .sum())
                .isEqualTo(MOST);
        List<Wrap> over = new ArrayList<>(most);
        over.set(0, wrap(Role.CONTROL, KekId.of("fake:k0"), 7_999));
        List<Wrap> retained = new ArrayList<>(most);
        retained.add(wrap(Role.RETAINED, C, 1_000));
        assertThatNoException().isThrownBy(() -> Roles.requireRoom(true, entry(most)));
        assertThatNoException().isThrownBy(() -> Roles.requireRoom(true, entry(retained)));
        assertThatNoException().isThrownBy(() -> Roles.requireRoom(false, entry(over)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Roles.requireRoom(true, entry(over)))
                .withMessageContaining("these have 54001");
        assertThatIllegalArgumentException().isThrownBy(() -> Roles.withPrimary(true, List.of(), entry(over)));
    }
}
