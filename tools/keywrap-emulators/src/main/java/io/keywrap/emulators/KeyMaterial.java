package io.keywrap.emulators;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The material of a key, one AES-256 key a rotation; the replicas of a multi-Region key share it. Guarded by the store. */
final class KeyMaterial {
    static final int BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final List<Version> versions = new ArrayList<>();
    private Optional<Integer> periodDays = Optional.empty();
    private int onDemand;

    KeyMaterial(Instant now) {
        add("", now);
    }

    Version current() {
        return versions.get(versions.size() - 1);
    }

    Optional<Version> find(String id) {
        return versions.stream().filter(version -> version.id.equals(id)).findFirst();
    }

    /** The material that came after the first. */
    List<Version> rotations() {
        return versions.subList(1, versions.size());
    }

    void rotate(Instant now) {
        add("ON_DEMAND", now);
        onDemand++;
    }

    int onDemandRotations() {
        return onDemand;
    }

    /** How often it is rotated by itself; empty if never. */
    Optional<Integer> periodDays() {
        return periodDays;
    }

    void periodDays(Optional<Integer> days) {
        periodDays = days;
    }

    void wipe() {
        versions.forEach(version -> Arrays.fill(version.bytes, (byte) 0));
    }

    private void add(String rotation, Instant now) {
        byte[] bytes = random(BYTES);
        versions.add(new Version(HexFormat.of().formatHex(random(BYTES)), bytes, rotation, now));
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** One AES-256 key. */
    static final class Version {
        final String id;
        final byte[] bytes;
        final String rotation;
        final Instant date;

        Version(String id, byte[] bytes, String rotation, Instant date) {
            this.id = id;
            this.bytes = bytes;
            this.rotation = rotation;
            this.date = date;
        }
    }
}
