package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.crypto.PassphraseCbc.Derivation;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is left of derivations: neither keys nor tags, and no way to somebody else's MAC. */
class DerivationTest {
    private final StubProvider provider = new StubProvider("Stub");
    private final Jca jca = Jca.of(Optional.of(provider));

    private static boolean isZero(byte[] bytes) {
        return Arrays.equals(bytes, new byte[bytes.length]);
    }

    @Test
    void copiesOfKeysAndTagsAreWiped() throws ReflectiveOperationException {
        byte[] key = jca.random(Jca.KEY_BYTES);
        StubProvider.Seen seen = provider.seen();
        seen.keys.clear();
        seen.tags.clear();
        try (Hkdf hkdf = jca.hkdfSha384(key)) {
            assertThat(hkdf.expand(100)).isEqualTo(Jca.platform().hkdfExpandSha384(key, 100));
            assertThat(seen.keys).hasSize(1).allMatch(one -> ((TransientKey) one).isDestroyed());
            assertThat(seen.tags).hasSize(3).allMatch(DerivationTest::isZero);
            Field block = Hkdf.class.getDeclaredField("block");
            block.setAccessible(true);
            assertThat((byte[]) block.get(hkdf)).containsOnly(0);
        }
    }

    /** Its MAC is somebody else's by now: not a byte may reach it. */
    @Test
    void aMacThatIsClosedTakesAndGivesNothing() {
        HmacSha384 closed = HmacSha384.keyedBy(jca.suite(), null, jca.random(Jca.KEY_BYTES));
        closed.close();
        byte[] key = jca.random(Jca.KEY_BYTES);
        try (HmacSha384 next = HmacSha384.keyedBy(jca.suite(), null, key)) {
            assertThatIllegalStateException().isThrownBy(() -> closed.update(new byte[3]));
            assertThatIllegalStateException().isThrownBy(() -> closed.update((byte) 3));
            assertThatIllegalStateException().isThrownBy(() -> closed.tag(new byte[HmacSha384.TAG_BYTES]));
            byte[] tag = new byte[HmacSha384.TAG_BYTES];
            next.tag(tag);
            assertThat(tag).isEqualTo(Jca.platform().hmacSha384(key, new byte[0]));
        }
    }

    @Test
    void aPassphraseIsInNoMacAfterwards() {
        byte[] passphrase = "a passphrase".getBytes(StandardCharsets.US_ASCII);
        StubProvider.Seen seen = provider.seen();
        seen.keys.clear();
        seen.tags.clear();
        PassphraseCbc.derive(jca, new Derivation(passphrase, new byte[8], 1));
        assertThat(seen.keys).hasSize(2);
        Key first = seen.keys.get(0);
        assertThat(((TransientKey) first).isDestroyed()).isTrue();
        assertThat(seen.keys.get(1).getEncoded()).as("what the MAC has at last").containsOnly(0);
        assertThat(seen.tags).hasSize(2).allMatch(DerivationTest::isZero);
    }

    @Test
    void aCipherMayHaveAKeyThatIsDerivedAndKeptNowhere() throws GeneralSecurityException {
        byte[] key = jca.random(Jca.KEY_BYTES);
        byte[] sealed = new byte[3 + Jca.GCM_OVERHEAD_BYTES];
        byte[] opened = new byte[3];
        try (Gcm derived = jca.derivedGcm(key, new byte[] {1}, new byte[] {2});
                Gcm same = Jca.platform().gcm(Jca.platform().hkdfExpandSha384(key, Jca.KEY_BYTES, new byte[] {1, 2}))) {
            derived.seal(Slice.of(new byte[] {7, 8, 9}), new byte[0], sealed, 0);
            same.open(Slice.of(sealed), new byte[0], opened, 0);
        }
        assertThat(opened).containsExactly(7, 8, 9);
    }

    @Test
    void theShortestAndTheLongestOutputAreGiven() {
        assertThat(Jca.platform().hkdfExpandSha384(new byte[32], 1)).hasSize(1);
        assertThat(Jca.platform().hkdfExpandSha384(new byte[32], Hkdf.MAX_BYTES))
                .hasSize(12_240);
    }
}
