package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.PreconditionFailure.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every state of a version, and what use and management meet in it. */
class GcpStatesTest extends GcpTest {
    private final ByteString blob = blob();
    private final GcpKmsKeyVersion first = key.version(1);

    private String notEnabled(GcpKmsKeyVersion version, String state) {
        return "FAILED_PRECONDITION: " + version.name() + " is not enabled, current state is: " + state + ".";
    }

    private CryptoKeyVersionState seen() {
        return client.getCryptoKeyVersion(first.name()).getState();
    }

    private String update(CryptoKeyVersionState state) {
        return result(() -> client.updateCryptoKeyVersion(
                CryptoKeyVersion.newBuilder()
                        .setName(first.name())
                        .setState(state)
                        .build(),
                FieldMask.newBuilder().addPaths("state").build()));
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    static List<Violation> violations(Runnable call) {
        try {
            call.run();
            throw new AssertionError("it worked");
        } catch (ApiException e) {
            PreconditionFailure failure = e.getErrorDetails().getPreconditionFailure();
            return failure == null ? List.of() : failure.getViolationsList();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ENABLED")
    void onlyAnEnabledVersionIsUsedAndTheErrorNamesItAndItsState(GcpVersionState state) {
        first.set(state);

        assertThat(open(blob)).isEqualTo(notEnabled(first, state.name()));
        assertThat(wrap()).isEqualTo(notEnabled(first, state.name()));
        assertThat(violations(() -> decrypt(key.name(), blob))).singleElement().satisfies(violation -> {
            assertThat(violation.getType()).isEqualTo("KEY_" + state);
            assertThat(violation.getSubject()).isEqualTo(first.name());
        });
        assertThat(seen().name()).isEqualTo(state.name());
        assertThat(client.getCryptoKey(key.name()).getPrimary().getState().name())
                .isEqualTo(state.name());
    }

    @Nested
    class Disabled {
        @Test
        void byTheClientAndBack() {
            assertThat(update(CryptoKeyVersionState.DISABLED)).isEqualTo("OK");
            assertThat(open(blob)).isEqualTo(notEnabled(first, "DISABLED"));
            assertThat(first.state()).isEqualTo(GcpVersionState.DISABLED);
            assertThat(update(CryptoKeyVersionState.ENABLED)).isEqualTo("OK");
            assertThat(open(blob)).isEqualTo("OK");
        }

        @Test
        void aPrimaryLeavesOtherVersionsAsTheyAre() {
            GcpKmsKeyVersion second = key.rotate();
            second.disable();

            assertThat(wrap()).isEqualTo(notEnabled(second, "DISABLED"));
            assertThat(open(blob)).isEqualTo("OK");
            assertThat(result(() -> encrypt(first.name()))).isEqualTo("OK");
        }

        @Test
        void anOldOneLeavesThePrimaryAsItIs() {
            key.rotate();
            first.disable();

            assertThat(open(blob)).isEqualTo(notEnabled(first, "DISABLED"));
            assertThat(wrap()).isEqualTo("OK");
            first.enable();
            assertThat(open(blob)).isEqualTo("OK");
        }

        @Test
        void isSaidBeforeTheCiphertextIsLookedAt() {
            first.disable();
            byte[] corrupt = blob.toByteArray();
            corrupt[corrupt.length - 1] ^= 1;
            assertThat(open(ByteString.copyFrom(corrupt))).isEqualTo(notEnabled(first, "DISABLED"));
        }
    }

    @Nested
    class DestroyScheduled {
        @Test
        void hasATimeAndCanBeRestoredToDisabled() {
            CryptoKeyVersion scheduled = client.destroyCryptoKeyVersion(first.name());
            assertThat(instant(scheduled.getDestroyTime())).isEqualTo(time.now().plus(Duration.ofDays(30)));
            assertThat(first.destroyTime()).hasValue(time.now().plus(Duration.ofDays(30)));
            assertThat(open(blob)).isEqualTo(notEnabled(first, "DESTROY_SCHEDULED"));

            assertThat(client.restoreCryptoKeyVersion(first.name()).getState())
                    .isEqualTo(CryptoKeyVersionState.DISABLED);
            assertThat(open(blob)).isEqualTo(notEnabled(first, "DISABLED"));
            time.advance(Duration.ofDays(31));
            first.enable();
            assertThat(open(blob)).isEqualTo("OK");
        }

        @Test
        void isDestroyedWhenItsTimeComesAndForGood() {
            first.scheduleDestroy();
            time.advance(Duration.ofDays(30).minusMillis(1));
            assertThat(seen()).isEqualTo(CryptoKeyVersionState.DESTROY_SCHEDULED);
            time.advance(Duration.ofMillis(1));

            CryptoKeyVersion destroyed = client.getCryptoKeyVersion(first.name());
            assertThat(destroyed.getState()).isEqualTo(CryptoKeyVersionState.DESTROYED);
            assertThat(instant(destroyed.getDestroyEventTime())).isEqualTo(time.now());
            assertThat(destroyed.hasDestroyTime()).isFalse();
            assertThat(open(blob)).isEqualTo(notEnabled(first, "DESTROYED"));
            assertThat(result(() -> client.restoreCryptoKeyVersion(first.name())))
                    .startsWith("FAILED_PRECONDITION: " + first.name() + " cannot be restored");
        }

        @Test
        void isDueAfterWhatTheControlPlaneSays() {
            first.scheduleDestroy(Duration.ofHours(1));
            time.advance(Duration.ofHours(1));
            assertThat(first.state()).isEqualTo(GcpVersionState.DESTROYED);
        }

        @Test
        void isDestroyedInTimeAlsoIfNobodyLookedInBetween() {
            first.scheduleDestroy(Duration.ofHours(1));
            time.advance(Duration.ofHours(2));
            first.restore();
            first.enable();
            assertThat(open(blob)).startsWith("INVALID_ARGUMENT: Decryption failed");
        }

        @Test
        void isNotSwitchedOn() {
            first.scheduleDestroy();
            assertThat(update(CryptoKeyVersionState.ENABLED))
                    .isEqualTo("FAILED_PRECONDITION: " + first.name()
                            + " cannot be enabled, current state is: DESTROY_SCHEDULED.");
            assertThat(result(() -> client.destroyCryptoKeyVersion(first.name())))
                    .startsWith("FAILED_PRECONDITION: " + first.name() + " cannot be destroyed");
        }
    }

    @Test
    void aDestroyedVersionHasLostItsMaterialWhateverTheStateSays() {
        first.destroyNow();
        first.enable();
        assertThat(open(blob)).isEqualTo("INVALID_ARGUMENT: Decryption failed: the ciphertext is invalid.");
    }

    @Test
    void anEnabledVersionCannotBeRestored() {
        assertThat(result(() -> client.restoreCryptoKeyVersion(first.name())))
                .startsWith("FAILED_PRECONDITION: " + first.name() + " cannot be restored");
    }

    @Test
    void onlyTheStateOfAVersionIsUpdatedAndOnlyToEnabledOrDisabled() {
        assertThat(update(CryptoKeyVersionState.DESTROYED)).startsWith("INVALID_ARGUMENT: crypto_key_version.state");
        assertThat(result(() -> client.updateCryptoKeyVersion(
                        CryptoKeyVersion.newBuilder().setName(first.name()).build(),
                        FieldMask.newBuilder().addPaths("algorithm").build())))
                .startsWith("INVALID_ARGUMENT: update_mask");
    }

    @Nested
    class External {
        private final GcpKmsKey external = gcp.createKey(GcpKeySpec.external());
        private final ByteString wrapped = encrypt(external.name()).getCiphertext();

        private String open() {
            return result(() -> decrypt(external.name(), wrapped));
        }

        @ParameterizedTest
        @EnumSource
        void everyFailureHasTheStateOfTheVersionAndThenItsDomain(GcpExternalKeyFailure failure) {
            external.externalKeyFailure(Optional.of(failure));
            boolean denied = failure == GcpExternalKeyFailure.KEY_PERMISSION_DENIED;

            assertThat(violations(() -> decrypt(external.name(), wrapped)))
                    .extracting(Violation::getType)
                    .containsExactly(denied ? "KEY_DISABLED" : "KEY_ENABLED", failure.domain());
            assertThat(external.primary().state())
                    .isEqualTo(denied ? GcpVersionState.DISABLED : GcpVersionState.ENABLED);
            external.externalKeyFailure(Optional.empty());
            assertThat(open()).isEqualTo(denied ? notEnabled(external.primary(), "DISABLED") : "OK");
        }

        @Test
        void theTextIsThatOfTheFailure() {
            external.externalKeyFailure(Optional.of(GcpExternalKeyFailure.UNREACHABLE));
            assertThat(open()).isEqualTo("FAILED_PRECONDITION: " + GcpExternalKeyFailure.UNREACHABLE.text());
            assertThat(result(() -> encrypt(external.name())))
                    .isEqualTo("FAILED_PRECONDITION: " + GcpExternalKeyFailure.UNREACHABLE.text());
        }

        @Test
        void aDisabledVersionDoesNotAskTheManager() {
            external.externalKeyFailure(Optional.of(GcpExternalKeyFailure.UNREACHABLE));
            external.primary().disable();
            assertThat(open()).isEqualTo(notEnabled(external.primary(), "DISABLED"));
        }

        @Test
        void aSoftwareKeyHasNoManager() {
            key.externalKeyFailure(Optional.of(GcpExternalKeyFailure.UNREACHABLE));
            assertThat(GcpStatesTest.this.open(blob)).isEqualTo("OK");
        }
    }
}
