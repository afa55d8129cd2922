package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.proof.Roles;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts what was made and proven into a record: into whatever one is the newest. A wrap is true for any of them, so what others
 * change meanwhile is not lost, and nothing is made twice.
 */
final class Merge {
    private final Goal goal;
    private final KeychainRecord current;
    private final Instant now;
    private final Map<DekId, DekDone> done = new HashMap<>();
    private final Set<Move> moved = new HashSet<>();
    private final Set<DekId> changed = new HashSet<>();
    private final Set<DekId> noRoom = new HashSet<>();
    private final List<Move> moves;
    private final List<Recipient> recipients;
    private final List<DekEntry> entries;

    Merge(Goal goal, KeychainRecord current, List<DekDone> all, Instant now) {
        this.goal = goal;
        this.current = current;
        this.now = now;
        all.forEach(one -> done.put(one.dekId(), one));
        this.moves = goal.movesOf(current).stream().filter(this::isAllowed).toList();
        List<Recipient> meant = goal.recipients(current, proven(), now);
        List<DekEntry> next =
                current.deks().stream().map(entry -> next(entry, meant)).toList();
        this.recipients = named(goal.recipients(current, ordered(), now), next);
        this.entries = next;
    }

    /** A CONTROL KEK leaves a keychain only after it has opened one of its DEKs just now, or where it holds none. */
    private boolean isAllowed(Move move) {
        boolean control = Goal.find(current.recipients(), move.from())
                .filter(recipient -> recipient.role() == Role.CONTROL)
                .isPresent();
        return !control
                || done.values().stream().anyMatch(one -> one.opened.contains(move.from()))
                || current.deks().stream()
                        .noneMatch(entry -> entry.wrapUnder(move.from())
                                .filter(wrap -> wrap.role() == Role.CONTROL)
                                .isPresent());
    }

    /** Whether a move is meant for the keychain, and its CONTROL KEK stands against it. */
    boolean isRefused(Move move) {
        return !moves.contains(move) && goal.movesOf(current).contains(move);
    }

    Instant now() {
        return now;
    }

    /** Moves for which a DEK has opened under the new KEK. */
    private List<Move> proven() {
        return moves.stream()
                .filter(move -> done.values().stream().anyMatch(one -> one.moved.containsKey(move)))
                .filter(move -> isHeld(move.from()))
                .toList();
    }

    private boolean isHeld(KekId kekId) {
        return Roles.targets(current.recipients()).contains(kekId)
                || current.deks().stream()
                        .anyMatch(entry -> entry.wrapUnder(kekId)
                                .filter(wrap -> wrap.role() != Role.RETAINED)
                                .isPresent());
    }

    private List<Move> ordered() {
        return moves.stream().filter(moved::contains).toList();
    }

    boolean changes() {
        return !changed.isEmpty() || !recipients.equals(current.recipients());
    }

    boolean isChanged(DekId dekId) {
        return changed.contains(dekId);
    }

    boolean hasNoRoom(DekId dekId) {
        return noRoom.contains(dekId);
    }

    KeychainRecord.Builder fill(KeychainRecord.Builder next) {
        Set<KekId> targets = Roles.targets(recipients);
        long control = recipients.stream()
                .filter(recipient -> recipient.role() == Role.CONTROL)
                .count();
        if (current.writeQuorum() != 0) {
            next.writeQuorum((int) Math.max(control, Math.min(current.writeQuorum(), targets.size())));
        }
        if (goal.changesManagement(current) && goal.moves().keySet().stream().noneMatch(targets::contains)) {
            goal.keyManagement().ifPresent(next::keyManagement);
        }
        return next.recipients(recipients).deks(entries);
    }

    private DekEntry next(DekEntry entry, List<Recipient> meant) {
        DekDone one = done.get(entry.id());
        if (one == null || entry.state() == State.DESTROYED) {
            return entry;
        }
        Set<Move> swapped = new HashSet<>();
        List<Wrap> wraps = new ArrayList<>(entry.wraps());
        wraps.replaceAll(wrap -> one.renewed.containsKey(wrap.wrapped())
                ? new Wrap(wrap.role(), one.renewed.get(wrap.wrapped()))
                : wrap);
        for (Move move : moves) {
            WrappedDek wrapped = one.moved.get(move);
            if (wrapped != null && moved(one, move, one.renewed.getOrDefault(wrapped, wrapped), wraps, meant)) {
                swapped.add(move);
            }
        }
        DekEntry next = room(entry, wraps);
        if (next.equals(entry) && noRoom.contains(entry.id())) {
            return entry;
        }
        moved.addAll(swapped);
        next = one.outcome() == null ? withoutOver(one, next, meant) : next;
        if (!next.equals(entry)) {
            changed.add(entry.id());
        }
        return next;
    }

    /** Whether the move is done for a DEK, as far as it is concerned. */
    private boolean moved(DekDone one, Move move, WrappedDek wrapped, List<Wrap> wraps, List<Recipient> meant) {
        Optional<Wrap> from = under(wraps, move.from()).filter(wrap -> wrap.role() != Role.RETAINED);
        Optional<Wrap> to = under(wraps, move.to());
        if (from.isEmpty()) {
            Role role = Goal.find(meant, move.to()).map(Recipient::role).orElse(Role.RETAINED);
            if (to.isEmpty() && role != Role.RETAINED) {
                wraps.add(new Wrap(role, wrapped));
            }
            return Roles.targets(current.recipients()).contains(move.from());
        }
        if (from.get().role() == Role.CONTROL && !one.opened.contains(move.from())) {
            return false; // It has got this role meanwhile, and nobody knows whether its owner has closed it.
        }
        Role role = Goal.stronger(from.get().role(), to.map(Wrap::role).orElse(Role.RETAINED));
        to.ifPresent(wraps::remove);
        wraps.set(wraps.indexOf(from.get()), new Wrap(role, wrapped));
        wraps.add(new Wrap(Role.RETAINED, from.get().wrapped()));
        return true;
    }

    private static Optional<Wrap> under(List<Wrap> wraps, KekId kekId) {
        return wraps.stream()
                .filter(wrap -> wrap.wrapped().kekId().equals(kekId))
                .findFirst();
    }

    private DekEntry room(DekEntry entry, List<Wrap> wraps) {
        try {
            DekEntry next = entry.withWraps(wraps);
            Roles.requireRoom(current.portable(), next);
            return next;
        } catch (IllegalArgumentException e) {
            noRoom.add(entry.id());
            return entry;
        }
    }

    /** Without RETAINED wraps that may go, if every other recipient has opened the DEK just now. */
    private DekEntry withoutOver(DekDone one, DekEntry next, List<Recipient> meant) {
        boolean whole = meant.stream()
                .filter(recipient -> recipient.role() != Role.RETAINED)
                .allMatch(recipient -> Needs.isHeldBy(next, recipient.kekId()));
        boolean proven = next.wraps().stream()
                .filter(wrap -> wrap.role() != Role.RETAINED)
                .allMatch(wrap -> one.proven.contains(wrap.wrapped()));
        if (!whole || !proven) {
            return next;
        }
        return next.withWraps(next.wraps().stream()
                .filter(wrap -> wrap.role() != Role.RETAINED
                        || Goal.find(meant, wrap.wrapped().kekId())
                                .filter(recipient -> goal.mayGo(recipient, now))
                                .isEmpty())
                .toList());
    }

    /** RETAINED KEKs are named as long as they have wraps, in the record or in envelopes. */
    private List<Recipient> named(List<Recipient> all, List<DekEntry> next) {
        return all.stream()
                .filter(recipient -> current.portable()
                        || !goal.mayGo(recipient, now)
                        || next.stream()
                                .anyMatch(entry ->
                                        entry.wrapUnder(recipient.kekId()).isPresent()))
                .toList();
    }
}
