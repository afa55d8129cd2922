package io.keywrap.byok;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotVersion.Read;
import io.keywrap.byok.SlotVersion.Secret;
import io.keywrap.codec.Canonical;
import io.keywrap.codec.Canonical.Malformed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one slot, without its seal: docs/format.md, "Note of a slot".
 *
 * @param slot the slot
 * @param revision 1 for the first
 * @param createdAt when the first key was uploaded
 * @param sealKey the wrap of the key that seals it
 * @param lastVersion the highest number that a version ever had
 * @param versions the versions that were not dropped, in ascending order
 */
record SlotRecord(
        String slot,
        long revision,
        Instant createdAt,
        WrappedDek sealKey,
        int lastVersion,
        List<SlotVersion> versions) {
    static final int MAX_VERSIONS = 100;
    static final int SEAL_BYTES = 48;

    private static final byte[] MAGIC = {'K', 'W', 'B', 'S'};
    private static final int FORMAT_VERSION = 1;
    private static final int MAX_NUMBER = 1_000_000_000;
    /** What a version is, or was before it was revoked, by its code. */
    private static final List<SlotState> STATES =
            List.of(SlotState.PENDING, SlotState.ACTIVE, SlotState.ARCHIVED, SlotState.ACTIVE, SlotState.ARCHIVED);

    private static final int FIRST_REVOKED = 3;
    private static final int CHECK_VALUE_BYTES = SlotVersion.CHECK_VALUE_CHARS / 2;

    SlotRecord {
        versions = List.copyOf(versions);
        if (revision < 1 || lastVersion < 1 || lastVersion > MAX_NUMBER || versions.size() > MAX_VERSIONS) {
            throw new IllegalArgumentException("a revision, a number or the count of versions is out of its limits");
        }
        int before = 0;
        for (SlotVersion version : versions) {
            if (version.number() <= before || version.number() > lastVersion) {
                throw new IllegalArgumentException("the versions are not in ascending order up to the last");
            }
            before = version.number();
        }
        boolean revoked = versions.stream().anyMatch(version -> version.state() == SlotState.REVOKED);
        long pending = count(versions, SlotState.PENDING);
        if (count(versions, SlotState.ACTIVE) > 1 || pending > (revoked ? 0 : 1)) {
            throw new IllegalArgumentException("too many versions are active or pending");
        }
    }

    /** A version that was active when it was revoked counts as one that is. */
    private static long count(List<SlotVersion> versions, SlotState state) {
        return versions.stream().filter(version -> version.was() == state).count();
    }

    Optional<SlotVersion> version(int number) {
        return versions.stream().filter(version -> version.number() == number).findFirst();
    }

    Optional<SlotVersion> in(SlotState state) {
        return versions.stream().filter(version -> version.state() == state).findFirst();
    }

    /** The version that has a key; every fingerprint is compared. */
    Optional<SlotVersion> of(byte[] fingerprint) {
        List<SlotVersion> same =
                versions.stream().filter(version -> version.isOf(fingerprint)).toList();
        return same.stream().findFirst();
    }

    /** The next record, with other versions. */
    SlotRecord with(List<SlotVersion> others) {
        int last = others.stream().mapToInt(SlotVersion::number).max().orElse(0);
        return new SlotRecord(slot, revision + 1, createdAt, sealKey, Math.max(last, lastVersion), others);
    }

    /** The next record, with the same keys in other wraps. */
    SlotRecord rewrapped(WrappedDek seal, List<SlotVersion> others) {
        return new SlotRecord(slot, revision + 1, createdAt, seal, lastVersion, others);
    }

    SlotStatus status() {
        return new SlotStatus(
                slot,
                revision,
                createdAt,
                SlotStatus.Wrap.of(sealKey),
                versions.stream().map(SlotVersion::status).toList());
    }

    /** Everything that the seal is over. */
    byte[] toBytes() {
        Canonical.Writer out = new Canonical.Writer()
                .bytes(MAGIC)
                .unsigned(FORMAT_VERSION, 1)
                .text(slot)
                .unsigned(revision, 8)
                .unsigned(createdAt.toEpochMilli(), 8)
                .unsigned(lastVersion, 4)
                .unsigned(versions.size(), 1);
        for (SlotVersion version : versions) {
            out.unsigned(version.number(), 4)
                    .unsigned(code(version), 1)
                    .unsigned(version.uploadedAt().toEpochMilli(), 8)
                    .unsigned(version.since().toEpochMilli(), 8)
                    .bytes(version.fingerprint());
            @Nullable Secret secret = version.secret();
            if (secret != null) {
                out.bytes(HexFormat.of().parseHex(secret.checkValue()))
                        .sized(secret.wrapped().toBytes());
            }
        }
        return out.sized(sealKey.toBytes()).toBytes();
    }

    private static int code(SlotVersion version) {
        return version.state() == SlotState.REVOKED
                ? STATES.lastIndexOf(version.was())
                : STATES.indexOf(version.state());
    }

    /**
     * Reads what {@link #toBytes} gave.
     *
     * @throws Malformed if it is cut, too long, or not exactly what would be written
     */
    static SlotRecord parse(byte[] body) throws Malformed {
        Canonical.Reader in = new Canonical.Reader(body);
        if (!Arrays.equals(in.bytes("magic", MAGIC.length), MAGIC)) {
            throw new Malformed("it is no note of a slot");
        }
        long format = in.unsigned("version", 1);
        if (format != FORMAT_VERSION) {
            throw new Malformed("it has version " + format + ", this release reads " + FORMAT_VERSION);
        }
        try {
            String slot = in.text("slot", Slots.MAX_BYTES);
            long revision = in.unsigned("revision", 8);
            Instant createdAt = time(in, "creation");
            int lastVersion = in.limited("last version", 4, MAX_NUMBER);
            int count = in.limited("number of versions", 1, MAX_VERSIONS);
            List<SlotVersion> versions = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                versions.add(version(in));
            }
            WrappedDek sealKey = WrappedDek.parse(in.sized("seal key", WrappedDek.MAX_BYTES));
            in.end();
            return new SlotRecord(Slots.require(slot), revision, createdAt, sealKey, lastVersion, versions);
        } catch (IllegalArgumentException | InvalidWrappedDekException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static SlotVersion version(Canonical.Reader in) throws Malformed {
        int number = in.limited("version", 4, MAX_NUMBER);
        int code = in.limited("state", 1, STATES.size() - 1);
        boolean revoked = code >= FIRST_REVOKED;
        SlotState was = STATES.get(code);
        Read read = new Read(
                number,
                revoked ? SlotState.REVOKED : was,
                was,
                time(in, "upload"),
                time(in, "time of the state"),
                in.bytes("fingerprint", SlotVersion.FINGERPRINT_BYTES));
        return new SlotVersion(read, revoked ? null : secret(in));
    }

    private static Secret secret(Canonical.Reader in) throws Malformed {
        String checkValue = HexFormat.of().formatHex(in.bytes("check value", CHECK_VALUE_BYTES));
        return new Secret(WrappedDek.parse(in.sized("secret", WrappedDek.MAX_BYTES)), checkValue);
    }

    private static Instant time(Canonical.Reader in, String field) throws Malformed {
        return Instant.ofEpochMilli(in.unsigned(field, 8));
    }
}
