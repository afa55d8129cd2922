package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.crypto.Jca.Slice;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Each initialisation vector is random, and serves once: whatever fails before, in between, or after. */
class InitialisationVectorTest {
    private static final byte[] SECRET = new byte[32];
    private static final byte[] AAD = {1};

    private final AtomicBoolean broken = new AtomicBoolean();
    private final Jca jca = Jca.withRandom(new SecureRandom() {
        private static final long serialVersionUID = 1L;

        @Override
        public void nextBytes(byte[] bytes) {
            if (broken.get()) {
                throw new ProviderException("the random source cannot be read (said by the test)");
            }
            super.nextBytes(bytes);
        }
    });
    private final Set<String> seen = new HashSet<>(Set.of("00".repeat(Jca.GCM_IV_BYTES)));

    /** Wherever in the row of those that were drawn at once. */
    @Test
    void noneIsTakenWhereTheRandomSourceHasFailed() throws GeneralSecurityException {
        try (Gcm gcm = jca.gcm(jca.random(Jca.KEY_BYTES))) {
            for (int i = 0; i < 200; i++) {
                broken.set(true);
                try {
                    isFresh(seal(gcm)); // Of those that were drawn before.
                } catch (ProviderException e) {
                    assertThatExceptionOfType(ProviderException.class).isThrownBy(() -> seal(gcm));
                }
                broken.set(false);
                isFresh(seal(gcm));
            }
        }
    }

    /** Its ciphers outlive their failures. */
    @Test
    void theKeyOfTheProcessTakesNoneEither() {
        ProcessKey key = new ProcessKey(jca);
        for (int i = 0; i < 50; i++) {
            broken.set(true);
            try {
                isFresh(key.seal(SECRET));
            } catch (ProviderException e) {
                assertThat(e).hasMessageContaining("random source");
            }
            broken.set(false);
            isFresh(key.seal(SECRET));
        }
    }

    /** It has been handed to the provider, and stands in the output. */
    @Test
    void oneThatWasBegunWithIsNotTakenAgain() throws GeneralSecurityException {
        StubProvider provider = StubProvider.thatBreaks(broken::get);
        Suite suite = Suite.of(provider, provider, provider, new SecureRandom());
        try (Gcm gcm = new Gcm(suite, null)) {
            gcm.rekey(new byte[Jca.KEY_BYTES]);
            for (int i = 0; i < 20; i++) {
                isFresh(seal(gcm));
                broken.set(true);
                byte[] failed = new byte[SECRET.length + Jca.GCM_OVERHEAD_BYTES];
                assertThatIllegalStateException().isThrownBy(() -> gcm.seal(Slice.of(SECRET), AAD, failed, 0));
                isFresh(failed);
                broken.set(false);
            }
        }
    }

    @Test
    void noneServesTwiceAcrossKeysThatComeBack() throws GeneralSecurityException {
        byte[] one = jca.random(Jca.KEY_BYTES);
        byte[] other = jca.random(Jca.KEY_BYTES);
        try (Workbench bench = jca.workbench()) {
            for (int i = 0; i < 100; i++) {
                try (Gcm gcm = bench.gcm()) {
                    gcm.rekey(one);
                    isFresh(seal(gcm));
                    isFresh(seal(gcm));
                    gcm.rekey(other);
                    isFresh(seal(gcm));
                    gcm.forget();
                    gcm.rekey(one);
                    isFresh(seal(gcm));
                }
            }
        }
    }

    private static byte[] seal(Gcm gcm) throws GeneralSecurityException {
        byte[] sealed = new byte[SECRET.length + Jca.GCM_OVERHEAD_BYTES];
        gcm.seal(Slice.of(SECRET), AAD, sealed, 0);
        return sealed;
    }

    private void isFresh(byte[] sealed) {
        assertThat(seen.add(HexFormat.of().formatHex(sealed, 0, Jca.GCM_IV_BYTES)))
                .as("an initialisation vector that was not there before")
                .isTrue();
    }
}
