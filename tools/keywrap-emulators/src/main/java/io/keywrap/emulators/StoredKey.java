package io.keywrap.emulators;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm;
import com.google.cloud.kms.v1.CryptoKeyVersionTemplate;
import com.google.cloud.kms.v1.ProtectionLevel;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One Cloud KMS key with its versions. Guarded by the store. */
final class StoredKey {
    private static final Duration DESTROY_AFTER = Duration.ofDays(30);

    final String name;
    final CryptoKeyPurpose purpose;
    final ProtectionLevel protectionLevel;
    /** What its ciphertexts say who made them. */
    final byte[] id = KeyMaterial.random(GcpCiphertext.KEY_ID_BYTES);

    final List<StoredVersion> versions = new ArrayList<>();
    final Set<String> denied = new HashSet<>();
    Map<String, String> labels = Map.of();
    Duration destroyAfter = DESTROY_AFTER;
    GcpSchedule schedule = GcpSchedule.NONE;
    Optional<GcpExternalKeyFailure> externalFailure = Optional.empty();
    boolean contextIgnored;
    private final Instant created;
    private int primary;

    StoredKey(String name, CryptoKeyPurpose purpose, ProtectionLevel protectionLevel, Instant created) {
        this.name = name;
        this.purpose = purpose;
        this.protectionLevel = protectionLevel;
        this.created = created;
    }

    boolean encrypts() {
        return purpose == CryptoKeyPurpose.ENCRYPT_DECRYPT;
    }

    /** What of a context is authenticated. */
    byte[] bound(ByteString context) {
        return contextIgnored ? new byte[0] : context.toByteArray();
    }

    boolean external() {
        return external(protectionLevel);
    }

    private static boolean external(ProtectionLevel level) {
        return level == ProtectionLevel.EXTERNAL || level == ProtectionLevel.EXTERNAL_VPC;
    }

    Optional<StoredVersion> primary() {
        return version(primary);
    }

    void primary(StoredVersion version) {
        primary = version.number;
    }

    Optional<StoredVersion> version(int number) {
        return number >= 1 && number <= versions.size() ? Optional.of(versions.get(number - 1)) : Optional.empty();
    }

    /** Which does not become the primary. */
    StoredVersion addVersion(Instant now) {
        StoredVersion version = new StoredVersion(this, versions.size() + 1, now);
        versions.add(version);
        return version;
    }

    /** Does what was due since somebody last looked: destroys versions, rotates. */
    void settle(Instant now) {
        versions.forEach(version -> version.destroyIfDue(now));
        schedule.next().filter(time -> !time.isAfter(now)).ifPresent(time -> {
            primary(addVersion(time));
            schedule = new GcpSchedule(schedule.period(), schedule.period().map(now::plus));
        });
    }

    CryptoKeyVersionAlgorithm algorithm() {
        return algorithm(purpose, protectionLevel);
    }

    static CryptoKeyVersionAlgorithm algorithm(CryptoKeyPurpose purpose, ProtectionLevel level) {
        if (external(level)) {
            return CryptoKeyVersionAlgorithm.EXTERNAL_SYMMETRIC_ENCRYPTION;
        }
        return switch (purpose) {
            case ASYMMETRIC_SIGN -> CryptoKeyVersionAlgorithm.EC_SIGN_P256_SHA256;
            case ASYMMETRIC_DECRYPT -> CryptoKeyVersionAlgorithm.RSA_DECRYPT_OAEP_3072_SHA256;
            case RAW_ENCRYPT_DECRYPT -> CryptoKeyVersionAlgorithm.AES_256_GCM;
            case MAC -> CryptoKeyVersionAlgorithm.HMAC_SHA256;
            default -> CryptoKeyVersionAlgorithm.GOOGLE_SYMMETRIC_ENCRYPTION;
        };
    }

    CryptoKey toProto() {
        CryptoKey.Builder proto = CryptoKey.newBuilder()
                .setName(name)
                .setPurpose(purpose)
                .setCreateTime(StoredVersion.timestamp(created))
                .setVersionTemplate(CryptoKeyVersionTemplate.newBuilder()
                        .setProtectionLevel(protectionLevel)
                        .setAlgorithm(algorithm()))
                .setDestroyScheduledDuration(proto(destroyAfter))
                .putAllLabels(labels);
        if (encrypts()) {
            primary().ifPresent(version -> proto.setPrimary(version.toProto()));
        }
        schedule.period().ifPresent(period -> proto.setRotationPeriod(proto(period)));
        schedule.next().ifPresent(time -> proto.setNextRotationTime(StoredVersion.timestamp(time)));
        return proto.build();
    }

    static com.google.protobuf.Duration proto(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }
}
