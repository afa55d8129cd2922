package io.keywrap.emulators;

import com.google.cloud.kms.v1.CreateCryptoKeyRequest;
import com.google.cloud.kms.v1.CreateCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.CreateKeyRingRequest;
import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import com.google.cloud.kms.v1.DestroyCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.KeyRing;
import com.google.cloud.kms.v1.ProtectionLevel;
import com.google.cloud.kms.v1.RestoreCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.UpdateCryptoKeyPrimaryVersionRequest;
import com.google.cloud.kms.v1.UpdateCryptoKeyRequest;
import com.google.cloud.kms.v1.UpdateCryptoKeyVersionRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The methods that make and change key rings, keys and versions. */
final class GcpAdmin {
    private static final String LABELS = "labels";
    private static final Set<String> CHANGEABLE = Set.of(LABELS, GcpSchedule.PERIOD, GcpSchedule.NEXT);

    private final GcpStore store;

    GcpAdmin(GcpStore store) {
        this.store = store;
    }

    KeyRing createKeyRing(CreateKeyRingRequest request) {
        String name = GcpNames.location(request.getParent()) + "/keyRings/" + GcpNames.id(request.getKeyRingId());
        if (store.rings().putIfAbsent(name, store.now()) != null) {
            throw GcpFailure.exists("KeyRing", name);
        }
        return ring(name);
    }

    KeyRing ring(String name) {
        Instant created = store.ring(GcpNames.ring(name));
        return KeyRing.newBuilder()
                .setName(name)
                .setCreateTime(StoredVersion.timestamp(created))
                .build();
    }

    CryptoKey createCryptoKey(CreateCryptoKeyRequest request) {
        store.ring(GcpNames.ring(request.getParent()));
        CryptoKey wanted = request.getCryptoKey();
        if (wanted.getPurpose() == CryptoKeyPurpose.CRYPTO_KEY_PURPOSE_UNSPECIFIED
                || wanted.getPurpose() == CryptoKeyPurpose.UNRECOGNIZED) {
            throw GcpFailure.invalidArgument("crypto_key.purpose is missing or unknown.");
        }
        ProtectionLevel level = wanted.getVersionTemplate().getProtectionLevel();
        if (level == ProtectionLevel.UNRECOGNIZED) {
            throw GcpFailure.invalidArgument("crypto_key.version_template.protection_level is unknown.");
        }
        CryptoKeyPurpose purpose = wanted.getPurpose();
        ProtectionLevel protection =
                level == ProtectionLevel.PROTECTION_LEVEL_UNSPECIFIED ? ProtectionLevel.SOFTWARE : level;
        requireAlgorithm(wanted.getVersionTemplate().getAlgorithm(), purpose, protection);
        String name = request.getParent() + "/cryptoKeys/" + GcpNames.id(request.getCryptoKeyId());
        GcpSchedule schedule = GcpSchedule.of(wanted);
        Optional<Duration> destroyAfter = GcpSchedule.destroyAfter(wanted);
        if (purpose != CryptoKeyPurpose.ENCRYPT_DECRYPT && !schedule.isNone()) {
            throw GcpFailure.wrongPurpose(name, purpose, "rotation");
        }
        StoredKey key = store.create(name, purpose, protection);
        key.labels = Map.copyOf(wanted.getLabelsMap());
        key.schedule = schedule;
        destroyAfter.ifPresent(wait -> key.destroyAfter = wait);
        if (!request.getSkipInitialVersionCreation()) {
            key.primary(key.addVersion(store.now()));
        }
        return key.toProto();
    }

    CryptoKey updateCryptoKey(UpdateCryptoKeyRequest request) {
        StoredKey key = store.key(GcpNames.key(request.getCryptoKey().getName()));
        Set<String> fields = Set.copyOf(request.getUpdateMask().getPathsList());
        if (fields.isEmpty()) {
            throw GcpFailure.invalidArgument("update_mask is missing.");
        }
        fields.stream().filter(field -> !CHANGEABLE.contains(field)).findFirst().ifPresent(field -> {
            throw GcpFailure.invalidArgument("update_mask: '" + GcpNames.shown(field) + "' cannot be changed here.");
        });
        GcpSchedule schedule = key.schedule.with(request.getCryptoKey(), fields);
        if (!key.encrypts() && !schedule.isNone()) {
            throw GcpFailure.wrongPurpose(key, "rotation");
        }
        key.schedule = schedule;
        if (fields.contains(LABELS)) {
            key.labels = Map.copyOf(request.getCryptoKey().getLabelsMap());
        }
        return key.toProto();
    }

    CryptoKey updatePrimary(UpdateCryptoKeyPrimaryVersionRequest request) {
        StoredKey key = store.key(GcpNames.key(request.getName()));
        String name = key.name + "/cryptoKeyVersions/" + request.getCryptoKeyVersionId();
        StoredVersion version = store.version(name);
        if (!key.encrypts()) {
            throw GcpFailure.wrongPurpose(key, "a primary version");
        }
        if (version.state() != GcpVersionState.ENABLED) {
            throw GcpFailure.notEnabled(version);
        }
        key.primary(version);
        return key.toProto();
    }

    CryptoKeyVersion createVersion(CreateCryptoKeyVersionRequest request) {
        CryptoKeyVersionState wanted = request.getCryptoKeyVersion().getState();
        StoredVersion version = store.key(GcpNames.key(request.getParent())).addVersion(store.now());
        if (wanted == CryptoKeyVersionState.DISABLED) {
            version.state(GcpVersionState.DISABLED, store.now());
        }
        return version.toProto();
    }

    /** Switches a version on or off, which is all that this method can do. */
    CryptoKeyVersion updateVersion(UpdateCryptoKeyVersionRequest request) {
        StoredVersion version = store.version(request.getCryptoKeyVersion().getName());
        if (!request.getUpdateMask().getPathsList().equals(List.of("state"))) {
            throw GcpFailure.invalidArgument("update_mask: only 'state' can be changed here.");
        }
        GcpVersionState next = switch (request.getCryptoKeyVersion().getState()) {
            case ENABLED -> GcpVersionState.ENABLED;
            case DISABLED -> GcpVersionState.DISABLED;
            default -> throw GcpFailure.invalidArgument("crypto_key_version.state must be ENABLED or DISABLED.");
        };
        if (!isSwitch(version.state())) {
            throw GcpFailure.wrongState(version, next.name().toLowerCase(Locale.ROOT));
        }
        version.state(next, store.now());
        return version.toProto();
    }

    CryptoKeyVersion destroyVersion(DestroyCryptoKeyVersionRequest request) {
        StoredVersion version = store.version(request.getName());
        if (!isSwitch(version.state())) {
            throw GcpFailure.wrongState(version, "destroyed");
        }
        version.destroyAt(store.now().plus(version.key.destroyAfter));
        return version.toProto();
    }

    CryptoKeyVersion restoreVersion(RestoreCryptoKeyVersionRequest request) {
        StoredVersion version = store.version(request.getName());
        if (version.state() != GcpVersionState.DESTROY_SCHEDULED) {
            throw GcpFailure.wrongState(version, "restored");
        }
        version.state(GcpVersionState.DISABLED, store.now());
        return version.toProto();
    }

    private static boolean isSwitch(GcpVersionState state) {
        return state == GcpVersionState.ENABLED || state == GcpVersionState.DISABLED;
    }

    /** An algorithm that is named must be the one that the key will have; the others are chosen by the emulator. */
    private static void requireAlgorithm(
            CryptoKeyVersionAlgorithm wanted, CryptoKeyPurpose purpose, ProtectionLevel protection) {
        boolean named = wanted != CryptoKeyVersionAlgorithm.CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED;
        if (named && wanted != StoredKey.algorithm(purpose, protection)) {
            throw GcpFailure.invalidArgument("crypto_key.version_template.algorithm is not one for " + purpose
                    + " with protection level " + protection + " here.");
        }
    }
}
