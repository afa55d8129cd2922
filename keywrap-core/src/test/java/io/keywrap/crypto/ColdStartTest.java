package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.keywrap.crypto.Jca.Slice;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first calls of SunJCE in a process: the same bytes as later, and a bounded number of throw-away ones. */
class ColdStartTest {
    private final ColdStart coldStart = new ColdStart(false);
    private final AtomicInteger told = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1024, 32_767, 32_768, 32_769, 65_504, 65_536, 1_048_544})
    void piecesGiveTheSameBytes(int length) throws GeneralSecurityException {
        byte[] plaintext = new byte[length + 7];
        new Random(length).nextBytes(plaintext);
        Slice slice = new Slice(plaintext, 7, length);
        byte[] cold = new byte[length + 16 + 3];
        byte[] fast = new byte[length + 16 + 3];
        int written = coldStart.seal(encrypting(), slice, cold, 3);
        assertThat(new ColdStart(true).seal(encrypting(), slice, fast, 3)).isEqualTo(written);
        assertThat(written).isEqualTo(length + 16);
        assertThat(Arrays.equals(cold, fast)).isTrue();
    }

    @Test
    void smallOnesAreNoReasonToPrepare() throws GeneralSecurityException {
        coldStart.whenFast(told::incrementAndGet);
        byte[] small = new byte[1024];
        Cipher cipher = encrypting();
        for (int i = 0; i < 20_000; i++) {
            coldStart.beforeOpening(small.length);
        }
        coldStart.seal(cipher, Slice.of(small), new byte[1040], 0);
        assertThat(coldStart.piecesOpened()).isZero();
        assertThat(told).hasValue(0);
    }

    @Test
    void throwAwayDecryptionsAreBoundedAndComeOnce() throws GeneralSecurityException {
        coldStart.whenFast(told::incrementAndGet);
        int segment = 65_536;
        for (long opened = 0; opened + segment <= ColdStart.OPENED_UNPREPARED; opened += segment) {
            coldStart.beforeOpening(segment);
        }
        assertThat(coldStart.piecesOpened()).isZero();
        coldStart.beforeOpening(segment);
        assertThat(coldStart.piecesOpened()).isEqualTo(ColdStart.PIECES_A_STOP);
        for (int i = 0; i < 100; i++) {
            coldStart.beforeOpening(segment);
        }
        assertThat(coldStart.piecesOpened()).isEqualTo(ColdStart.STOPS * ColdStart.PIECES_A_STOP);
        assertThat(told).hasValue(1);
    }

    @Test
    void encryptionIsInPiecesForAWhileOnly() throws GeneralSecurityException {
        coldStart.whenFast(told::incrementAndGet);
        byte[] large = new byte[1 << 20];
        byte[] out = new byte[large.length + 16];
        for (long sealed = 0; sealed < ColdStart.SEALED_IN_PIECES; sealed += large.length) {
            assertThat(told).hasValue(0);
            coldStart.seal(encrypting(), Slice.of(large), out, 0);
        }
        assertThat(told).hasValue(1);
        coldStart.seal(encrypting(), Slice.of(large), out, 0);
        assertThat(told).hasValue(1);
    }

    /** Such as no room for the thread that is to look for a faster one. */
    @Test
    void nothingFailsWhenWhatFollowsCannotBegin() throws GeneralSecurityException {
        coldStart.whenFast(() -> {
            told.incrementAndGet();
            throw new OutOfMemoryError("unable to create native thread (said by the test)");
        });
        byte[] large = new byte[(int) ColdStart.SEALED_IN_PIECES];
        byte[] out = new byte[large.length + 16];
        assertThat(coldStart.seal(encrypting(), Slice.of(large), out, 0)).isEqualTo(out.length);
        coldStart.beforeOpening((int) ColdStart.OPENED_UNPREPARED);
        for (int i = 0; i < ColdStart.STOPS; i++) {
            coldStart.beforeOpening(65_536);
        }
        assertThat(told).hasValue(2);
    }

    @Test
    void otherProvidersNeedNone() throws GeneralSecurityException {
        ColdStart other = ColdStart.of(new StubProvider("Stub"));
        for (int i = 0; i < 100; i++) {
            other.beforeOpening(1 << 20);
        }
        assertThat(other.piecesOpened()).isZero();
        assertThat(ColdStart.of(Security.getProvider("SunJCE"))).isNotSameAs(other);
    }

    /** Products do so at their start, to leave a validated module alone in the list. */
    @Test
    void nothingFailsToDecryptWhenSunJceIsTakenFromTheListOfProviders() {
        Provider sunJce = Security.getProvider("SunJCE");
        int position = List.of(Security.getProviders()).indexOf(sunJce) + 1;
        coldStart.whenFast(told::incrementAndGet);
        Security.removeProvider("SunJCE");
        try {
            coldStart.beforeOpening((int) ColdStart.OPENED_UNPREPARED);
            for (int i = 0; i < ColdStart.STOPS; i++) {
                assertThatCode(() -> coldStart.beforeOpening(65_536)).doesNotThrowAnyException();
            }
        } finally {
            Security.insertProviderAt(sunJce, position);
        }
        assertThat(coldStart.piecesOpened()).isZero();
        assertThat(told).hasValue(1);
    }

    private static Cipher encrypting() throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        cipher.init(
                Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"), new GCMParameterSpec(128, new byte[12]));
        return cipher;
    }
}
