package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.kms.v1.CreateCryptoKeyRequest;
import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm;
import com.google.cloud.kms.v1.CryptoKeyVersionTemplate;
import com.google.cloud.kms.v1.KeyRing;
import com.google.cloud.kms.v1.ListCryptoKeyVersionsRequest;
import com.google.cloud.kms.v1.ProtectionLevel;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Key rings, keys, versions, and which of them is the primary. */
class GcpRotationTest extends GcpTest {
    private static final String LOCATION = "projects/keywrap-test/locations/europe-west1";

    private CryptoKey.Builder forEncryption() {
        return CryptoKey.newBuilder().setPurpose(CryptoKeyPurpose.ENCRYPT_DECRYPT);
    }

    @Nested
    class Primary {
        @Test
        void isTheFirstVersionUntilAnotherIsChosen() {
            ByteString old = blob();
            CryptoKeyVersion second = client.createCryptoKeyVersion(key.name(), CryptoKeyVersion.getDefaultInstance());
            assertThat(second.getName()).isEqualTo(key.name() + "/cryptoKeyVersions/2");
            assertThat(encrypt(key.name()).getName()).endsWith("/cryptoKeyVersions/1");

            CryptoKey switched = client.updateCryptoKeyPrimaryVersion(key.name(), "2");

            assertThat(switched.getPrimary().getName()).isEqualTo(second.getName());
            assertThat(client.getCryptoKey(key.name()).getPrimary().getName()).isEqualTo(second.getName());
            assertThat(key.primary().name()).isEqualTo(second.getName());
            assertThat(encrypt(key.name()).getName()).isEqualTo(second.getName());
            assertThat(decrypt(key.name(), old).getUsedPrimary()).isFalse();
            assertThat(decrypt(key.name(), blob()).getUsedPrimary()).isTrue();
        }

        @Test
        void goesBackToAnOlderOne() {
            key.rotate();
            key.setPrimary(1);
            assertThat(encrypt(key.name()).getName()).endsWith("/cryptoKeyVersions/1");
        }

        @Test
        void mustBeEnabledAndThere() {
            key.createVersion().disable();
            assertThat(result(() -> client.updateCryptoKeyPrimaryVersion(key.name(), "2")))
                    .startsWith("FAILED_PRECONDITION: " + key.name() + "/cryptoKeyVersions/2 is not enabled");
            assertThat(result(() -> client.updateCryptoKeyPrimaryVersion(key.name(), "3")))
                    .isEqualTo("NOT_FOUND: CryptoKeyVersion " + key.name() + "/cryptoKeyVersions/3 not found.");
            assertThat(result(() -> client.updateCryptoKeyPrimaryVersion(key.name(), "x")))
                    .startsWith("INVALID_ARGUMENT: Resource name [");
        }

        @Test
        void isOnlyOfKeysForEncryption() {
            GcpKmsKey mac = gcp.createKey(GcpKeySpec.software().withPurpose("MAC"));
            assertThat(client.getCryptoKey(mac.name()).hasPrimary()).isFalse();
            assertThat(result(() -> client.updateCryptoKeyPrimaryVersion(mac.name(), "1")))
                    .startsWith("FAILED_PRECONDITION: CryptoKey " + mac.name() + " has purpose MAC");
        }
    }

    @Test
    void aVersionMayBeMadeDisabled() {
        CryptoKeyVersion made = client.createCryptoKeyVersion(
                key.name(),
                CryptoKeyVersion.newBuilder()
                        .setState(CryptoKeyVersion.CryptoKeyVersionState.DISABLED)
                        .build());
        assertThat(made.getState()).isEqualTo(CryptoKeyVersion.CryptoKeyVersionState.DISABLED);
        assertThat(key.version(2).state()).isEqualTo(GcpVersionState.DISABLED);
    }

    @Nested
    class ByTheClock {
        private CryptoKey rotating(int days) {
            return CryptoKey.newBuilder()
                    .setName(key.name())
                    .setRotationPeriod(Duration.newBuilder().setSeconds(days * 86400L))
                    .setNextRotationTime(
                            Timestamp.newBuilder().setSeconds(time.now().getEpochSecond() + 86400))
                    .build();
        }

        @Test
        void aNewVersionBecomesThePrimaryWhenItIsTime() {
            FieldMask mask = FieldMask.newBuilder()
                    .addPaths("rotation_period")
                    .addPaths("next_rotation_time")
                    .build();
            assertThat(client.updateCryptoKey(rotating(30), mask)
                            .getRotationPeriod()
                            .getSeconds())
                    .isEqualTo(30 * 86400L);

            time.advance(java.time.Duration.ofDays(1).minusSeconds(1));
            assertThat(encrypt(key.name()).getName()).endsWith("/1");
            time.advance(java.time.Duration.ofSeconds(1));
            assertThat(encrypt(key.name()).getName()).endsWith("/2");
            assertThat(client.getCryptoKey(key.name()).getNextRotationTime().getSeconds())
                    .isEqualTo(time.now().plus(java.time.Duration.ofDays(30)).getEpochSecond());
        }

        @Test
        void theControlPlaneSwitchesItOnToo() {
            key.rotateEvery(java.time.Duration.ofDays(7));
            time.advance(java.time.Duration.ofDays(7));
            assertThat(key.primary().number()).isEqualTo(2);
            assertThat(key.versions()).hasSize(2);
        }

        @Test
        void whatIsMadeByHandComesAfterWhatWasDue() {
            key.rotateEvery(java.time.Duration.ofDays(7));
            time.advance(java.time.Duration.ofDays(7));
            assertThat(key.createVersion().number()).isEqualTo(3);
            assertThat(key.primary().number()).isEqualTo(2);
        }

        @Test
        void nothingElseOfAKeyIsUpdatedThanItsLabels() {
            CryptoKey labelled = CryptoKey.newBuilder()
                    .setName(key.name())
                    .putLabels("team", "backup")
                    .build();
            client.updateCryptoKey(
                    labelled, FieldMask.newBuilder().addPaths("labels").build());
            assertThat(client.getCryptoKey(key.name()).getLabelsMap()).containsEntry("team", "backup");
            assertThat(result(() -> client.updateCryptoKey(
                            labelled, FieldMask.newBuilder().addPaths("purpose").build())))
                    .startsWith("INVALID_ARGUMENT: update_mask: 'purpose'");
        }
    }

    @Nested
    class Making {
        @Test
        void aRingAKeyAndItsFirstVersion() {
            KeyRing ring = client.createKeyRing(LOCATION, "other", KeyRing.getDefaultInstance());
            CryptoKey made = client.createCryptoKey(
                    ring.getName(), "kek", forEncryption().build());

            assertThat(made.getName()).isEqualTo(LOCATION + "/keyRings/other/cryptoKeys/kek");
            assertThat(made.getPrimary().getName()).isEqualTo(made.getName() + "/cryptoKeyVersions/1");
            assertThat(made.getVersionTemplate().getAlgorithm())
                    .isEqualTo(CryptoKeyVersionAlgorithm.GOOGLE_SYMMETRIC_ENCRYPTION);
            assertThat(made.getDestroyScheduledDuration().getSeconds()).isEqualTo(30 * 86400L);
            assertThat(result(() -> encrypt(made.getName()))).isEqualTo("OK");
            gcp.key(made.getName()).orElseThrow().primary().disable();
            assertThat(result(() -> encrypt(made.getName()))).startsWith("FAILED_PRECONDITION");
        }

        @Test
        void asThingsAreWanted() {
            CryptoKey wanted = forEncryption()
                    .setVersionTemplate(CryptoKeyVersionTemplate.newBuilder().setProtectionLevel(ProtectionLevel.HSM))
                    .setDestroyScheduledDuration(Duration.newBuilder().setSeconds(86400))
                    .putLabels("team", "backup")
                    .build();
            CryptoKey made = client.createCryptoKey(gcp.keyRing(), "hsm", wanted);
            CryptoKeyVersion version =
                    client.destroyCryptoKeyVersion(made.getPrimary().getName());
            assertThat(version.getProtectionLevel()).isEqualTo(ProtectionLevel.HSM);
            assertThat(version.getDestroyTime().getSeconds())
                    .isEqualTo(time.now().getEpochSecond() + 86400);
            assertThat(made.getLabelsMap()).containsEntry("team", "backup");
        }

        @Test
        void withoutAVersionThereIsNoPrimary() {
            CryptoKey empty = client.createCryptoKey(CreateCryptoKeyRequest.newBuilder()
                    .setParent(gcp.keyRing())
                    .setCryptoKeyId("empty")
                    .setCryptoKey(forEncryption())
                    .setSkipInitialVersionCreation(true)
                    .build());
            assertThat(empty.hasPrimary()).isFalse();
            assertThat(result(() -> encrypt(empty.getName())))
                    .isEqualTo(
                            "FAILED_PRECONDITION: CryptoKey " + empty.getName() + " has no primary CryptoKeyVersion.");
            assertThatThrownBy(() -> gcp.key(empty.getName()).orElseThrow().primary())
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void nothingTwiceNowhereOrOfNoKind() {
            assertThat(result(() -> client.createKeyRing(LOCATION, "ring", KeyRing.getDefaultInstance())))
                    .isEqualTo("ALREADY_EXISTS: KeyRing " + gcp.keyRing() + " already exists.");
            assertThat(result(() -> client.createCryptoKey(
                            gcp.keyRing(), "key-1", forEncryption().build())))
                    .isEqualTo("ALREADY_EXISTS: CryptoKey " + key.name() + " already exists.");
            assertThat(result(() -> client.createCryptoKey(
                            LOCATION + "/keyRings/none", "kek", forEncryption().build())))
                    .isEqualTo("NOT_FOUND: KeyRing " + LOCATION + "/keyRings/none not found.");
            assertThat(result(() -> client.createCryptoKey(gcp.keyRing(), "kek", CryptoKey.getDefaultInstance())))
                    .startsWith("INVALID_ARGUMENT: crypto_key.purpose");
            assertThat(result(() -> client.createCryptoKey(
                            gcp.keyRing(), "a b", forEncryption().build())))
                    .startsWith("INVALID_ARGUMENT: 'a b'");
        }

        @Test
        void byTheControlPlaneInAnyRing() {
            String ring = "projects/others/locations/global/keyRings/theirs";
            GcpKmsKey made = gcp.createKey("kek", GcpKeySpec.software().inKeyRing(ring));
            assertThat(made.name()).isEqualTo(ring + "/cryptoKeys/kek");
            assertThat(client.getKeyRing(ring).getName()).isEqualTo(ring);
            assertThatThrownBy(() -> gcp.createKey("kek", GcpKeySpec.software().inKeyRing(ring)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("already exists");
            assertThatThrownBy(() -> gcp.createKey("k", GcpKeySpec.software().inKeyRing("ring")))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> gcp.createKey("k", GcpKeySpec.software().withPurpose("SING")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Listing {
        @Test
        void ofRingsAndKeys() {
            gcp.createKey("zulu", GcpKeySpec.software());
            client.createKeyRing(LOCATION, "another", KeyRing.getDefaultInstance());
            gcp.createKey("kek", GcpKeySpec.software().inKeyRing("projects/others/locations/eu/keyRings/ring"));

            List<String> rings = new ArrayList<>();
            client.listKeyRings(LOCATION).iterateAll().forEach(ring -> rings.add(ring.getName()));
            List<String> keys = new ArrayList<>();
            client.listCryptoKeys(gcp.keyRing()).iterateAll().forEach(listed -> keys.add(listed.getName()));

            assertThat(rings).containsExactly(LOCATION + "/keyRings/another", gcp.keyRing());
            assertThat(keys).containsExactly(key.name(), gcp.keyRing() + "/cryptoKeys/zulu");
        }

        @Test
        void ofOneRingAreNotThoseOfAnotherThatBeginsAlike() {
            gcp.createKey("kek", GcpKeySpec.software().inKeyRing(gcp.keyRing() + "-2"));
            List<String> keys = new ArrayList<>();
            client.listCryptoKeys(gcp.keyRing()).iterateAll().forEach(listed -> keys.add(listed.getName()));
            assertThat(keys).containsExactly(key.name());
        }

        @Test
        void aPageHasAThousandAtMost() {
            for (int i = 0; i < 1000; i++) {
                key.createVersion();
            }
            assertThat(client.listCryptoKeyVersions(ListCryptoKeyVersionsRequest.newBuilder()
                                    .setParent(key.name())
                                    .setPageSize(5000)
                                    .build())
                            .getPage()
                            .getResponse()
                            .getCryptoKeyVersionsCount())
                    .isEqualTo(1000);
        }

        @Test
        void ofVersionsInPages() {
            for (int i = 0; i < 6; i++) {
                key.createVersion();
            }
            ListCryptoKeyVersionsRequest request = ListCryptoKeyVersionsRequest.newBuilder()
                    .setParent(key.name())
                    .setPageSize(3)
                    .build();
            List<String> names = new ArrayList<>();
            client.listCryptoKeyVersions(request).iterateAll().forEach(listed -> names.add(listed.getName()));
            assertThat(names).hasSize(7).doesNotHaveDuplicates();
            assertThat(gcp.requests("ListCryptoKeyVersions")).isEqualTo(3);
            assertThat(result(() -> client.listCryptoKeyVersions(
                            request.toBuilder().setPageToken("99").build())))
                    .startsWith("INVALID_ARGUMENT: page_token");
        }
    }
}
