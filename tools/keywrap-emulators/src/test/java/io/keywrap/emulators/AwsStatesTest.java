package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every state of a key, and what use and management meet in it. */
class AwsStatesTest extends AwsTest {
    private final String blob = blob();

    private String decrypt() {
        Wire.Answer answer = decrypt(wire, key.arn(), blob);
        return answer.status() == 200 ? "opens" : answer.error();
    }

    private String manage(String operation) {
        Wire.Answer answer = wire.call(operation, "{'KeyId':'%s'}".formatted(key.arn()));
        return answer.status() == 200 ? "done" : answer.error();
    }

    private String invalidState(String what) {
        return "400 KMSInvalidStateException: " + key.arn() + " is " + what + ".";
    }

    @Nested
    class Making {
        private Wire.Answer make(String json) {
            return wire.call("CreateKey", json);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{'KeySpec':'AES_256'}",
                    "{'KeySpec':''}",
                    "{'Origin':'HERE'}",
                    "{'KeyUsage':'BOTH'}",
                    "{'KeyUsage':'SIGN_VERIFY'}",
                    "{'KeySpec':'HMAC_256','KeyUsage':'ENCRYPT_DECRYPT'}"
                })
        void aKeyThatCannotBeIsRefused(String json) {
            assertThat(make(json).error()).startsWith("400 ValidationException");
            assertThat(wire.call("ListKeys", "{}").json().getAsJsonArray("Keys"))
                    .hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{'KeySpec':'RSA_2048'}",
                    "{'CustomerMasterKeySpec':'RSA_2048'}",
                    "{'KeySpec':'HMAC_256','KeyUsage':'GENERATE_VERIFY_MAC'}"
                })
        void aKeyOfAnotherKindEncryptsNothing(String json) {
            String arn =
                    make(json).json().getAsJsonObject("KeyMetadata").get("Arn").getAsString();
            assertThat(generate(wire, arn).error()).startsWith("400 InvalidKeyUsageException");
        }
    }

    @Nested
    class Disabled {
        @Test
        void nothingIsEncryptedOrDecryptedButItIsDescribed() {
            assertThat(manage("DisableKey")).isEqualTo("done");

            String disabled = "400 DisabledException: " + key.arn() + " is disabled.";
            assertThat(decrypt()).isEqualTo(disabled);
            assertThat(generate(wire, key.arn()).error()).isEqualTo(disabled);
            assertThat(manage("RotateKeyOnDemand")).isEqualTo(disabled);
            assertThat(state(wire, key.arn())).isEqualTo("Disabled");
        }

        @Test
        void nothingIsDecryptedEvenIfTheCiphertextNamesTheKey() {
            key.disable();
            assertThat(wire.call(
                                    "Decrypt",
                                    "{'CiphertextBlob':'%s','EncryptionContext':{'tenant':'acme'}}".formatted(blob))
                            .error())
                    .startsWith("400 DisabledException");
        }

        @Test
        void enablingRestores() {
            key.disable();
            assertThat(manage("EnableKey")).isEqualTo("done");
            assertThat(decrypt()).isEqualTo("opens");
        }
    }

    @Nested
    class PendingDeletion {
        @Test
        void isAnInvalidStateWithADate() {
            Wire.Answer scheduled =
                    wire.call("ScheduleKeyDeletion", "{'KeyId':'%s','PendingWindowInDays':7}".formatted(key.arn()));

            assertThat(scheduled.ok("KeyState")).isEqualTo("PendingDeletion");
            assertThat(scheduled.json().get("DeletionDate").getAsLong())
                    .isEqualTo(time.now().plus(Duration.ofDays(7)).getEpochSecond());
            assertThat(decrypt()).isEqualTo(invalidState("pending deletion"));
            assertThat(manage("EnableKey")).isEqualTo(invalidState("pending deletion"));
            assertThat(state(wire, key.arn())).isEqualTo("PendingDeletion");
        }

        @Test
        void isDisabledInTheOtherVariant() {
            key.scheduleDeletion(Duration.ofDays(7));
            key.answerPendingDeletionAsDisabled(true);

            assertThat(decrypt()).isEqualTo("400 DisabledException: " + key.arn() + " is pending deletion.");
        }

        @Test
        void cancellingLeavesItDisabled() {
            key.scheduleDeletion(Duration.ofDays(7));
            assertThat(manage("CancelKeyDeletion")).isEqualTo("done");
            assertThat(state(wire, key.arn())).isEqualTo("Disabled");
            assertThat(decrypt()).startsWith("400 DisabledException");
            assertThat(manage("CancelKeyDeletion")).isEqualTo(invalidState("not pending deletion"));
        }

        @Test
        void thatWasCancelledDoesNotComeWhenTheClockPasses() {
            key.scheduleDeletion(Duration.ofDays(7));
            key.cancelDeletion();
            time.advance(Duration.ofDays(8));
            assertThat(state(wire, key.arn())).isEqualTo("Disabled");
        }

        @Test
        void ofAPrimaryBeginsWithTheEndOfItsLastReplica() {
            AwsKmsKey primary = aws.createKey(AwsKeySpec.symmetric().asMultiRegion());
            AwsKmsKey first = primary.replicate("eu-west-1");
            AwsKmsKey last = primary.replicate("eu-central-1");
            wire.call("ScheduleKeyDeletion", "{'KeyId':'%s','PendingWindowInDays':7}".formatted(primary.arn()));
            first.delete();
            assertThat(state(wire, primary.arn())).isEqualTo("PendingReplicaDeletion");
            last.delete();
            assertThat(state(wire, primary.arn())).isEqualTo("PendingDeletion");
        }

        @Test
        void endsInDeletionWhenTheClockPasses() {
            key.scheduleDeletion(Duration.ofDays(7));
            time.advance(Duration.ofDays(7).minusSeconds(1));
            assertThat(decrypt()).isEqualTo(invalidState("pending deletion"));
            time.advance(Duration.ofSeconds(1));

            String gone = "400 NotFoundException: Key '" + key.arn() + "' does not exist";
            assertThat(decrypt()).isEqualTo(gone);
            assertThat(describe(wire, key.arn()).error()).isEqualTo(gone);
        }

        @Test
        void hasAWindowOf7To30Days() {
            for (int days : new int[] {6, 31}) {
                assertThat(wire.call(
                                        "ScheduleKeyDeletion",
                                        "{'KeyId':'%s','PendingWindowInDays':%d}".formatted(key.arn(), days))
                                .error())
                        .startsWith("400 ValidationException");
            }
        }
    }

    @Nested
    class Gone {
        @Test
        void whatNeverWasIsNotFoundInItsOwnAccount() {
            String never = key.arn().replace(key.keyId(), "00000000-0000-0000-0000-000000000000");

            assertThat(describe(wire, never).error())
                    .isEqualTo("400 NotFoundException: Key '" + never + "' does not exist");
        }

        @Test
        void anotherRegionOfTheSameAccountIsNotFound() {
            assertThat(decrypt(wire.in("eu-west-1"), key.arn(), blob).error())
                    .isEqualTo("400 NotFoundException: Invalid arn us-east-1");
        }

        @Test
        void acrossAccountsItLooksLikeAKeyThatOneMayNotUse() {
            String denied = decrypt(vendor(), key.arn(), blob).error();
            String deniedElsewhere =
                    decrypt(vendor().in("eu-west-1"), key.arn(), blob).error();
            key.delete();

            assertThat(decrypt(vendor(), key.arn(), blob).error())
                    .isEqualTo(denied)
                    .isEqualTo(deniedElsewhere)
                    .isEqualTo(
                            "400 AccessDeniedException: User: arn:aws:iam::444455556666:role/vendor is not authorized"
                                    + " to perform: kms:Decrypt on this resource because the resource does not exist in this"
                                    + " Region, no resource-based policies allow access, or a resource-based policy explicitly"
                                    + " denies access");
        }

        @Test
        void aBlobOfADeletedKeyOpensNowhere() {
            key.delete();

            assertThat(wire.call("Decrypt", "{'CiphertextBlob':'%s'}".formatted(blob))
                            .error())
                    .isEqualTo("400 InvalidCiphertextException");
        }
    }

    @Nested
    class OtherStates {
        @Test
        void pendingImport() {
            key.set(AwsKeyState.PENDING_IMPORT);
            assertThat(decrypt()).isEqualTo(invalidState("pending import"));
            assertThat(manage("EnableKey")).isEqualTo(invalidState("pending import"));
        }

        @Test
        void aKeyForImportedMaterialBeginsWithoutIt() {
            AwsKmsKey external = aws.createKey(AwsKeySpec.symmetric().withOrigin("EXTERNAL"));

            assertThat(external.state()).isEqualTo(AwsKeyState.PENDING_IMPORT);
        }

        @Test
        void unavailable() {
            key.set(AwsKeyState.UNAVAILABLE);
            assertThat(decrypt()).isEqualTo(invalidState("unavailable"));
            assertThat(manage("EnableKey")).isEqualTo("done");
            assertThat(state(wire, key.arn())).isEqualTo("Unavailable");
        }

        @Test
        void creatingFailsAndUpdatingWorks() {
            key.set(AwsKeyState.CREATING);
            assertThat(decrypt()).isEqualTo(invalidState("creating"));
            key.set(AwsKeyState.UPDATING);
            assertThat(decrypt()).isEqualTo("opens");
        }

        @ParameterizedTest
        @EnumSource(AwsKeyState.class)
        void everyStateIsDescribed(AwsKeyState state) {
            key.set(state);
            assertThat(state(wire, key.arn())).isEqualTo(state.wireName());
        }

        @ParameterizedTest
        @EnumSource(AwsExternalKeyFailure.class)
        void everyFailureOfAnExternalKeyStoreIsOneCodeWithItsOwnText(AwsExternalKeyFailure failure) {
            key.externalKeyFailure(Optional.of(failure));
            assertThat(decrypt()).isEqualTo("400 KMSInvalidStateException: " + failure.text());
            assertThat(state(wire, key.arn())).isEqualTo("Enabled");
            key.externalKeyFailure(Optional.empty());
            assertThat(decrypt()).isEqualTo("opens");
        }
    }

    @Test
    void wrongUsageAndWrongSpecAreInvalidUsage() {
        AwsKmsKey signing =
                aws.createKey(AwsKeySpec.symmetric().withUsage("SIGN_VERIFY").withSpec("ECC_NIST_P256"));
        AwsKmsKey rsa = aws.createKey(AwsKeySpec.symmetric().withSpec("RSA_2048"));

        assertThat(generate(wire, signing.arn()).error())
                .isEqualTo("400 InvalidKeyUsageException: " + signing.arn()
                        + " key usage is SIGN_VERIFY which is not valid for GenerateDataKey.");
        assertThat(generate(wire, rsa.arn()).error()).startsWith("400 InvalidKeyUsageException");
    }

    @Test
    void namesThatAreNoneAreToldByTheOperation() {
        assertThat(describe(wire, "arn:aws:kms:nonsense").error()).startsWith("400 InvalidArnException");
        assertThat(decrypt(wire, "arn:aws:kms:nonsense", blob).error()).startsWith("400 ValidationException");
    }
}
