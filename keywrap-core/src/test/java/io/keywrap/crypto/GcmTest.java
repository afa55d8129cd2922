package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.crypto.StubProvider.Flaw;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What becomes of ciphers that are closed, whose IVs they take, and where they write. */
class GcmTest {
    private static final byte[] AAD = {1, 2, 3};
    private static final byte[] PLAINTEXT = {1, 2, 3, 4, 5};

    private final SecretKey held = new SecretKeySpec(
            new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9},
            "AES");

    private static Jca of(StubProvider provider) {
        return new Jca(null, Suite.of(provider, provider, provider, new SecureRandom()));
    }

    private static byte[] seal(Gcm gcm) throws GeneralSecurityException {
        byte[] sealed = new byte[PLAINTEXT.length + Jca.GCM_OVERHEAD_BYTES];
        assertThat(gcm.seal(Slice.of(PLAINTEXT), AAD, sealed, 0)).isEqualTo(sealed.length);
        return sealed;
    }

    @Test
    void isUsedAgainAfterItsEndIfItsKeyWasOurs() {
        StubProvider provider = new StubProvider("Own", Flaw.TAKES_IVS);
        Jca jca = of(provider);
        jca.gcm().close();
        int before = provider.engines();
        jca.gcm().close();
        assertThat(provider.engines()).isEqualTo(before);
    }

    /** It has the key still, and belongs to another provider. */
    @Test
    void goesToNobodyAfterItsEndIfItsKeyWasAnotherProviders() throws GeneralSecurityException {
        StubProvider provider = new StubProvider("Own", Flaw.TAKES_IVS);
        Jca jca = of(provider);
        try (Gcm token = jca.gcm(held, new StubProvider("Token", Flaw.TAKES_IVS))) {
            seal(token);
        }
        int before = provider.engines();
        jca.gcm().close();
        assertThat(provider.engines()).isEqualTo(before + 1);
    }

    @Test
    void takesTheIvsThatTheNamedProviderMakesForItsOwnKeys() throws GeneralSecurityException {
        StubProvider named = new StubProvider("Named");
        Jca jca = Jca.of(Optional.of(named));
        int before = named.draws();
        try (Gcm token = jca.gcm(held, named)) {
            byte[] sealed = seal(token);
            byte[] opened = new byte[PLAINTEXT.length];
            token.open(Slice.of(sealed), AAD, opened, 0);
            assertThat(opened).isEqualTo(PLAINTEXT);
        }
        assertThat(named.draws()).isEqualTo(before);
    }

    @Test
    void drawsTheIvsForKeysOfAnotherProviderFromTheNamedOne() throws GeneralSecurityException {
        StubProvider named = new StubProvider("Named");
        Jca jca = Jca.of(Optional.of(named));
        int before = named.draws();
        try (Gcm token = jca.gcm(held, new StubProvider("Token", Flaw.TAKES_IVS))) {
            seal(token);
        }
        assertThat(named.draws()).isEqualTo(before + 1);
    }

    /** That key is not ours to destroy, and is there still. */
    @Test
    void doesNothingOnceItIsClosedUnderAKeyOfAnotherProvider() throws GeneralSecurityException {
        Gcm token = of(new StubProvider("Own", Flaw.TAKES_IVS)).gcm(held, new StubProvider("Token", Flaw.TAKES_IVS));
        byte[] sealed = seal(token);
        token.close();
        assertThatIllegalStateException().isThrownBy(() -> seal(token)).withMessageContaining("was closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> token.open(Slice.of(sealed), AAD, new byte[PLAINTEXT.length], 0))
                .withMessageContaining("was closed");
    }

    /** What it had may be somebody else's by now, in the middle of a message. */
    @Test
    void forgetsNothingOnceItIsClosed() throws GeneralSecurityException {
        StubProvider provider = new StubProvider("Own", Flaw.TAKES_IVS);
        Jca jca = of(provider);
        try (Workbench bench = jca.workbench()) {
            Gcm gone = bench.gcm();
            gone.rekey(jca.random(Jca.KEY_BYTES));
            seal(gone);
            gone.close();
            int before = provider.keyings();
            assertThatIllegalStateException().isThrownBy(gone::forget);
            assertThatIllegalStateException().isThrownBy(() -> gone.rekey(new byte[Jca.KEY_BYTES]));
            assertThat(provider.keyings()).isEqualTo(before);
        }
    }

    /** Also where the room behind the offset is what is short. */
    @Test
    void decryptsToAnOffsetForProvidersThatWantRoomForTheTag() throws GeneralSecurityException {
        Jca jca = of(new StubProvider("Roomy", Flaw.TAKES_IVS, Flaw.WANTS_ROOM_FOR_TAG));
        byte[] out = new byte[PLAINTEXT.length + Jca.GCM_TAG_BYTES];
        try (Gcm gcm = jca.gcm(jca.random(Jca.KEY_BYTES))) {
            byte[] sealed = seal(gcm);
            gcm.open(Slice.of(sealed), AAD, out, Jca.GCM_TAG_BYTES);
            assertThat(Arrays.copyOfRange(out, Jca.GCM_TAG_BYTES, out.length)).isEqualTo(PLAINTEXT);
            assertThat(Arrays.copyOf(out, Jca.GCM_TAG_BYTES)).containsOnly(0);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> gcm.open(Slice.of(sealed), AAD, out, Jca.GCM_TAG_BYTES + 1))
                    .withMessageContaining("too short");
        }
    }
}
