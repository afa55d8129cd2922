package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.proof.Roles;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.rewrap.DekWork.Make;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds out what a job has to do in a keychain. Plan and run go by it alike. */
final class Needs {
    private final Goal goal;
    private final Map<KekId, Status> statuses;
    private final KeychainRecord record;
    private final Instant now;
    private final List<Move> moves;
    private final Set<KekId> targets;
    private final List<Recipient> recipients;

    Needs(Goal goal, Map<KekId, Status> statuses, KeychainRecord record, Instant now) {
        this.goal = goal;
        this.statuses = statuses;
        this.record = record;
        this.now = now;
        this.moves = goal.movesOf(record);
        this.targets = Roles.targets(record.recipients());
        this.recipients =
                goal.recipients(record, moves.stream().filter(this::isPending).toList(), now);
    }

    private boolean isPending(Move move) {
        return targets.contains(move.from())
                || live().stream()
                        .anyMatch(entry -> held(entry)
                                .anyMatch(wrap -> wrap.wrapped().kekId().equals(move.from())));
    }

    /** How many recipients there would be. */
    int recipients() {
        return recipients.size();
    }

    /** The work on each DEK that needs any, oldest first. */
    List<DekWork> all() {
        List<DekWork> all = new ArrayList<>();
        Set<DekId> worked = new HashSet<>();
        Set<Move> begun = new HashSet<>();
        for (DekEntry entry : live()) {
            DekWork work = of(entry, makes(entry));
            if (!work.isEmpty()) {
                all.add(work);
                worked.add(entry.id());
                work.makes().forEach(make -> begun.add(make.move()));
            }
        }
        moves.stream()
                .filter(move -> targets.contains(move.from()) && !begun.contains(move))
                .forEach(move -> witness(move, worked).ifPresent(all::add));
        return all;
    }

    private List<DekEntry> live() {
        return live(record);
    }

    /** DEKs that are not destroyed. */
    static List<DekEntry> live(KeychainRecord record) {
        return record.deks().stream()
                .filter(entry -> entry.state() != State.DESTROYED)
                .toList();
    }

    /** Where only the recipients are left to be changed, one DEK proves that the new KEK works. */
    private Optional<DekWork> witness(Move move, Set<DekId> worked) {
        return live().stream()
                .filter(entry -> entry.wrapUnder(move.to()).isPresent() && worked.add(entry.id()))
                .findFirst()
                .map(entry -> {
                    Optional<WrappedDek> there = entry.wrapUnder(move.to()).map(Wrap::wrapped);
                    return of(entry, List.of(new Make(move, Optional.empty(), there, Optional.empty())));
                });
    }

    private DekWork of(DekEntry entry, List<Make> makes) {
        List<WrappedDek> renews = held(entry)
                .map(Wrap::wrapped)
                .filter(wrapped -> goal.renewed().contains(wrapped.kekId()))
                .filter(wrapped ->
                        statuses.getOrDefault(wrapped.kekId(), Status.unknown()).needsRewrap(wrapped))
                .toList();
        return new DekWork(entry, makes, renews, proves(entry, makes, renews));
    }

    private List<Make> makes(DekEntry entry) {
        List<Make> makes = new ArrayList<>();
        for (Move move : moves) {
            Optional<Wrap> from = entry.wrapUnder(move.from()).filter(wrap -> wrap.role() != Role.RETAINED);
            Optional<Wrap> to = entry.wrapUnder(move.to());
            if (from.isPresent() || to.isEmpty()) {
                makes.add(new Make(
                        move,
                        from.or(() -> control(entry)).map(Wrap::wrapped),
                        to.map(Wrap::wrapped),
                        from.filter(wrap -> wrap.role() == Role.CONTROL).map(Wrap::wrapped)));
            }
        }
        return makes;
    }

    private static Optional<Wrap> control(DekEntry entry) {
        return entry.wraps().stream()
                .filter(wrap -> wrap.role() == Role.CONTROL)
                .findFirst();
    }

    /** What must open beside what is made, for old wraps to go: one for each recipient. */
    private List<WrappedDek> proves(DekEntry entry, List<Make> makes, List<WrappedDek> renews) {
        Set<KekId> made = new HashSet<>();
        makes.forEach(make -> made.add(make.to()));
        boolean whole = recipients.stream()
                .filter(recipient -> recipient.role() != Role.RETAINED)
                .allMatch(recipient -> made.contains(recipient.kekId()) || isHeldBy(entry, recipient.kekId()));
        Set<KekId> left = new HashSet<>();
        makes.forEach(make -> left.add(make.move().from()));
        boolean drops = entry.wraps().stream()
                .filter(wrap -> wrap.role() == Role.RETAINED
                        || left.contains(wrap.wrapped().kekId()))
                .filter(wrap -> !made.contains(wrap.wrapped().kekId()))
                .anyMatch(wrap -> Goal.find(recipients, wrap.wrapped().kekId())
                        .filter(recipient -> goal.mayGo(recipient, now))
                        .isPresent());
        if (!whole || !drops) {
            return List.of();
        }
        return held(entry)
                .map(Wrap::wrapped)
                .filter(wrapped ->
                        !made.contains(wrapped.kekId()) && !left.contains(wrapped.kekId()) && !renews.contains(wrapped))
                .toList();
    }

    /** Wraps under renewed KEKs that do not tell their version, of DEKs whose KEK tells it. */
    long unknownVersions() {
        return live().stream()
                .flatMap(Needs::held)
                .map(Wrap::wrapped)
                .filter(wrapped -> goal.renewed().contains(wrapped.kekId()))
                .filter(wrapped -> wrapped.kekVersion().isEmpty() || isUnknown(wrapped.kekId()))
                .count();
    }

    private boolean isUnknown(KekId kekId) {
        return statuses.getOrDefault(kekId, Status.unknown()).currentVersion().isEmpty();
    }

    /** Whether a KEK has a wrap that counts; what is RETAINED for it was proven by nobody. */
    static boolean isHeldBy(DekEntry entry, KekId kekId) {
        return held(entry).anyMatch(wrap -> wrap.wrapped().kekId().equals(kekId));
    }

    /** The wraps that count: all but the RETAINED ones. */
    static Stream<Wrap> held(DekEntry entry) {
        return entry.wraps().stream().filter(wrap -> wrap.role() != Role.RETAINED);
    }
}
