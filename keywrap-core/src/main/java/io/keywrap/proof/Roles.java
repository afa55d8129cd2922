package io.keywrap.proof;

import io.keywrap.KekId;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the wraps of a DEK are, by the recipients of its keychain. */
public final class Roles {
    /** What a header of 64 KiB has left for wraps beside the largest contexts. */
    private static final int MAX_PORTABLE_WRAPS_BYTES = 54_000;

    private Roles() {}

    /**
     * The same DEK with its wraps in the roles that the recipients have; wraps under other KEKs are RETAINED. As long as a
     * CONTROL KEK has not wrapped it, its earlier CONTROL KEKs go on opening and closing it; but a REPLICA KEK that is no
     * recipient any more stands in for none of them.
     *
     * @param entry the DEK
     * @param recipients the recipients
     * @return the entry, itself if nothing changes
     */
    public static DekEntry settled(DekEntry entry, List<Recipient> recipients) {
        if (entry.state() == State.DESTROYED) {
            return entry;
        }
        boolean controlled = recipients.stream()
                .filter(recipient -> recipient.role() == Role.CONTROL)
                .allMatch(recipient -> entry.wrapUnder(recipient.kekId()).isPresent());
        return entry.withWraps(entry.wraps().stream()
                .map(wrap -> controlled || isTakenOut(wrap, recipients)
                        ? new Wrap(role(wrap.wrapped().kekId(), recipients), wrap.wrapped())
                        : wrap)
                .toList());
    }

    private static boolean isTakenOut(Wrap wrap, List<Recipient> recipients) {
        return wrap.role() == Role.REPLICA && role(wrap.wrapped().kekId(), recipients) == Role.RETAINED;
    }

    private static Role role(KekId kekId, List<Recipient> recipients) {
        return recipient(kekId, recipients).map(Recipient::role).orElse(Role.RETAINED);
    }

    private static Optional<Recipient> recipient(KekId kekId, List<Recipient> recipients) {
        return recipients.stream()
                .filter(recipient -> recipient.kekId().equals(kekId))
                .findFirst();
    }

    /**
     * Without RETAINED wraps whose time is over, once every recipient has wrapped the DEK.
     *
     * @param settled the DEK
     * @param record the record, for its recipients
     * @param now the present
     * @return the entry, itself if nothing changes
     */
    public static DekEntry withoutOver(DekEntry settled, KeychainRecord record, Instant now) {
        if (settled.state() == State.DESTROYED || !record.missing(settled).isEmpty()) {
            return settled;
        }
        List<Wrap> kept = settled.wraps().stream()
                .filter(wrap -> wrap.role() != Role.RETAINED
                        || recipient(wrap.wrapped().kekId(), record.recipients())
                                .filter(recipient -> isOver(recipient, now))
                                .isEmpty())
                .toList();
        return settled.withWraps(kept);
    }

    /**
     * Whether the time is over for which wraps are kept.
     *
     * @param recipient whose
     * @param now the present
     * @return true if they may be dropped; false where there is no end
     */
    public static boolean isOver(Recipient recipient, Instant now) {
        return recipient.until().filter(until -> !now.isBefore(until)).isPresent();
    }

    /**
     * DEKs that stand for all from which a CONTROL KEK would be taken: one for each version of such a KEK.
     *
     * @param current the record
     * @param recipients the recipients to be
     * @return the entries
     */
    public static List<DekEntry> losingControl(KeychainRecord current, List<Recipient> recipients) {
        Set<List<String>> seen = new HashSet<>();
        List<DekEntry> entries = new ArrayList<>();
        for (DekEntry entry : current.deks()) {
            DekEntry next = settled(entry, recipients);
            boolean first = false;
            for (Wrap lost : controlLost(entry, next)) {
                first |= seen.add(
                        List.of(lost.wrapped().kekId().uri(), lost.wrapped().kekVersion()));
            }
            if (first) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /**
     * The wraps that are under CONTROL KEKs in one entry and not in the next.
     *
     * @param before the entry
     * @param after the next
     * @return the wraps
     */
    public static List<Wrap> controlLost(DekEntry before, DekEntry after) {
        return before.wraps().stream()
                .filter(wrap -> wrap.role() == Role.CONTROL)
                .filter(wrap -> !after.wraps().contains(wrap))
                .toList();
    }

    /**
     * Refuses wraps that do not fit into a header: they would make a keychain that can never encrypt.
     *
     * @param portable whether envelopes carry the wraps
     * @param entry the DEK
     * @throws IllegalArgumentException if they are too long
     */
    public static void requireRoom(boolean portable, DekEntry entry) {
        int bytes = entry.wraps().stream()
                .filter(wrap -> wrap.role() != Role.RETAINED)
                .mapToInt(wrap -> wrap.wrapped().toBytes().length + 2)
                .sum();
        if (portable && bytes > MAX_PORTABLE_WRAPS_BYTES) {
            throw new IllegalArgumentException("the wraps of a portable keychain have at most "
                    + MAX_PORTABLE_WRAPS_BYTES + " bytes, these have " + bytes + "; name fewer KEKs");
        }
    }

    /**
     * The KEKs that new DEKs are wrapped to.
     *
     * @param recipients the recipients
     * @return those of the roles CONTROL and REPLICA
     */
    public static Set<KekId> targets(List<Recipient> recipients) {
        Set<KekId> keks = new HashSet<>();
        for (Recipient recipient : recipients) {
            if (recipient.role() != Role.RETAINED) {
                keks.add(recipient.kekId());
            }
        }
        return keks;
    }

    /**
     * The DEKs of a record with a new primary; what was primary for the same use only decrypts from then on.
     *
     * @param portable whether the keychain is portable
     * @param before the DEKs so far
     * @param primary the new one
     * @return a new list
     * @throws IllegalArgumentException if its wraps would not fit into a header
     */
    public static List<DekEntry> withPrimary(boolean portable, List<DekEntry> before, DekEntry primary) {
        requireRoom(portable, primary);
        List<DekEntry> entries = new ArrayList<>();
        for (DekEntry entry : before) {
            boolean replaced = entry.state() == State.PRIMARY && entry.usage() == primary.usage();
            entries.add(replaced ? entry.inState(State.DECRYPT_ONLY) : entry);
        }
        entries.add(primary);
        return entries;
    }
}
