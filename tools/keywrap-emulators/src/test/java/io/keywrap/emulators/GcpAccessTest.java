package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.KeyRing;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the caller may do, permission by permission. */
class GcpAccessTest extends GcpTest {
    private static final String ENCRYPT = "cloudkms.cryptoKeyVersions.useToEncrypt";
    private static final String DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt";

    private final String absent = gcp.keyRing() + "/cryptoKeys/absent";

    private static String denied(String permission, String resource) {
        return "PERMISSION_DENIED: Permission '" + permission + "' denied on resource '" + resource
                + "' (or it may not exist).";
    }

    @Test
    void decryptionAndEncryptionAreApart() {
        ByteString blob = blob();
        key.deny(DECRYPT);
        assertThat(open(blob)).isEqualTo(denied(DECRYPT, key.name()));
        assertThat(wrap()).isEqualTo("OK");

        key.deny(ENCRYPT);
        assertThat(wrap()).isEqualTo(denied(ENCRYPT, key.name()));
        key.allow(DECRYPT);
        assertThat(open(blob)).isEqualTo("OK");
    }

    @Test
    void aDenialOfOneKeyIsNotOfAnotherWhoseNameBeginsAlike() {
        GcpKmsKey other = gcp.createKey("key-10", GcpKeySpec.software());
        key.deny(ENCRYPT);
        assertThat(result(() -> encrypt(other.name()))).isEqualTo("OK");
        assertThat(result(() -> encrypt(key.version(1).name()))).startsWith("PERMISSION_DENIED");
    }

    @Test
    void aDenialHidesTheState() {
        ByteString blob = blob();
        key.primary().disable();
        key.deny(DECRYPT);
        assertThat(open(blob)).isEqualTo(denied(DECRYPT, key.name()));
    }

    @Test
    void absentIsNotFoundToWhoMayKnow() {
        String text = "NOT_FOUND: CryptoKey " + absent + " not found.";
        assertThat(result(() -> encrypt(absent))).isEqualTo(text);
        assertThat(result(() -> decrypt(absent, PLAINTEXT))).isEqualTo(text);
        assertThat(result(() -> client.getCryptoKey(absent))).isEqualTo(text);
        assertThat(result(() -> client.getCryptoKeyVersion(key.name() + "/cryptoKeyVersions/01")))
                .startsWith("INVALID_ARGUMENT: Resource name [");
        String version = key.name() + "/cryptoKeyVersions/9";
        assertThat(result(() -> encrypt(version))).isEqualTo("NOT_FOUND: CryptoKeyVersion " + version + " not found.");
    }

    @Test
    void absentIsDeniedToWhoMayNot() {
        gcp.deny(DECRYPT);
        assertThat(result(() -> decrypt(absent, PLAINTEXT))).isEqualTo(denied(DECRYPT, absent));
        assertThat(result(() -> decrypt(key.name(), PLAINTEXT))).isEqualTo(denied(DECRYPT, key.name()));
        gcp.allow(DECRYPT);
        assertThat(result(() -> decrypt(absent, PLAINTEXT))).startsWith("NOT_FOUND");
    }

    @Test
    void everyMethodNeedsItsPermission() {
        String ring = gcp.keyRing();
        String location = ring.substring(0, ring.indexOf("/keyRings"));
        String version = key.version(1).name();
        CryptoKey changedKey = CryptoKey.newBuilder().setName(key.name()).build();
        CryptoKeyVersion changed =
                CryptoKeyVersion.newBuilder().setName(version).build();
        FieldMask mask = FieldMask.newBuilder().addPaths("state").build();
        Map<String, Callable<?>> calls = new TreeMap<>();
        calls.put(
                "keyRings.create " + location, () -> client.createKeyRing(location, "r", KeyRing.getDefaultInstance()));
        calls.put("keyRings.get " + ring, () -> client.getKeyRing(ring));
        calls.put("keyRings.list " + location, () -> client.listKeyRings(location));
        calls.put("cryptoKeys.create " + ring, () -> client.createCryptoKey(ring, "k", changedKey));
        calls.put("cryptoKeys.get " + key.name(), () -> client.getCryptoKey(key.name()));
        calls.put("cryptoKeys.list " + ring, () -> client.listCryptoKeys(ring));
        calls.put("cryptoKeys.update " + key.name(), () -> client.updateCryptoKeyPrimaryVersion(key.name(), "1"));
        calls.put("cryptoKeyVersions.create " + key.name(), () -> client.createCryptoKeyVersion(key.name(), changed));
        calls.put("cryptoKeyVersions.get " + version, () -> client.getCryptoKeyVersion(version));
        calls.put("cryptoKeyVersions.list " + key.name(), () -> client.listCryptoKeyVersions(key.name()));
        calls.put("cryptoKeyVersions.update " + version, () -> client.updateCryptoKeyVersion(changed, mask));
        calls.put("cryptoKeyVersions.destroy " + version, () -> client.destroyCryptoKeyVersion(version));
        calls.put("cryptoKeyVersions.restore " + version, () -> client.restoreCryptoKeyVersion(version));

        calls.forEach((needed, call) -> {
            String permission = "cloudkms." + needed.split(" ", 2)[0];
            gcp.deny(permission);
            assertThat(result(call)).isEqualTo(denied(permission, needed.split(" ", 2)[1]));
            gcp.allow(permission);
        });
        gcp.deny("cloudkms.cryptoKeys.update");
        assertThat(result(() -> client.updateCryptoKey(changedKey, mask))).startsWith("PERMISSION_DENIED");
    }

    @Test
    void readingIsApartFromUsing() {
        key.deny("cloudkms.cryptoKeys.get");
        assertThat(result(() -> client.getCryptoKey(key.name())))
                .isEqualTo(denied("cloudkms.cryptoKeys.get", key.name()));
        assertThat(result(() -> client.getCryptoKeyVersion(key.version(1).name())))
                .isEqualTo("OK");
        assertThat(wrap()).isEqualTo("OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"absent", "key-1"})
    void permissionsCanBeAskedFor(String id) {
        key.deny(DECRYPT);
        List<String> allowed = client.testIamPermissions(TestIamPermissionsRequest.newBuilder()
                        .setResource(gcp.keyRing() + "/cryptoKeys/" + id)
                        .addPermissions(DECRYPT)
                        .addPermissions(ENCRYPT)
                        .build())
                .getPermissionsList();
        assertThat(allowed).isEqualTo(id.equals("absent") ? List.of() : List.of(ENCRYPT));
    }
}
