package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm;
import com.google.cloud.kms.v1.CryptoKeyVersionTemplate;
import com.google.cloud.kms.v1.ListCryptoKeyVersionsRequest;
import com.google.cloud.kms.v1.ListCryptoKeysRequest;
import com.google.cloud.kms.v1.ListKeyRingsRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service does not take, and that nothing of it is done. */
class GcpRefusalsTest extends GcpTest {
    private static final String LOCATION = "projects/keywrap-test/locations/europe-west1";
    private static final long DAY = 86_400;

    private CryptoKey.Builder forEncryption() {
        return CryptoKey.newBuilder().setPurpose(CryptoKeyPurpose.ENCRYPT_DECRYPT);
    }

    private static Duration seconds(long seconds) {
        return Duration.newBuilder().setSeconds(seconds).build();
    }

    private Timestamp tomorrow() {
        return Timestamp.newBuilder()
                .setSeconds(time.now().getEpochSecond() + DAY)
                .build();
    }

    private static FieldMask mask(String... paths) {
        FieldMask.Builder mask = FieldMask.newBuilder();
        for (String path : paths) {
            mask.addPaths(path);
        }
        return mask.build();
    }

    /** The error, after which the key is not there. */
    private String created(CryptoKey.Builder wanted) {
        String refused = result(() -> client.createCryptoKey(gcp.keyRing(), "kek", wanted.build()));
        assertThat(gcp.key(gcp.keyRing() + "/cryptoKeys/kek").isPresent())
                .as(refused)
                .isEqualTo(refused.equals("OK"));
        return refused;
    }

    @Nested
    class OfAKey {
        @ParameterizedTest
        @ValueSource(longs = {Long.MIN_VALUE, -1, 0, DAY - 1, 876_000L * 3600 + 1, Long.MAX_VALUE})
        void aRotationPeriodThatCannotBe(long period) {
            assertThat(created(
                            forEncryption().setRotationPeriod(seconds(period)).setNextRotationTime(tomorrow())))
                    .startsWith("INVALID_ARGUMENT: rotation_period");
        }

        @Test
        void theShortestRotationPeriodIsADay() {
            assertThat(created(forEncryption().setRotationPeriod(seconds(DAY)).setNextRotationTime(tomorrow())))
                    .isEqualTo("OK");
        }

        @Test
        void aRotationPeriodWithoutTheTimeOfTheFirst() {
            assertThat(created(forEncryption().setRotationPeriod(seconds(DAY))))
                    .startsWith("INVALID_ARGUMENT: next_rotation_time");
        }

        @Test
        void aTimeThatIsNone() {
            assertThat(created(forEncryption()
                            .setNextRotationTime(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))))
                    .startsWith("INVALID_ARGUMENT: next_rotation_time");
        }

        @Test
        void rotationOfAnotherPurpose() {
            CryptoKey.Builder mac = CryptoKey.newBuilder().setPurpose(CryptoKeyPurpose.MAC);
            assertThat(created(mac.clone().setRotationPeriod(seconds(DAY)).setNextRotationTime(tomorrow())))
                    .startsWith("FAILED_PRECONDITION");
            assertThat(created(mac.clone().setNextRotationTime(tomorrow()))).startsWith("FAILED_PRECONDITION");
        }

        @ParameterizedTest
        @ValueSource(longs = {Long.MIN_VALUE, -1, 0, DAY - 1, 120 * DAY + 1, Long.MAX_VALUE})
        void aTimeUntilDestructionThatCannotBe(long wait) {
            assertThat(created(forEncryption().setDestroyScheduledDuration(seconds(wait))))
                    .startsWith("INVALID_ARGUMENT: destroy_scheduled_duration");
        }

        @Test
        void anAlgorithmOfAnotherPurpose() {
            assertThat(created(template(CryptoKeyVersionAlgorithm.AES_256_GCM)))
                    .startsWith("INVALID_ARGUMENT: crypto_key.version_template.algorithm");
            assertThat(created(template(CryptoKeyVersionAlgorithm.GOOGLE_SYMMETRIC_ENCRYPTION)))
                    .isEqualTo("OK");
        }

        private CryptoKey.Builder template(CryptoKeyVersionAlgorithm algorithm) {
            return forEncryption()
                    .setVersionTemplate(CryptoKeyVersionTemplate.newBuilder().setAlgorithm(algorithm));
        }

        @ParameterizedTest
        @ValueSource(strings = {"projects/p/locations/global", "projects/keywrap-test/locations/x"})
        void aProjectOrLocationThatCannotBe(String parent) {
            assertThat(result(() -> client.listKeyRings(parent))).startsWith("INVALID_ARGUMENT: Resource name [");
            assertThatThrownBy(() -> gcp.createKey("k", GcpKeySpec.software().inKeyRing(parent + "/keyRings/r")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theEmulatorIsNotStartedInAProjectOrLocationThatCannotBe() {
        for (String project : new String[] {"p", "a:b", "1abcdef", "Acme-backup", "acme-backup-", "a".repeat(31)}) {
            assertThatThrownBy(() -> GcpKmsEmulator.builder().project(project))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> GcpKmsEmulator.builder().location("x")).isInstanceOf(IllegalArgumentException.class);
        for (String project : new String[] {"acme-backup", "example.com:acme-prod", "123456789012"}) {
            try (GcpKmsEmulator other =
                    GcpKmsEmulator.builder().project(project).start(0)) {
                assertThat(other.createKey().name()).startsWith("projects/" + project + "/");
            }
        }
    }

    @Nested
    class OfAnUpdate {
        private final CryptoKey labelled = CryptoKey.newBuilder()
                .setName(key.name())
                .putLabels("team", "backup")
                .build();

        @Test
        void nothingToUpdate() {
            assertThat(result(() -> client.updateCryptoKey(labelled, mask())))
                    .startsWith("INVALID_ARGUMENT: update_mask");
        }

        @Test
        void oneFieldThatCannotBeAndThenNoneIs() {
            assertThat(result(() -> client.updateCryptoKey(labelled, mask("labels", "purpose"))))
                    .startsWith("INVALID_ARGUMENT: update_mask: 'purpose'");
            assertThat(client.getCryptoKey(key.name()).getLabelsMap()).isEmpty();
        }

        @Test
        void theFieldsThatAreNotInTheMask() {
            CryptoKey rotating = CryptoKey.newBuilder()
                    .setName(key.name())
                    .setRotationPeriod(seconds(30 * DAY))
                    .setNextRotationTime(tomorrow())
                    .build();
            client.updateCryptoKey(rotating, mask("rotation_period", "next_rotation_time"));

            CryptoKey other = CryptoKey.newBuilder()
                    .setName(key.name())
                    .setRotationPeriod(seconds(7 * DAY))
                    .build();
            CryptoKey changed = client.updateCryptoKey(other, mask("rotation_period"));

            assertThat(changed.getRotationPeriod()).isEqualTo(seconds(7 * DAY));
            assertThat(changed.getNextRotationTime()).isEqualTo(tomorrow());
            assertThat(result(() -> client.updateCryptoKey(other, mask("next_rotation_time"))))
                    .startsWith("INVALID_ARGUMENT: next_rotation_time");
            CryptoKey off = client.updateCryptoKey(labelled, mask("rotation_period", "next_rotation_time"));
            assertThat(off.hasRotationPeriod() || off.hasNextRotationTime()).isFalse();
        }
    }

    @Test
    void filtersOrdersAndSizesThatAreNotUnderstood() {
        ListKeyRingsRequest.Builder rings = ListKeyRingsRequest.newBuilder().setParent(LOCATION);
        ListCryptoKeysRequest.Builder keys = ListCryptoKeysRequest.newBuilder().setParent(gcp.keyRing());
        ListCryptoKeyVersionsRequest.Builder versions =
                ListCryptoKeyVersionsRequest.newBuilder().setParent(key.name());
        String filter = "UNIMPLEMENTED: filter and order_by";
        assertThat(result(() -> client.listKeyRings(rings.clone().setFilter("x").build())))
                .startsWith(filter);
        assertThat(result(
                        () -> client.listCryptoKeys(keys.clone().setFilter("x").build())))
                .startsWith(filter);
        assertThat(result(() -> client.listCryptoKeyVersions(
                        versions.clone().setFilter("state=ENABLED").build())))
                .startsWith(filter);
        assertThat(result(() ->
                        client.listCryptoKeys(keys.clone().setOrderBy("name").build())))
                .startsWith(filter);
        assertThat(result(
                        () -> client.listCryptoKeys(keys.clone().setPageSize(-1).build())))
                .startsWith("INVALID_ARGUMENT: page_size");
    }

    @Test
    void aFaultThatCannotBe() {
        assertThatThrownBy(() -> GcpFault.error("OK", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GcpLies.length(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> key.rotateEvery(java.time.Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
