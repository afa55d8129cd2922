package io.keywrap.emulators;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a key does by the clock.
 *
 * <p><b>Source:</b> the comments in {@code resources.proto} on rotation; the page "Destroy and restore key versions" of the
 * documentation of Cloud KMS on the time until destruction.
 *
 * @param period how often it is rotated
 * @param next when it is rotated for the next time
 */
record GcpSchedule(Optional<Duration> period, Optional<Instant> next) {
    static final GcpSchedule NONE = new GcpSchedule(Optional.empty(), Optional.empty());
    static final String PERIOD = "rotation_period";
    static final String NEXT = "next_rotation_time";
    private static final Duration MIN_PERIOD = Duration.ofHours(24);
    private static final Duration MAX_PERIOD = Duration.ofDays(36_500);
    private static final Duration MIN_WAIT = Duration.ofHours(24);
    private static final Duration MAX_WAIT = Duration.ofDays(120);

    /** This schedule with those of its fields changed that are named. */
    GcpSchedule with(CryptoKey wanted, Set<String> fields) {
        GcpSchedule changed = new GcpSchedule(
                fields.contains(PERIOD) ? period(wanted) : period, fields.contains(NEXT) ? next(wanted) : next);
        if (changed.period.isPresent() && changed.next.isEmpty()) {
            throw GcpFailure.invalidArgument(NEXT + " must be set if " + PERIOD + " is.");
        }
        return changed;
    }

    static GcpSchedule of(CryptoKey wanted) {
        return NONE.with(wanted, Set.copyOf(List.of(PERIOD, NEXT)));
    }

    boolean isNone() {
        return period.isEmpty() && next.isEmpty();
    }

    /** How long versions of a key wait for their destruction. */
    static Optional<Duration> destroyAfter(CryptoKey wanted) {
        return wanted.hasDestroyScheduledDuration()
                ? Optional.of(duration(
                        "destroy_scheduled_duration", wanted.getDestroyScheduledDuration(), MIN_WAIT, MAX_WAIT))
                : Optional.empty();
    }

    private static Optional<Duration> period(CryptoKey wanted) {
        return wanted.hasRotationPeriod()
                ? Optional.of(duration(PERIOD, wanted.getRotationPeriod(), MIN_PERIOD, MAX_PERIOD))
                : Optional.empty();
    }

    private static Optional<Instant> next(CryptoKey wanted) {
        if (!wanted.hasNextRotationTime()) {
            return Optional.empty();
        }
        Timestamp time = wanted.getNextRotationTime();
        if (!Timestamps.isValid(time)) {
            throw GcpFailure.invalidArgument(NEXT + " is not a time.");
        }
        return Optional.of(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
    }

    private static Duration duration(String field, com.google.protobuf.Duration proto, Duration min, Duration max) {
        Duration duration = Durations.isValid(proto)
                ? Duration.ofSeconds(proto.getSeconds(), proto.getNanos())
                : Duration.ofSeconds(-1);
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw GcpFailure.invalidArgument(
                    field + " must be at least " + min.toHours() + " and at most " + max.toHours() + " hours.");
        }
        return duration;
    }
}
