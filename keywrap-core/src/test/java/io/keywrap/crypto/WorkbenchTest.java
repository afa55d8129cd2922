package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.crypto.Jca.Slice;
import java.lang.reflect.Field;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.AEADBadTagException;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.Test;

/** What lies on a workbench keeps its keys, serves nobody with them, and forgets them in the end. */
class WorkbenchTest {
    private static final byte[] AAD = {1, 2, 3};

    private final AtomicBoolean broken = new AtomicBoolean();
    private final AtomicBoolean brokenOnce = new AtomicBoolean();
    private final StubProvider provider = StubProvider.thatBreaks(() -> broken.get() || brokenOnce.getAndSet(false));
    private final Jca jca = new Jca(null, suite());
    private final Workbench bench = jca.workbench();
    private final byte[] key = jca.random(32);
    private final byte[] other = jca.random(32);

    @Test
    void handsCiphersOnWithoutAnotherKeyInBetween() throws GeneralSecurityException {
        byte[] sealed = sealed(bench, key);
        int before = provider.keyings();
        int engines = provider.engines();
        assertThat(opened(bench, key, sealed)).isEqualTo(AAD);
        sealed(bench, other);
        assertThat(provider.keyings()).isEqualTo(before + 2);
        bench.hkdfSha384(key).close();
        bench.hkdfSha384(other).close();
        assertThat(provider.keyings()).isEqualTo(before + 4);
        assertThat(provider.engines()).isLessThanOrEqualTo(engines + 1);
    }

    @Test
    void makesEverythingForgetWhenItIsClosed() throws GeneralSecurityException {
        try (Gcm one = bench.gcm();
                Gcm two = bench.gcm();
                Hkdf three = bench.hkdfSha384(key)) {
            use(one);
            use(two);
            three.expand(48);
        }
        int before = provider.keyings();
        bench.close();
        assertThat(provider.keyings()).isEqualTo(before + 3);
        bench.close();
        assertThat(provider.keyings()).isEqualTo(before + 3);
    }

    @Test
    void whatComesBackAfterTheEndForgetsAtOnce() throws GeneralSecurityException {
        Gcm late = bench.gcm();
        use(late);
        Hkdf derivations = bench.hkdfSha384(key);
        bench.close();
        int before = provider.keyings();
        late.close();
        derivations.close();
        assertThat(provider.keyings()).isEqualTo(before + 2);
        sealed(bench, key);
        assertThat(provider.keyings()).isEqualTo(before + 4);
    }

    @Test
    void neverWorksUnderTheKeyOfWhoeverWasThereBefore() throws GeneralSecurityException {
        byte[] sealed = sealed(bench, key);
        try (Gcm gcm = bench.gcm()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> gcm.open(Slice.of(sealed), AAD, new byte[AAD.length], 0));
            assertThatIllegalStateException().isThrownBy(() -> gcm.seal(Slice.of(AAD), AAD, new byte[31], 0));
        }
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> opened(bench, other, sealed));
        assertThat(opened(bench, key, sealed)).isEqualTo(AAD);
        Gcm closed = bench.gcm();
        closed.rekey(key);
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> closed.seal(Slice.of(AAD), AAD, new byte[31], 0));
    }

    @Test
    void derivesWhatOthersDerive() {
        for (int i = 0; i < 10; i++) {
            byte[] one = jca.random(32);
            byte[] two = jca.random(48);
            try (Hkdf hkdf = bench.hkdfSha384(one)) {
                assertThat(hkdf.expand(100, AAD)).isEqualTo(Jca.platform().hkdfExpandSha384(one, 100, AAD));
                hkdf.rekey(two);
                assertThat(hkdf.expand(32)).isEqualTo(Jca.platform().hkdfExpandSha384(two, 32));
            }
        }
    }

    /** Native providers may take a key that was never used for the one that they have. */
    @Test
    void keepsNoCipherWhoseLastKeyWasNotUsedToTheEnd() throws GeneralSecurityException {
        byte[] sealed = sealed(bench, key);
        sealed[sealed.length - 1] ^= 1;
        int before = provider.keyings();
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> opened(bench, key, sealed));
        assertThat(provider.keyings()).as("the key, and the key of zeros").isEqualTo(before + 2);
    }

    @Test
    void keepsNoCipherThatFailedToEncrypt() throws GeneralSecurityException {
        try (Gcm gcm = bench.gcm()) {
            use(gcm);
            gcm.rekey(other);
            assertThatExceptionOfType(ShortBufferException.class)
                    .isThrownBy(() -> gcm.seal(Slice.of(AAD), AAD, new byte[Jca.GCM_IV_BYTES], 0));
        }
        int before = provider.keyings();
        bench.close();
        assertThat(provider.keyings()).as("nothing lay there").isEqualTo(before);
    }

    @Test
    void whatWasTakenAndNeverUsedForgetsToo() throws GeneralSecurityException {
        sealed(bench, key);
        Gcm late = bench.gcm();
        bench.close();
        int before = provider.keyings();
        late.close();
        assertThat(provider.keyings()).isEqualTo(before + 1);
    }

    @Test
    void hasRoomForSome() throws GeneralSecurityException {
        List<Gcm> many = new ArrayList<>();
        for (int i = 0; i < Workbench.ROOM + 2; i++) {
            Gcm gcm = bench.gcm();
            use(gcm);
            many.add(gcm);
        }
        int before = provider.keyings();
        many.forEach(Gcm::close);
        assertThat(provider.keyings()).isEqualTo(before + 2);
    }

    @Test
    void givesRandomBytesOfTheSameSource() {
        int before = provider.engines();
        assertThat(bench.random(7)).hasSize(7);
        assertThat(provider.engines()).isEqualTo(before);
    }

    @Test
    void hasRoomForSomeDerivations() {
        List<Hkdf> many = new ArrayList<>();
        for (int i = 0; i < Workbench.ROOM + 2; i++) {
            many.add(bench.hkdfSha384(key));
        }
        int before = provider.keyings();
        many.forEach(Hkdf::close);
        assertThat(provider.keyings()).isEqualTo(before + 2);
    }

    @Test
    void aDerivationThatIsClosedTwiceIsGivenBackOnce() {
        Hkdf twice = bench.hkdfSha384(key);
        twice.close();
        twice.close();
        try (Hkdf first = bench.hkdfSha384(key);
                Hkdf second = bench.hkdfSha384(other)) {
            assertThat(first.expand(32)).isEqualTo(Jca.platform().hkdfExpandSha384(key, 32));
            assertThat(second.expand(32)).isEqualTo(Jca.platform().hkdfExpandSha384(other, 32));
        }
    }

    @Test
    void makesTheOthersForgetWhereOneFails() throws GeneralSecurityException {
        try (Gcm one = bench.gcm();
                Gcm two = bench.gcm();
                Hkdf three = bench.hkdfSha384(key)) {
            use(one);
            use(two);
            three.expand(48);
        }
        broken.set(true);
        assertThatIllegalStateException()
                .isThrownBy(bench::close)
                .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(2));
        broken.set(false);
        int before = provider.engines();
        jca.gcm().close();
        assertThat(provider.engines())
                .as("nobody gets one that failed to forget")
                .isEqualTo(before + 1);
    }

    @Test
    void saysThatOneHasFailedAlsoIfThoseAfterItHaveNot() throws GeneralSecurityException {
        try (Gcm one = bench.gcm();
                Gcm two = bench.gcm()) {
            use(one);
            use(two);
        }
        brokenOnce.set(true);
        assertThatIllegalStateException()
                .isThrownBy(bench::close)
                .satisfies(failure -> assertThat(failure.getSuppressed()).isEmpty());
        assertThat(brokenOnce).isFalse();
    }

    @Test
    void clearsWhatIsOfAProviderThatIsNotUsedAnyMore() throws Exception {
        sealed(bench, key);
        Gcm before = bench.gcm();
        use(before);
        sealed(bench, key);
        Hkdf derivations = bench.hkdfSha384(key);
        int keyings = provider.keyings();
        Suite old = jca.suite();
        Field suite = Jca.class.getDeclaredField("suite");
        suite.setAccessible(true);
        suite.set(jca, suite.get(Jca.platform()));
        byte[] sealed = sealed(bench, key);
        assertThat(opened(bench, key, sealed)).isEqualTo(AAD);
        assertThat(provider.keyings()).as("one lay there").isEqualTo(keyings + 1);
        before.close();
        assertThat(provider.keyings()).as("one came back").isEqualTo(keyings + 2);
        derivations.close();
        assertThat(provider.keyings()).as("and a MAC").isEqualTo(keyings + 3);
        bench.hkdfSha384(key).close();
        assertThat(bench.cipher(old)).as("for who asked before").isNull();
        assertThat(bench.mac(old)).isNull();
        assertThat(bench.cipher(jca.suite())).isNotNull();
        assertThat(bench.mac(jca.suite())).isNotNull();
    }

    private Suite suite() {
        return Suite.of(provider, provider, provider, new SecureRandom());
    }

    private void use(Gcm gcm) throws GeneralSecurityException {
        gcm.rekey(key);
        gcm.seal(Slice.of(AAD), AAD, new byte[AAD.length + Jca.GCM_OVERHEAD_BYTES], 0);
    }

    private static byte[] sealed(Ciphers ciphers, byte[] key) throws GeneralSecurityException {
        byte[] sealed = new byte[AAD.length + Jca.GCM_OVERHEAD_BYTES];
        try (Gcm gcm = ciphers.gcm()) {
            gcm.rekey(key);
            gcm.seal(Slice.of(AAD), AAD, sealed, 0);
        }
        return sealed;
    }

    private static byte[] opened(Ciphers ciphers, byte[] key, byte[] sealed) throws GeneralSecurityException {
        byte[] plaintext = new byte[sealed.length - Jca.GCM_OVERHEAD_BYTES];
        try (Gcm gcm = ciphers.gcm()) {
            gcm.rekey(key);
            gcm.open(Slice.of(sealed), AAD, plaintext, 0);
        }
        return plaintext;
    }
}
