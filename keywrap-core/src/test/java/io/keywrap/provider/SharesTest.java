package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.Operation;
import java.lang.reflect.Field;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whose DEKs leave the cache where one owner has too many. */
class SharesTest {
    private final Shares shares = new Shares(2);

    private static CachedDek entry(String keychain) {
        WrappedDek wrapped = FakeKms.wrapped();
        EncryptionContext context = EncryptionContext.ofDek(keychain, wrapped.dekId(), EncryptionContext.empty());
        try (Dek dek = Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes())) {
            return new CachedDek(new UnwrapKey(wrapped, context), dek, Operation.UNWRAP, null, 0);
        }
    }

    /** Or else whoever has just unwrapped it would find it gone. */
    @Test
    void itIsNeverTheOneThatHasJustCome() {
        for (int i = 0; i < 100; i++) {
            CachedDek newest = entry("one");
            shares.added(newest).ifPresent(other -> assertThat(other).isNotEqualTo(newest.key()));
        }
    }

    @Test
    void nothingStaysOfAnOwnerWhoHasNone() throws Exception {
        CachedDek first = entry("one");
        CachedDek second = entry("one");
        shares.added(first);
        shares.added(second);
        shares.removed(first);
        shares.removed(first);
        assertThat(owners()).hasSize(1);
        shares.removed(second);
        assertThat(owners()).isEmpty();
    }

    private Map<?, ?> owners() throws ReflectiveOperationException {
        Field field = Shares.class.getDeclaredField("byOwner");
        field.setAccessible(true);
        return (Map<?, ?>) field.get(shares);
    }
}
