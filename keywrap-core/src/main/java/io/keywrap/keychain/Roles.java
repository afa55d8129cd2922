package io.keywrap.keychain;

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
final class Roles {
    private Roles() {}

    /**
     * The same DEK with its wraps in the roles that the recipients have; wraps under other KEKs are RETAINED. As long as a
     * CONTROL KEK has not wrapped it, its earlier CONTROL KEKs go on opening and closing it; but a REPLICA KEK that is no
     * recipient any more stands in for none of them.
     */
    static DekEntry settled(DekEntry entry, List<Recipient> recipients) {
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

    /** Without RETAINED wraps whose time is over, once every recipient has wrapped the DEK. */
    static DekEntry withoutOver(DekEntry settled, KeychainRecord record, Instant now) {
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

    static boolean isOver(Recipient recipient, Instant now) {
        return recipient.until().filter(until -> !now.isBefore(until)).isPresent();
    }

    /** DEKs that stand for all from which a CONTROL KEK would be taken: one for each version of such a KEK. */
    static List<DekEntry> losingControl(KeychainRecord current, List<Recipient> recipients) {
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

    /** The wraps that are under CONTROL KEKs in one entry and not in the next. */
    static List<Wrap> controlLost(DekEntry before, DekEntry after) {
        return before.wraps().stream()
                .filter(wrap -> wrap.role() == Role.CONTROL)
                .filter(wrap -> !after.wraps().contains(wrap))
                .toList();
    }

    /** The KEKs that new DEKs are wrapped to. */
    static Set<KekId> targets(List<Recipient> recipients) {
        Set<KekId> keks = new HashSet<>();
        for (Recipient recipient : recipients) {
            if (recipient.role() != Role.RETAINED) {
                keks.add(recipient.kekId());
            }
        }
        return keks;
    }
}
