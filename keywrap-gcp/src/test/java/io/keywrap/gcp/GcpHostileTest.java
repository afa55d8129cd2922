package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.Dek;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpFault;
import io.keywrap.emulators.GcpLies;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that lies, or a wire that damages: never another DEK, never a wrap that is said to be of another key. */
class GcpHostileTest extends GcpFixture {
    private static final String OTHER_KEY =
            "projects/keywrap-test/locations/europe-west1/keyRings/ring/cryptoKeys/other";

    /** What the checksums show, on either way. */
    static Stream<GcpFault> ofChecksums() {
        return Stream.of(
                GcpLies.withoutChecksum(), GcpLies.wrongChecksum(), GcpLies.damaged(), GcpFault.damagedRequest());
    }

    /** What only an answer to encrypt has. */
    static Stream<GcpFault> ofVerification() {
        return Stream.of(GcpLies.plaintextNotVerified(), GcpLies.contextNotVerified(), GcpLies.empty());
    }

    @Nested
    class DamageByChecksum {
        @ParameterizedTest
        @MethodSource("io.keywrap.gcp.GcpHostileTest#ofChecksums")
        void isAskedForOnceMoreAndIsThenAnOutage(GcpFault lie) {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.injectAlways(lie);
            kms.emulator.clearEvents();
            assertThat(assertFails(KekUnreachableException.class, () -> unwrap(wrapped)))
                    .hasMessageContaining("damaged");
            assertThat(kms.emulator.requests("Decrypt")).isEqualTo(2);
            assertFails(KekUnreachableException.class, () -> wrap(provider));
            assertThat(kms.emulator.requests("Encrypt")).isEqualTo(2);
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.gcp.GcpHostileTest#ofChecksums")
        void isNotSeenByTheCallerIfItHappensOnce(GcpFault lie) {
            kms.emulator.inject(lie, 1);
            WrappedDek wrapped = wrap(provider);
            kms.emulator.inject(lie, 1);
            assertOpens(provider, wrapped);
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.gcp.GcpHostileTest#ofVerification")
        void isWhatAWrapThatWasNotVerifiedPassesFor(GcpFault lie) {
            kms.emulator.injectAlways(lie);
            assertFails(KekUnreachableException.class, () -> wrap(provider));
            assertFails(KekUnreachableException.class, () -> provider.generate(id, context, deadline()));
        }

        @Test
        void isAnAnswerWithoutAnything() {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.injectAlways(GcpLies.empty());
            assertFails(KekUnreachableException.class, () -> unwrap(wrapped));
        }
    }

    @Nested
    class ADekOfAnotherLength {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 16, 31, 33, 64, 65_536})
        void isRefused(int length) {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.injectAlways(GcpLies.length(length));
            assertThat(assertFails(InvalidWrappedDekException.class, () -> unwrap(wrapped)))
                    .hasMessageContaining("it holds a key of " + length + " bytes");
        }
    }

    @Nested
    class AWrap {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "1",
                    OTHER_KEY,
                    OTHER_KEY + "/cryptoKeyVersions/1",
                    "projects/keywrap-test/locations/europe-west1/keyRings/ring/cryptoKeys/key-1",
                    "projects/keywrap-test/locations/europe-west1/keyRings/ring/cryptoKeys/key-1/cryptoKeyVersions/",
                    "projects/keywrap-test/locations/europe-west1/keyRings/ring/cryptoKeys/key-1/cryptoKeyVersions/01",
                    "projects/keywrap-test/locations/europe-west1/keyRings/ring/cryptoKeys/key-1/cryptoKeyVersions/1\n",
                    "projects/123456789012/locations/europe-west1/keyRings/ring/cryptoKeys/key-1/cryptoKeyVersions/1"
                })
        void underAnotherNameThanThatOfAVersionOfTheKeyIsRefused(String name) {
            kms.emulator.injectAlways(GcpLies.name(name));
            assertFails(InvalidWrappedDekException.class, () -> wrap(provider));
            assertFails(InvalidWrappedDekException.class, () -> provider.generate(id, context, deadline()));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 4_097, 70_000})
        void ofALengthThatNoRecordHoldsIsRefused(int length) {
            kms.emulator.injectAlways(GcpLies.length(length));
            assertFails(InvalidWrappedDekException.class, () -> wrap(provider));
        }

        /** Nobody can tell when it is made, and nobody is given another DEK for it. */
        @Test
        void thatWasTamperedWithUnwrapsToNothing() {
            kms.emulator.inject(GcpLies.tampered(), 1);
            WrappedDek wrapped = wrap(provider);
            assertFails(InvalidWrappedDekException.class, () -> unwrap(wrapped));
        }
    }

    /** With checksums that fit, the check value of the DEK is what shows it. */
    @Nested
    class AnotherDekOfTheRightLength {
        private final KeyProviders providers = KeyProviders.builder()
                .register(GcpKms.factory(name -> kms.client))
                .time(kms.time)
                .build();
        private final Keychains keychains = Keychains.builder(new InMemoryKeychainStore(), providers)
                .seal(KeychainSeal.wrappedBy(
                        EmulatedKms.kekId(kms.emulator.createKey().name())))
                .build();

        static Stream<GcpFault> lies() {
            byte[] bytes = new byte[Dek.BYTES];
            Arrays.fill(bytes, (byte) 7);
            return Stream.of(GcpLies.tampered(), GcpLies.swapped(bytes), GcpLies.length(Dek.BYTES - 1));
        }

        @ParameterizedTest
        @MethodSource("lies")
        void isNeverLeased(GcpFault lie) {
            Keychain keychain = keychains.create("tenant-42", spec -> spec.control(EmulatedKms.kekId(key.name())));
            kms.emulator.injectAlways(lie.on("Decrypt").of(key));
            assertThat(catchThrowable(keychain::primary)).isInstanceOf(InvalidWrappedDekException.class);
            kms.emulator.recover();
            kms.advance(Duration.ofMinutes(1));
            keychain.primary().close();
        }
    }

    @Nested
    class TheClaimWhoHasDecrypted {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void changesNothing(boolean claim) {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.injectAlways(GcpLies.usedPrimary(claim));
            assertOpens(provider, wrapped);
        }
    }

    @Test
    void noFailureTellsTheKeyContext() {
        WrappedDek wrapped = wrap(provider);
        kms.emulator.injectAlways(GcpFault.error("INVALID_ARGUMENT", "Value '" + TENANT + "' at 'aad'"));
        KekException failure = assertFails(InvalidWrappedDekException.class, () -> unwrap(wrapped));
        assertThat(failure).hasNoCause().hasMessageNotContaining(TENANT);
    }

    private void unwrap(WrappedDek wrapped) {
        provider.unwrap(wrapped, context, deadline()).close();
    }
}
