package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Material, Regions and aliases: several keys behind one name, several names for one key. */
class AwsRotationTest extends AwsTest {
    private String ok(String operation, String json, String field) {
        return wire.call(operation, json).ok(field);
    }

    private void done(Wire client, String operation, String json) {
        Wire.Answer answer = client.call(operation, json);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    @Nested
    class Rotation {
        private final String body = "{'KeyId':'%s'}".formatted(key.arn());

        @Test
        void newCiphertextsHaveNewMaterialAndOldOnesOpen() {
            String first = key.currentKeyMaterialId();
            String old = blob();

            assertThat(ok("RotateKeyOnDemand", body, "KeyId")).isEqualTo(key.keyId());

            Wire.Answer made = generate(wire, key.arn());
            assertThat(made.ok("KeyMaterialId")).isNotEqualTo(first).hasSize(64);
            assertThat(decrypt(wire, key.arn(), old).ok("KeyMaterialId")).isEqualTo(first);
            JsonObject described = describe(wire, key.arn()).json().getAsJsonObject("KeyMetadata");
            assertThat(described.get("CurrentKeyMaterialId").getAsString()).isEqualTo(made.text("KeyMaterialId"));
        }

        @Test
        void isListedForTheOwner() {
            key.rotate();
            String rotations = wire.call("ListKeyRotations", body).body();
            assertThat(rotations).contains(key.currentKeyMaterialId(), "ON_DEMAND");
        }

        @Test
        void hasALimit() {
            for (int i = 0; i < 10; i++) {
                done(wire, "RotateKeyOnDemand", body);
            }
            assertThat(wire.call("RotateKeyOnDemand", body).error()).startsWith("400 LimitExceededException");
        }

        @Test
        void isSwitchedOnAndOff() {
            done(wire, "EnableKeyRotation", body);
            assertThat(ok("GetKeyRotationStatus", body, "KeyRotationEnabled")).isEqualTo("true");
            assertThat(ok("GetKeyRotationStatus", body, "RotationPeriodInDays")).isEqualTo("365");
            done(wire, "EnableKeyRotation", body.replace("}", ",'RotationPeriodInDays':100}"));
            assertThat(ok("GetKeyRotationStatus", body, "RotationPeriodInDays")).isEqualTo("100");
            assertThat(wire.call("EnableKeyRotation", body.replace("}", ",'RotationPeriodInDays':89}"))
                            .error())
                    .startsWith("400 ValidationException");
            done(wire, "DisableKeyRotation", body);
            assertThat(ok("GetKeyRotationStatus", body, "KeyRotationEnabled")).isEqualTo("false");
        }

        @Test
        void isNotForMaterialFromElsewhere() {
            AwsKmsKey external = aws.createKey(AwsKeySpec.symmetric().withOrigin("EXTERNAL_KEY_STORE"));
            assertThat(wire.call("RotateKeyOnDemand", "{'KeyId':'%s'}".formatted(external.arn()))
                            .error())
                    .startsWith("400 UnsupportedOperationException");
        }
    }

    @Nested
    class Regions {
        private final AwsKmsKey primary = aws.createKey(AwsKeySpec.symmetric().asMultiRegion());
        private final Wire europe = wire.in("eu-central-1");

        private String replicate() {
            return wire.call("ReplicateKey", "{'KeyId':'%s','ReplicaRegion':'eu-central-1'}".formatted(primary.arn()))
                    .json()
                    .getAsJsonObject("ReplicaKeyMetadata")
                    .get("Arn")
                    .getAsString();
        }

        @Test
        void aReplicaSharesIdAndMaterial() {
            String replica = replicate();

            assertThat(primary.keyId()).startsWith("mrk-");
            assertThat(replica).isEqualTo(primary.arn().replace("us-east-1", "eu-central-1"));
            String blob = generate(wire, primary.arn()).ok("CiphertextBlob");
            Wire.Answer opened = decrypt(europe, replica, blob);
            assertThat(opened.ok("KeyId")).isEqualTo(replica);
            assertThat(opened.text("KeyMaterialId")).isEqualTo(primary.currentKeyMaterialId());
            JsonObject metadata = describe(europe, replica).json().getAsJsonObject("KeyMetadata");
            assertThat(metadata.getAsJsonObject("MultiRegionConfiguration").toString())
                    .contains("REPLICA", primary.arn(), replica);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Mars", "us-east-1a", "cn-north-1", "us-gov-west-1"})
        void areThoseOfThePartition(String region) {
            assertThat(wire.call("ReplicateKey", "{'KeyId':'%s','ReplicaRegion':'%s'}".formatted(primary.arn(), region))
                            .error())
                    .startsWith("400 ValidationException");
        }

        @ParameterizedTest
        @CsvSource({
            "eu-west-1, aws",
            "cn-north-1, aws-cn",
            "us-gov-west-1, aws-us-gov",
            "eusc-de-east-1, aws-eusc",
            "us-iso-east-1, aws-iso",
            "us-isob-east-1, aws-iso-b",
            "eu-isoe-west-1, aws-iso-e",
            "us-isof-south-1, aws-iso-f"
        })
        void anArnHasThePartitionOfItsRegion(String region, String partition) {
            AwsKmsKey there = aws.createKey(AwsKeySpec.symmetric().inRegion(region));

            assertThat(there.arn()).startsWith("arn:" + partition + ":kms:" + region + ":");
            assertThat(describe(wire.in(region), there.arn()).status()).isEqualTo(200);
            assertThat(describe(wire.in(region), there.arn().replace(partition + ":", "aws-other:"))
                            .error())
                    .startsWith("400 InvalidArnException");
        }

        @Test
        void eachRegionHasAStateOfItsOwn() {
            String replica = replicate();
            String blob = generate(wire, primary.arn()).ok("CiphertextBlob");
            primary.disable();

            assertThat(decrypt(wire, primary.arn(), blob).error()).startsWith("400 DisabledException");
            assertThat(decrypt(europe, replica, blob).status()).isEqualTo(200);
        }

        @Test
        void aPrimaryIsDeletedAfterItsReplicas() {
            AwsKmsKey replica = aws.key(replicate()).orElseThrow();
            String schedule = "{'KeyId':'%s','PendingWindowInDays':7}";

            done(wire, "ScheduleKeyDeletion", schedule.formatted(primary.arn()));
            assertThat(state(wire, primary.arn())).isEqualTo("PendingReplicaDeletion");
            time.advance(java.time.Duration.ofDays(100));
            assertThat(state(wire, primary.arn())).isEqualTo("PendingReplicaDeletion");
            done(europe, "ScheduleKeyDeletion", schedule.formatted(replica.arn()));
            time.advance(java.time.Duration.ofDays(7));
            assertThat(state(wire, primary.arn())).isEqualTo("PendingDeletion");
            time.advance(java.time.Duration.ofDays(7));
            assertThat(describe(wire, primary.arn()).error()).startsWith("400 NotFoundException");
        }

        @Test
        void rotationIsThatOfThePrimary() {
            String replica = replicate();
            assertThat(europe.call("RotateKeyOnDemand", "{'KeyId':'%s'}".formatted(replica))
                            .error())
                    .startsWith("400 UnsupportedOperationException");
            primary.rotate();
            assertThat(generate(europe, replica).ok("KeyMaterialId")).isEqualTo(primary.currentKeyMaterialId());
        }

        @Test
        void aKeyOfOneRegionIsNotReplicated() {
            assertThat(wire.call("ReplicateKey", "{'KeyId':'%s','ReplicaRegion':'eu-west-1'}".formatted(key.arn()))
                            .error())
                    .startsWith("400 UnsupportedOperationException");
        }

        @Test
        void otherKeysDoNotOpenInAnotherRegion() {
            AwsKmsKey there = aws.createKey(AwsKeySpec.symmetric().inRegion("eu-central-1"));
            assertThat(decrypt(europe, there.arn(), blob()).error()).startsWith("400 IncorrectKeyException");
        }
    }

    @Nested
    class Aliases {
        @Test
        void pointAtAKeyAndAtAnother() {
            done(wire, "CreateAlias", "{'AliasName':'alias/kek','TargetKeyId':'%s'}".formatted(key.arn()));
            Wire.Answer made = generate(wire, "alias/kek");
            assertThat(made.ok("KeyId")).isEqualTo(key.arn());

            AwsKmsKey next = aws.createKey();
            done(wire, "UpdateAlias", "{'AliasName':'alias/kek','TargetKeyId':'%s'}".formatted(next.keyId()));
            assertThat(generate(wire, "arn:aws:kms:us-east-1:111122223333:alias/kek")
                            .ok("KeyId"))
                    .isEqualTo(next.arn());
            assertThat(decrypt(wire, "alias/kek", made.text("CiphertextBlob")).error())
                    .startsWith("400 IncorrectKeyException");
            assertThat(wire.call("ListAliases", "{}").body()).contains("alias/kek", next.keyId());
        }

        @Test
        void areOneOfAName() {
            String body = "{'AliasName':'alias/kek','TargetKeyId':'%s'}".formatted(key.arn());
            done(wire, "CreateAlias", body);
            assertThat(wire.call("CreateAlias", body).error()).startsWith("400 AlreadyExistsException");
        }

        @Test
        void thatAreMissingAreNotFound() {
            assertThat(generate(wire, "alias/none").error())
                    .isEqualTo(
                            "400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.");
            done(wire, "CreateAlias", "{'AliasName':'alias/kek','TargetKeyId':'%s'}".formatted(key.arn()));
            done(wire, "DeleteAlias", "{'AliasName':'alias/kek'}");
            assertThat(generate(wire, "alias/kek").error()).startsWith("400 NotFoundException");
        }
    }

    @Test
    void keysAreMadeAndListedWhereTheClientIs() {
        JsonObject made = wire.in("cn-north-1")
                .call("CreateKey", "{'MultiRegion':true,'Description':'mine'}")
                .json()
                .getAsJsonObject("KeyMetadata");

        String arn = made.get("Arn").getAsString();
        assertThat(arn).startsWith("arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-");
        assertThat(wire.in("cn-north-1").call("ListKeys", "{}").body()).contains(arn);
        assertThat(wire.call("ListKeys", "{}").body()).contains(key.arn()).doesNotContain(arn);
    }
}
