package io.keywrap.byok;

import io.keywrap.byok.SlotRefusedException.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The state machine of a slot: what follows from what, and what is refused. Without side effects. */
final class SlotChange {
    private SlotChange() {}

    /** Takes a key in as a new pending version, in the place of one that was pending. */
    static SlotRecord add(SlotRecord now, SlotUpload upload) {
        if (now.in(SlotState.REVOKED).isPresent()) {
            throw refused(
                    now,
                    Reason.IS_REVOKED,
                    "the slot is revoked",
                    "restore it by uploading the same key again, or drop what is revoked");
        }
        List<SlotVersion> kept = without(now, SlotState.PENDING);
        now.of(upload.fingerprint()).filter(kept::contains).ifPresent(version -> {
            throw refused(
                    now,
                    Reason.SAME_KEY,
                    "the slot has this key already, as version " + version.number() + ", " + version.state(),
                    "if it was uploaded to give access back, that is done; otherwise upload a new key");
        });
        if (kept.size() >= SlotRecord.MAX_VERSIONS) {
            throw refused(
                    now,
                    Reason.FULL,
                    "the slot has " + kept.size() + " versions",
                    "re-wrap what the archived ones have wrapped, and drop them");
        }
        SlotVersion added = SlotVersion.uploaded(
                now.lastVersion() + 1,
                upload.now(),
                upload.fingerprint(),
                upload.secret().get());
        return now.with(Stream.concat(kept.stream(), Stream.of(added)).toList());
    }

    static SlotRecord activate(SlotRecord now, int number, Instant at) {
        SlotVersion version = required(now, number);
        if (version.state() == SlotState.ACTIVE) {
            return now;
        }
        requirePending(now, version);
        if (now.in(SlotState.ACTIVE).isPresent()) {
            throw refused(
                    now,
                    Reason.HAS_ACTIVE,
                    "the slot has an active key already",
                    "archive it, which makes the new one active in the same step");
        }
        return replaced(now, version.to(SlotState.ACTIVE, at));
    }

    static SlotRecord archive(SlotRecord now, int number, Instant at) {
        SlotVersion version = required(now, number);
        if (version.state() == SlotState.ACTIVE) {
            return now;
        }
        requirePending(now, version);
        SlotVersion active = now.in(SlotState.ACTIVE)
                .orElseThrow(() -> refused(
                        now, Reason.NO_ACTIVE, "the slot has no active key to archive", "activate the new one"));
        return replaced(now, active.to(SlotState.ARCHIVED, at), version.to(SlotState.ACTIVE, at));
    }

    static SlotRecord revoke(SlotRecord now, Instant at) {
        if (now.versions().stream().allMatch(version -> version.state() == SlotState.REVOKED)) {
            return now;
        }
        return now.with(without(now, SlotState.PENDING).stream()
                .map(version -> version.state() == SlotState.REVOKED ? version : version.revoked(at))
                .toList());
    }

    static SlotRecord restore(SlotRecord now, SlotUpload upload) {
        Optional<SlotVersion> known = now.of(upload.fingerprint());
        if (known.filter(SlotVersion::unwraps).isPresent()) {
            return now; // It was restored before, or never revoked: there is nothing to give back.
        }
        if (now.in(SlotState.REVOKED).isEmpty()) {
            throw refused(now, Reason.NOT_REVOKED, "the slot is not revoked", "validate and activate a new key");
        }
        // None is pending while another one is revoked.
        SlotVersion version = known.orElseThrow(() -> refused(
                now,
                Reason.OTHER_KEY,
                "the slot is revoked, and this is none of its keys",
                "have the customer upload the key that was revoked"));
        return replaced(now, version.restored(upload.now(), upload.secret().get()));
    }

    static SlotRecord drop(SlotRecord now, int number) {
        if (number >= 1 && number <= now.lastVersion() && now.version(number).isEmpty()) {
            return now;
        }
        SlotVersion version = required(now, number);
        if (version.state() == SlotState.ACTIVE) {
            throw refused(
                    now, Reason.IS_ACTIVE, "version " + number + " is active", "archive it before, or revoke the slot");
        }
        return now.with(now.versions().stream()
                .filter(other -> other.number() != number)
                .toList());
    }

    private static List<SlotVersion> without(SlotRecord now, SlotState state) {
        return now.versions().stream()
                .filter(version -> version.state() != state)
                .toList();
    }

    private static SlotRecord replaced(SlotRecord now, SlotVersion... changed) {
        List<SlotVersion> versions = new ArrayList<>(now.versions());
        for (SlotVersion version : changed) {
            versions.replaceAll(other -> other.number() == version.number() ? version : other);
        }
        return now.with(versions);
    }

    private static SlotVersion required(SlotRecord now, int number) {
        return now.version(number)
                .orElseThrow(() -> refused(
                        now, Reason.NO_SUCH_VERSION, "the slot has no version " + number, "look at its status"));
    }

    private static void requirePending(SlotRecord now, SlotVersion version) {
        if (version.state() != SlotState.PENDING) {
            throw refused(
                    now,
                    Reason.NOT_PENDING,
                    "version " + version.number() + " is " + version.state() + " and not PENDING",
                    "look at its status, or validate a new key");
        }
    }

    private static SlotRefusedException refused(SlotRecord now, Reason reason, String what, String action) {
        return SlotErrors.refused(now.slot(), reason, what, action);
    }
}
