package io.keywrap.keychain;

import io.keywrap.DekId;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.proof.Roles;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One repair of a keychain. Wraps are made and proven first, for some DEKs at a time, and then put into whatever record is
 * the newest: a wrap is true for any record whose recipients name its KEK, so what others change meanwhile is not lost and
 * no wrap is made twice.
 */
final class Repair {
    /** So that much work is not lost to a failure, nor the record written too often. */
    private static final int BATCH = 50;

    private final HeldRecord held;
    private final WrappedDeks deks;
    private final TimeSource time;
    private final Set<KekId> configured;
    private final Map<DekId, List<WrappedDekOf>> made = new HashMap<>();
    private final Set<DekId> looked = new HashSet<>();
    /** DEKs that may lose wraps, with the recipients for which that was proven. */
    private final Map<DekId, List<Recipient>> proven = new HashMap<>();

    private @Nullable KekException failure;

    Repair(HeldRecord held, WrappedDeks deks, TimeSource time, Set<KekId> configured) {
        this.held = held;
        this.deks = deks;
        this.time = time;
        this.configured = configured;
    }

    private record WrappedDekOf(KekId kekId, Wrap wrap) {}

    int run() {
        held.refresh();
        for (KekId kekId : configured) {
            if (!Roles.targets(held.get().recipients()).contains(kekId)) {
                throw new IllegalArgumentException(
                        kekId + " is no CONTROL or REPLICA recipient of keychain '" + held.id() + "'");
            }
        }
        Set<DekId> changed = new HashSet<>();
        for (List<DekEntry> batch = batch(); !batch.isEmpty(); batch = batch()) {
            KeychainRecord record = held.get();
            batch.forEach(entry -> work(record, entry));
            commit(changed);
        }
        commit(changed); // Recipients whose wraps are all gone by now.
        if (failure != null) {
            throw failure;
        }
        return changed.size();
    }

    private List<DekEntry> batch() {
        return held.get().deks().stream()
                .filter(entry -> entry.state() != State.DESTROYED && looked.add(entry.id()))
                .filter(entry -> !wanted(held.get(), entry).isEmpty()
                        || !outcome(held.get(), entry).equals(entry))
                .limit(BATCH)
                .toList();
    }

    private List<Recipient> wanted(KeychainRecord record, DekEntry entry) {
        return record.missing(entry).stream()
                .filter(recipient -> configured.contains(recipient.kekId()))
                .toList();
    }

    private DekEntry outcome(KeychainRecord record, DekEntry entry) {
        return Roles.withoutOver(Roles.settled(entry, record.recipients()), record, time.now());
    }

    /** Makes what is missing of one DEK. Where a KEK cannot be used, the others are worked on all the same. */
    private void work(KeychainRecord record, DekEntry entry) {
        Owner owner = Owner.of(record);
        for (Recipient recipient : wanted(record, entry)) {
            attempt(() -> made.computeIfAbsent(entry.id(), id -> new ArrayList<>())
                    .add(new WrappedDekOf(recipient.kekId(), deks.wrapTo(owner, entry, recipient))));
        }
        DekEntry before = withMade(record, entry);
        DekEntry after = outcome(record, before);
        if (!after.equals(before)) {
            attempt(() -> {
                // No KEK is taken out that has closed the DEK, and no wrap is dropped for which others may be no good.
                if (!Roles.controlLost(before, after).isEmpty()) {
                    deks.requireControl(owner.contextOf(entry.id()), entry);
                }
                deks.prove(owner, after);
                proven.put(entry.id(), record.recipients());
            });
        }
    }

    private void attempt(Runnable work) {
        try {
            work.run();
        } catch (KekException e) {
            if (failure == null) {
                failure = e;
            } else if (!failure.equals(e)) { // A provider may throw the same one again.
                failure.addSuppressed(e);
            }
        }
    }

    private DekEntry withMade(KeychainRecord record, DekEntry entry) {
        List<Wrap> wraps = new ArrayList<>(entry.wraps());
        for (Recipient recipient : record.missing(entry)) {
            made.getOrDefault(entry.id(), List.of()).stream()
                    .filter(one -> one.kekId().equals(recipient.kekId()))
                    .findFirst()
                    .ifPresent(one ->
                            wraps.add(new Wrap(recipient.role(), one.wrap().wrapped())));
        }
        return entry.withWraps(wraps);
    }

    private void commit(Set<DekId> changed) {
        Set<DekId> now = new HashSet<>();
        held.update(current -> {
            now.clear();
            List<DekEntry> entries = current.deks().stream()
                    .map(entry -> repaired(current, entry, now))
                    .toList();
            List<Recipient> recipients = stillNamed(current, entries);
            return now.isEmpty() && recipients.equals(current.recipients())
                    ? Optional.<UnaryOperator<KeychainRecord.Builder>>empty()
                    : Optional.of(next -> next.recipients(recipients).deks(entries));
        });
        changed.addAll(now);
    }

    private DekEntry repaired(KeychainRecord current, DekEntry entry, Set<DekId> now) {
        if (entry.state() == State.DESTROYED || !(made.containsKey(entry.id()) || proven.containsKey(entry.id()))) {
            return entry;
        }
        DekEntry next = withMade(current, entry);
        if (current.recipients().equals(proven.get(entry.id()))) {
            next = outcome(current, next);
        }
        if (!next.equals(entry)) {
            Roles.requireRoom(current.portable(), next);
            now.add(entry.id());
        }
        return next;
    }

    /** RETAINED KEKs are named as long as they have wraps, in the record or in envelopes. */
    private List<Recipient> stillNamed(KeychainRecord current, List<DekEntry> entries) {
        return current.recipients().stream()
                .filter(recipient -> current.portable()
                        || recipient.role() != Role.RETAINED
                        || !Roles.isOver(recipient, time.now())
                        || entries.stream()
                                .anyMatch(entry ->
                                        entry.wrapUnder(recipient.kekId()).isPresent()))
                .toList();
    }
}
