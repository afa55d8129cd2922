package io.keywrap.byok;

import io.keywrap.DekId;
import io.keywrap.WrappedDek;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One version of the key of a slot, as its note keeps it. Immutable. */
final class SlotVersion {
    /** Length of a fingerprint, in bytes. */
    static final int FINGERPRINT_BYTES = 48;

    /** Length of a check value, in hexadecimal digits. */
    static final int CHECK_VALUE_CHARS = 64;

    private final int number;
    private final SlotState state;
    private final SlotState was;
    private final Instant uploadedAt;
    private final Instant since;
    private final byte[] fingerprint;
    private final @Nullable Secret secret;

    private SlotVersion(SlotVersion same, SlotState state, SlotState was, Instant since, @Nullable Secret secret) {
        this.number = same.number;
        this.uploadedAt = same.uploadedAt;
        this.fingerprint = same.fingerprint;
        this.state = state;
        this.was = was;
        this.since = since;
        this.secret = secret;
    }

    SlotVersion(Read read, @Nullable Secret secret) {
        this.number = read.number;
        this.state = read.state;
        this.was = read.was;
        this.uploadedAt = read.uploadedAt;
        this.since = read.since;
        this.fingerprint = read.fingerprint.clone();
        this.secret = secret;
        boolean kept = state != SlotState.REVOKED;
        if (kept != (secret != null) || (kept && was != state)) {
            throw new IllegalArgumentException("a version has a secret if and only if it is not revoked");
        }
    }

    static SlotVersion uploaded(int number, Instant now, byte[] fingerprint, Secret secret) {
        return new SlotVersion(new Read(number, SlotState.PENDING, SlotState.PENDING, now, now, fingerprint), secret);
    }

    int number() {
        return number;
    }

    SlotState state() {
        return state;
    }

    /** What it was before it was revoked; otherwise its state. */
    SlotState was() {
        return was;
    }

    Instant uploadedAt() {
        return uploadedAt;
    }

    Instant since() {
        return since;
    }

    byte[] fingerprint() {
        return fingerprint.clone();
    }

    /** The key that was uploaded; null once it is revoked. */
    @Nullable
    Secret secret() {
        return secret;
    }

    /** Whether it unwraps what it has wrapped. */
    boolean unwraps() {
        return state == SlotState.ACTIVE || state == SlotState.ARCHIVED;
    }

    /** Compared in constant time. */
    boolean isOf(byte[] otherFingerprint) {
        return MessageDigest.isEqual(fingerprint, otherFingerprint);
    }

    SlotVersion to(SlotState next, Instant now) {
        return new SlotVersion(this, next, next, now, secret);
    }

    SlotVersion revoked(Instant now) {
        return new SlotVersion(this, SlotState.REVOKED, was, now, null);
    }

    SlotVersion restored(Instant now, Secret again) {
        return new SlotVersion(this, was, was, now, again);
    }

    /** The same key in another wrap. */
    SlotVersion rewrapped(Secret again) {
        return new SlotVersion(this, state, was, since, again);
    }

    SlotStatus.Version status() {
        return new SlotStatus.Version(
                number,
                state,
                was,
                uploadedAt,
                since,
                Optional.ofNullable(secret).map(kept -> SlotStatus.Wrap.of(kept.wrapped())));
    }

    /** Number and state. */
    @Override
    public String toString() {
        return "SlotVersion[" + number + ", " + state + "]";
    }

    /**
     * The key of a version, wrapped.
     *
     * @param wrapped by the vendor's KEK
     * @param checkValue what proves the key after an unwrap
     */
    record Secret(WrappedDek wrapped, String checkValue) {
        /** New with each upload, and the same in every wrap of it. */
        DekId id() {
            return wrapped.dekId();
        }
    }

    /** What is read or made before the secret. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, and copied by whoever keeps it.
    record Read(int number, SlotState state, SlotState was, Instant uploadedAt, Instant since, byte[] fingerprint) {}
}
