package io.keywrap.emulators;

import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** One version of a Cloud KMS key, with its AES-256 key. Guarded by the store. */
final class StoredVersion {
    final StoredKey key;
    final int number;
    final String name;
    final byte[] material = KeyMaterial.random(KeyMaterial.BYTES);
    private final Instant created;
    private GcpVersionState state = GcpVersionState.ENABLED;
    private Optional<Instant> destroyTime = Optional.empty();
    private Optional<Instant> destroyed = Optional.empty();

    StoredVersion(StoredKey key, int number, Instant created) {
        this.key = key;
        this.number = number;
        this.name = key.name + "/cryptoKeyVersions/" + number;
        this.created = created;
    }

    GcpVersionState state() {
        return state;
    }

    Optional<Instant> destroyTime() {
        return destroyTime;
    }

    /** Material that is gone stays gone, whatever the state says. */
    void state(GcpVersionState next, Instant now) {
        destroyTime = Optional.empty();
        destroyed = next == GcpVersionState.DESTROYED ? Optional.of(now) : Optional.empty();
        state = next;
        if (next == GcpVersionState.DESTROYED) {
            wipe();
        }
    }

    void destroyAt(Instant time) {
        state = GcpVersionState.DESTROY_SCHEDULED;
        destroyTime = Optional.of(time);
    }

    void destroyIfDue(Instant now) {
        destroyTime.filter(time -> !time.isAfter(now)).ifPresent(time -> state(GcpVersionState.DESTROYED, time));
    }

    void wipe() {
        Arrays.fill(material, (byte) 0);
    }

    CryptoKeyVersion toProto() {
        CryptoKeyVersion.Builder proto = CryptoKeyVersion.newBuilder()
                .setName(name)
                .setState(CryptoKeyVersion.CryptoKeyVersionState.valueOf(state.name()))
                .setProtectionLevel(key.protectionLevel)
                .setAlgorithm(key.algorithm())
                .setCreateTime(timestamp(created));
        if (state != GcpVersionState.PENDING_GENERATION) {
            proto.setGenerateTime(timestamp(created));
        }
        destroyTime.ifPresent(time -> proto.setDestroyTime(timestamp(time)));
        destroyed.ifPresent(time -> proto.setDestroyEventTime(timestamp(time)));
        return proto.build();
    }

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
