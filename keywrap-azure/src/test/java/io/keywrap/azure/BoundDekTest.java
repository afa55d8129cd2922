package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The 64 bytes that are wrapped: the DEK and the digest of its key context. */
class BoundDekTest {
    private static final Optional<Provider> JVM = Optional.empty();

    private final DekId id = DekId.random();
    private final Dek dek = Dek.random(id);
    private final EncryptionContext context =
            EncryptionContext.ofDek("keychain", id, EncryptionContext.of("tenant", "acme"));

    @Test
    void areTheDekAndTheDigestOfTheCanonicalContext() throws Exception {
        byte[] bound = BoundDek.of(dek, context, JVM);
        assertThat(bound).hasSize(64).startsWith(dek.<byte[]>withBytes(byte[]::clone));
        assertThat(Arrays.copyOfRange(bound, 32, 64))
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(context.toBytes()));
    }

    @Test
    void openWithTheSameContextAndAreWiped() {
        byte[] bound = BoundDek.of(dek, context, JVM);
        assertThat(BoundDek.open(bound, id, context, JVM)).hasValueSatisfying(open -> {
            assertThat(open.<byte[]>withBytes(byte[]::clone)).isEqualTo(dek.withBytes(byte[]::clone));
            assertThat(open.id()).isEqualTo(id);
            open.close();
        });
        assertThat(bound).containsOnly(0);
    }

    @Test
    void areDigestedByTheProviderThatIsNamed() {
        Optional<Provider> named = Optional.of(new NamedProvider());
        byte[] bound = BoundDek.of(dek, context, named);
        assertThat(Arrays.copyOfRange(bound, 32, 64)).containsOnly(NamedProvider.DIGEST_BYTE);
        assertThat(BoundDek.open(bound.clone(), id, context, JVM)).isEmpty();
        assertThat(BoundDek.open(bound, id, context, named)).hasValueSatisfying(Dek::close);
    }

    @Test
    void areTheSameByTheJdksOwnThatIsNamed() {
        Optional<Provider> named = Optional.of(Security.getProvider("SunJCE"));
        assertThat(BoundDek.of(dek, context, named)).isEqualTo(BoundDek.of(dek, context, JVM));
    }

    @Test
    void areDigestedByNobodyElseIfTheProviderThatIsNamedCannot() {
        Optional<Provider> named = Optional.of(Security.getProvider("SunRsaSign"));
        byte[] bound = BoundDek.of(dek, context, JVM);
        assertThatThrownBy(() -> BoundDek.of(dek, context, named)).isInstanceOf(ProviderException.class);
        assertThatThrownBy(() -> BoundDek.open(bound, id, context, named)).isInstanceOf(ProviderException.class);
        assertThat(bound).containsOnly(0);
    }

    @Test
    void openWithNoOtherContextAndAreWiped() {
        byte[] bound = BoundDek.of(dek, context, JVM);
        assertThat(BoundDek.open(bound, id, context.with("x", ""), JVM)).isEmpty();
        assertThat(bound).containsOnly(0);
        assertThat(BoundDek.open(BoundDek.of(dek, context, JVM), id, EncryptionContext.empty(), JVM))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 33, 48, 63})
    void openNotIfAByteIsChanged(int place) {
        byte[] bound = BoundDek.of(dek, context, JVM);
        bound[place] ^= 1;
        assertThat(BoundDek.open(bound, id, context, JVM)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 63, 65, 96, 128})
    void haveNoOtherLength(int length) {
        byte[] bound = Arrays.copyOf(BoundDek.of(dek, context, JVM), length);
        assertThat(BoundDek.open(bound, id, context, JVM)).isEmpty();
        assertThat(bound).doesNotContain(1, 2, 3);
    }
}
