package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The 64 bytes that are wrapped: the DEK and the digest of its key context. */
class BoundDekTest {
    private final DekId id = DekId.random();
    private final Dek dek = Dek.random(id);
    private final EncryptionContext context =
            EncryptionContext.ofDek("keychain", id, EncryptionContext.of("tenant", "acme"));

    @Test
    void areTheDekAndTheDigestOfTheCanonicalContext() throws Exception {
        byte[] bound = BoundDek.of(dek, context);
        assertThat(bound).hasSize(64).startsWith(dek.<byte[]>withBytes(byte[]::clone));
        assertThat(Arrays.copyOfRange(bound, 32, 64))
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(context.toBytes()));
    }

    @Test
    void openWithTheSameContextAndAreWiped() {
        byte[] bound = BoundDek.of(dek, context);
        assertThat(BoundDek.open(bound, id, context)).hasValueSatisfying(open -> {
            assertThat(open.<byte[]>withBytes(byte[]::clone)).isEqualTo(dek.withBytes(byte[]::clone));
            assertThat(open.id()).isEqualTo(id);
            open.close();
        });
        assertThat(bound).containsOnly(0);
    }

    @Test
    void openWithNoOtherContextAndAreWiped() {
        byte[] bound = BoundDek.of(dek, context);
        assertThat(BoundDek.open(bound, id, context.with("x", ""))).isEmpty();
        assertThat(bound).containsOnly(0);
        assertThat(BoundDek.open(BoundDek.of(dek, context), id, EncryptionContext.empty()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 33, 48, 63})
    void openNotIfAByteIsChanged(int place) {
        byte[] bound = BoundDek.of(dek, context);
        bound[place] ^= 1;
        assertThat(BoundDek.open(bound, id, context)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 63, 65, 96, 128})
    void haveNoOtherLength(int length) {
        byte[] bound = Arrays.copyOf(BoundDek.of(dek, context), length);
        assertThat(BoundDek.open(bound, id, context)).isEmpty();
        assertThat(bound).doesNotContain(1, 2, 3);
    }
}
