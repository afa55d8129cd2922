package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.ProcessKey;
import io.keywrap.provider.KekEvent.Operation;
import java.lang.reflect.Field;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plaintext of a sealed entry is there for as long as leases have it too, and no longer. */
class CachedDekTest {
    private static final byte[] KEY = new byte[Dek.BYTES];

    static {
        Arrays.fill(KEY, (byte) 7);
    }

    private final UnwrapKey key = new UnwrapKey(FakeKms.wrapped(), EncryptionContext.empty());
    private final CachedDek entry = sealed();

    @Test
    void isUnsealedByTheFirstLeaseAndWipedAfterTheLast() {
        assertThat(inUse()).isNull();
        DekLease first = leased(entry);
        byte[] plaintext = inUse();
        assertThat(plaintext).isEqualTo(KEY);
        DekLease second = leased(entry);
        assertThat(inUse()).isSameAs(plaintext);
        first.close();
        first.close();
        assertThat(plaintext).isEqualTo(KEY);
        second.close();
        assertThat(plaintext).containsOnly(0);
        assertThat(inUse()).isNull();
        leased(entry);
        assertThat(inUse()).isEqualTo(KEY).isNotSameAs(plaintext);
    }

    @Test
    void isWipedWithTheEntryWhoeverHasALease() {
        DekLease lease = leased(entry);
        byte[] plaintext = inUse();
        entry.wipe();
        assertThat(plaintext).containsOnly(0);
        assertThat(entry.lease(() -> {})).isEmpty();
        lease.close();
        assertThat(inUse()).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isKeptSealedOrNotAndWiped(boolean sealed) {
        CachedDek kept = sealed ? entry : entry(null);
        byte[] secret = bytes(kept, "secret");
        assertThat(Arrays.equals(secret, KEY)).isEqualTo(!sealed);
        kept.wipe();
        assertThat(secret).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatLeasesShareEndsWithTheLastOfThem(boolean sealed) {
        CachedDek shared = sealed ? entry : entry(null);
        DekLease first = leased(shared);
        DekLease second = leased(shared);
        Ending made = first.shared(Ending.class, Ending::new);
        assertThat(second.shared(Ending.class, Ending::new)).isSameAs(made);
        first.close();
        first.close();
        DekLease third = leased(shared);
        assertThat(third.shared(Ending.class, Ending::new)).isSameAs(made);
        assertThatIllegalStateException().isThrownBy(() -> first.shared(Ending.class, Ending::new));
        second.close();
        assertThat(made.ends).isZero();
        third.close();
        assertThat(made.ends).isOne();
        try (DekLease later = leased(shared)) {
            assertThat(later.shared(Ending.class, Ending::new)).isNotSameAs(made);
        }
        assertThat(made.ends).isOne();
    }

    /** Else leases that go on would have ciphers whose keys nobody takes away. */
    @Test
    void whatLeasesShareOutlivesTheEntry() {
        DekLease lease = leased(entry);
        Ending made = lease.shared(Ending.class, Ending::new);
        entry.wipe();
        assertThat(lease.shared(Ending.class, Ending::new)).isSameAs(made);
        assertThat(made.ends).isZero();
        lease.close();
        assertThat(made.ends).isOne();
    }

    /** Answers may come in another order than their calls were sent in, and the clock may pass its largest number. */
    @Test
    void anOlderProofChangesNothing() {
        long base = Long.MAX_VALUE - 5;
        try (Dek dek = Dek.takeOwnershipOf(key.wrapped().dekId(), KEY.clone())) {
            CachedDek proven = new CachedDek(key, dek, Operation.UNWRAP, null, base);
            CachedDek.Standing first = proven.standing();
            proven.proven(base - 1);
            proven.proven(base);
            assertThat(proven.standing()).isSameAs(first);
            proven.proven(base + 10);
            assertThat(proven.standing().provenAt()).isEqualTo(base + 10);
        }
    }

    /** What ends a DEK for good is not taken back by what work in flight may finish through. */
    @Test
    void theFirstRefusalStaysUnlessALaterOneEndsMore() {
        KekRevokedException disabled = new KekRevokedException(Failure.of(FakeKms.KEK, "test"), Reason.DISABLED);
        KekRevokedException deleted = new KekRevokedException(Failure.of(FakeKms.KEK, "test"), Reason.DELETED);
        DekDestroyedException destroyed =
                new DekDestroyedException("tenant-42", key.wrapped().dekId());
        entry.refuse(disabled);
        entry.refuse(deleted);
        assertThat(entry.standing().refusal()).isSameAs(disabled);
        entry.refuse(destroyed);
        entry.refuse(deleted);
        entry.refuse(new InvalidWrappedDekException(Failure.of(FakeKms.KEK, "test")));
        assertThat(entry.standing().refusal()).isSameAs(destroyed);
        entry.proven(1);
        assertThat(entry.standing()).isEqualTo(new CachedDek.Standing(0, destroyed));
    }

    private static final class Ending implements AutoCloseable {
        private int ends;

        @Override
        public void close() {
            ends++;
        }
    }

    private static DekLease leased(CachedDek entry) {
        DekLease lease = entry.lease(() -> {}).orElseThrow();
        assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(KEY);
        return lease;
    }

    private CachedDek sealed() {
        return entry(new ProcessKey(Jca.platform()));
    }

    private CachedDek entry(ProcessKey sealedBy) {
        try (Dek dek = Dek.takeOwnershipOf(key.wrapped().dekId(), KEY.clone())) {
            return new CachedDek(key, dek, Operation.UNWRAP, sealedBy, 0);
        }
    }

    private byte[] inUse() {
        return bytes(entry, "inUse");
    }

    static byte[] bytes(CachedDek of, String name) {
        try {
            Field field = CachedDek.class.getDeclaredField(name);
            field.setAccessible(true);
            return (byte[]) field.get(of);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
