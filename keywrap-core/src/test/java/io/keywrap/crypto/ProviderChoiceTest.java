package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.crypto.StubProvider.Flaw;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.AEADBadTagException;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Who does the cryptography: the JVM's providers, a faster one, or the one that the user names; never one that fails. */
class ProviderChoiceTest {
    private static final byte[] AAD = {1, 2, 3};
    private static final Provider SUN_JCE = Security.getProvider("SunJCE");
    private static final Provider SUN = Security.getProvider("SUN");

    @Nested
    class Named {
        @Test
        void makesItsIvsItself() throws GeneralSecurityException {
            StubProvider provider = new StubProvider("Stub");
            Jca jca = Jca.of(Optional.of(provider));
            assertThat(roundTrip(jca)).isNotEqualTo(roundTrip(jca));
            assertThat(jca.named()).containsSame(provider);
            assertThat(Jca.of(Optional.empty())).isSameAs(Jca.platform());
            assertThat(provider.engines()).isPositive();
        }

        @Test
        void givesTheRandomBytes() {
            StubProvider provider = new StubProvider("Stub");
            Jca jca = Jca.of(Optional.of(provider));
            int before = provider.draws();
            jca.random(32);
            assertThat(provider.draws()).isEqualTo(before + 1);
        }

        @Test
        void isTestedOnce() {
            StubProvider provider = new StubProvider("Stub");
            Jca jca = Jca.of(Optional.of(provider));
            int engines = provider.engines();
            assertThat(Jca.of(Optional.of(provider))).isSameAs(jca);
            assertThat(provider.engines()).isEqualTo(engines);
            assertThat(Jca.of(Optional.of(new StubProvider("Stub")))).isNotSameAs(jca);
            assertThat(Jca.of(Optional.of(provider))).as("beside another one").isSameAs(jca);
        }

        @Test
        void mayWantRoomForTheTagWhenItDecrypts() throws GeneralSecurityException {
            roundTrip(Jca.of(Optional.of(new StubProvider("Stub", Flaw.WANTS_ROOM_FOR_TAG))));
        }

        @Test
        void agreesWithTheJvmsOwn() throws GeneralSecurityException {
            Jca named = Jca.of(Optional.of(new StubProvider("Stub")));
            Jca own = Jca.platform();
            byte[] key = own.random(32);
            assertThat(named.hmacSha384(key, AAD)).isEqualTo(own.hmacSha384(key, AAD));
            assertThat(named.sha256(AAD)).hasSize(32).isEqualTo(own.sha256(AAD));
            assertThat(named.hkdfExpandSha384(key, 100, AAD)).isEqualTo(own.hkdfExpandSha384(key, 100, AAD));
        }

        @ParameterizedTest
        @EnumSource(
                mode = Mode.EXCLUDE,
                names = {"WANTS_ROOM_FOR_TAG", "TAKES_IVS"})
        void isRefusedIfItFailsItsTest(Flaw flaw) {
            StubProvider provider = new StubProvider("Stub", flaw);
            assertThatExceptionOfType(ProviderException.class)
                    .isThrownBy(() -> Jca.of(Optional.of(provider)))
                    .withMessageContaining("Stub cannot be used: " + reason(flaw))
                    .withMessageContaining("to do:");
        }

        /** Several checks may find the same flaw; it is the one that is meant for it. */
        private static String reason(Flaw flaw) {
            return switch (flaw) {
                case DECRYPTS_WRONGLY -> "AES-256-GCM decrypts to something else";
                case ACCEPTS_WRONG_TAGS, IGNORES_ASSOCIATED_DATA, KEEPS_ITS_KEY, SKIPS_KEYS_OF_ZEROS ->
                    "AES-256-GCM accepts what was changed";
                case REPEATS_IVS -> "AES-256-GCM takes an IV twice";
                case COUNTS_IVS_IN_EACH_CIPHER -> "two ciphers of it take one IV";
                case LONG_IVS -> "the crypto provider made an IV that has not 12 bytes";
                case ENCRYPTS_NOTHING -> "AES-256-GCM does not encrypt";
                case WRONG_HMAC -> "HMAC-SHA-384 gives a wrong answer";
                case ONE_HMAC_FOR_ALL_KEYS -> "HMAC-SHA-384 does not depend on its key";
                case WRONG_DIGEST -> "SHA-256 gives a wrong answer";
                case CONSTANT_RANDOM, EMPTY_RANDOM -> "its random bytes repeat";
                case NO_RANDOM -> "it has no SecureRandom";
                case NO_HMAC, THROWS -> "it failed with java.lang.IllegalStateException";
                case LACKS_NATIVE_CODE -> "it failed with java.lang.UnsatisfiedLinkError";
                case WANTS_ROOM_FOR_TAG, TAKES_IVS -> throw new AssertionError(flaw + " is none");
            };
        }

        @Test
        void isRefusedIfItIsNotInstalled() {
            assertThatExceptionOfType(ProviderException.class)
                    .isThrownBy(() -> Jca.installed("Missing"))
                    .withMessageContaining("named Missing is installed")
                    .withMessageContaining("to do:");
        }

        @Test
        void mayBeTheJdksInItsTwoParts() throws GeneralSecurityException {
            roundTrip(Jca.of(Optional.of(Jca.installed("SunJCE"))));
        }

        @Test
        void isRefusedIfItHasNoRandomness() {
            assertThatExceptionOfType(ProviderException.class)
                    .isThrownBy(() -> Jca.of(Optional.of(Jca.installed("SunEC"))))
                    .withMessageContaining("no SecureRandom");
        }

        @Test
        void mayBeBouncyCastle() throws GeneralSecurityException {
            roundTrip(Jca.of(Optional.of(new BouncyCastleProvider())));
        }

        @Test
        void mayBeCorretto() throws GeneralSecurityException {
            roundTrip(Jca.of(Optional.of(corretto())));
        }
    }

    @Nested
    class OfTheJvm {
        @Test
        void isTheFirstThatPasses() {
            StubProvider first = new StubProvider("First", Flaw.TAKES_IVS);
            Suite suite = Suites.first(List.of(SUN, first, SUN_JCE), new SecureRandom());
            assertThat(suite.gcm()).isSameAs(first);
            assertThat(suite.makesIvs()).isFalse();
        }

        @ParameterizedTest
        @EnumSource(
                names = {
                    "DECRYPTS_WRONGLY",
                    "ACCEPTS_WRONG_TAGS",
                    "IGNORES_ASSOCIATED_DATA",
                    "ENCRYPTS_NOTHING",
                    "WRONG_HMAC",
                    "WRONG_DIGEST",
                    "THROWS",
                    "LACKS_NATIVE_CODE"
                })
        void isNeverOneThatFails(Flaw flaw) throws GeneralSecurityException {
            StubProvider flawed = new StubProvider("Flawed", flaw, Flaw.TAKES_IVS);
            Suite suite = Suites.first(List.of(flawed, SUN, SUN_JCE), new SecureRandom());
            SelfTest.pass(suite);
            boolean innocent = flaw == Flaw.WRONG_HMAC || flaw == Flaw.WRONG_DIGEST;
            assertThat(suite.gcm()).isSameAs(innocent ? flawed : SUN_JCE);
        }

        @Test
        void isNoneIfAllFail() {
            List<Provider> flawed = List.of(new StubProvider("Flawed", Flaw.THROWS));
            assertThatExceptionOfType(ProviderException.class)
                    .isThrownBy(() -> Suites.first(flawed, new SecureRandom()))
                    .withMessageContaining("Flawed");
        }
    }

    @Nested
    class TheFasterOne {
        private final AtomicReference<Suite> chosen = new AtomicReference<>();
        private final AtomicLong clock = new AtomicLong();
        private final Suite slow = suite(taking(100));
        private final Suite fast = suite(taking(50));

        @Test
        void isTakenIfItIsFaster() {
            new Faster(slow, () -> Optional.of(fast.gcm()), chosen::set, clock::get).look();
            assertThat(chosen.get().gcm()).isSameAs(fast.gcm());
        }

        @Test
        void isNotTakenIfItIsSlower() {
            new Faster(fast, () -> Optional.of(slow.gcm()), chosen::set, clock::get).look();
            assertThat(chosen).hasNullValue();
        }

        @Test
        void isNotTakenIfItIsHardlyFaster() {
            new Faster(slow, () -> Optional.of(taking(95)), chosen::set, clock::get).look();
            assertThat(chosen).hasNullValue();
        }

        @ParameterizedTest
        @EnumSource(names = {"DECRYPTS_WRONGLY", "ACCEPTS_WRONG_TAGS", "THROWS", "LACKS_NATIVE_CODE"})
        void isNotTakenIfItFails(Flaw flaw) {
            Provider flawed = new StubProvider("Flawed", flaw, Flaw.TAKES_IVS);
            new Faster(slow, () -> Optional.of(flawed), chosen::set, clock::get).look();
            assertThat(chosen).hasNullValue();
        }

        @Test
        void isNotTakenIfItCannotBeLoaded() {
            new Faster(
                            slow,
                            () -> {
                                throw new UnsatisfiedLinkError("no native code for this machine");
                            },
                            chosen::set,
                            clock::get)
                    .look();
            assertThat(chosen).hasNullValue();
        }

        @Test
        void isLookedForOnceAndLeavesNoThread() throws InterruptedException {
            Queue<Thread> lookers = new ConcurrentLinkedQueue<>();
            Faster faster = new Faster(
                    slow,
                    () -> {
                        lookers.add(Thread.currentThread());
                        return Optional.empty();
                    },
                    chosen::set,
                    clock::get);
            for (int i = 0; i < 5; i++) {
                faster.lookInBackground();
            }
            while (lookers.isEmpty()) {
                Thread.onSpinWait();
            }
            for (Thread looker : Thread.getAllStackTraces().keySet()) {
                if (looker.getName().equals("keywrap-crypto-choice")) {
                    assertThat(looker.isDaemon()).isTrue();
                    looker.join(10_000);
                    assertThat(looker.isAlive()).isFalse();
                }
            }
            assertThat(lookers).hasSize(1);
        }

        @Test
        void isCorrettoFoundOnTheClassPath() throws GeneralSecurityException {
            Provider found = corretto();
            assertThat(Security.getProvider(found.getName())).isNull();
            assertThat(Faster.accp()).isEmpty();
            SelfTest.passGcm(fast.withGcm(found));
        }

        private Provider taking(long nanos) {
            return new StubProvider("Taking" + nanos, () -> clock.addAndGet(nanos), Flaw.TAKES_IVS);
        }

        private Suite suite(Provider gcm) {
            return Suite.of(gcm, SUN_JCE, SUN, new SecureRandom());
        }
    }

    /** Where there is a build of it for this machine. */
    private static Provider corretto() {
        assumeThat(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                .isEqualTo("Linux amd64");
        // Kept away from the other tests, which would go over to it while they run.
        Path jar = Path.of(System.getProperty("keywrap.corretto"));
        try {
            return Faster.accp(new URLClassLoader(new URL[] {jar.toUri().toURL()}))
                    .orElseThrow();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] roundTrip(Jca jca) throws GeneralSecurityException {
        byte[] sealed = new byte[5 + Jca.GCM_OVERHEAD_BYTES];
        byte[] opened = new byte[5];
        try (Gcm gcm = jca.gcm(new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32
        })) {
            gcm.seal(Slice.of(new byte[] {1, 2, 3, 4, 5}), AAD, sealed, 0);
            gcm.open(Slice.of(sealed), AAD, opened, 0);
            assertThat(opened).containsExactly(1, 2, 3, 4, 5);
            byte[] changed = sealed.clone();
            changed[20] ^= 1;
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> gcm.open(Slice.of(changed), AAD, opened, 0));
        }
        return sealed;
    }
}
