package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.ProcessKey;
import io.keywrap.provider.KekEvent.Operation;
import java.lang.reflect.Field;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

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
        opened();
        byte[] plaintext = inUse();
        assertThat(plaintext).isEqualTo(KEY);
        opened();
        assertThat(inUse()).isSameAs(plaintext);
        entry.leaseClosed();
        assertThat(plaintext).isEqualTo(KEY);
        entry.leaseClosed();
        assertThat(plaintext).containsOnly(0);
        assertThat(inUse()).isNull();
        opened();
        assertThat(inUse()).isEqualTo(KEY).isNotSameAs(plaintext);
    }

    @Test
    void isWipedWithTheEntryWhoeverHasALease() {
        opened();
        byte[] plaintext = inUse();
        entry.wipe();
        assertThat(plaintext).containsOnly(0);
        assertThat(entry.open()).isEmpty();
        entry.leaseClosed();
        assertThat(inUse()).isNull();
    }

    private void opened() {
        try (Dek dek = entry.open().orElseThrow()) {
            assertThat(dek.<byte[]>withBytes(byte[]::clone)).isEqualTo(KEY);
        }
    }

    private CachedDek sealed() {
        try (Dek dek = Dek.takeOwnershipOf(key.wrapped().dekId(), KEY.clone())) {
            return new CachedDek(key, dek, Operation.UNWRAP, new ProcessKey(Jca.platform()), 0);
        }
    }

    private byte[] inUse() {
        try {
            Field field = CachedDek.class.getDeclaredField("inUse");
            field.setAccessible(true);
            return (byte[]) field.get(entry);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
