package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.proof.Roles;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a job shall bring about.
 *
 * @param moves from which KEK to which
 * @param renewed KEKs whose older versions are left
 * @param keyManagement whose KEKs they are then
 * @param retain how long old wraps are kept
 * @param dropRetained whether RETAINED wraps of all KEKs go whose time is over
 */
record Goal(
        Map<KekId, KekId> moves,
        Set<KekId> renewed,
        Optional<KeyManagement> keyManagement,
        Duration retain,
        boolean dropRetained) {
    /**
     * Keychains that are looked for together.
     *
     * @param filter which
     * @param perhaps whether most of them need nothing, so that it is worth a look before the seal is checked
     */
    record Pass(KeychainFilter filter, boolean perhaps) {}

    /** Where to look for what is to be done. What was moved is found last as RETAINED, so those come first. */
    List<Pass> passes(KeychainFilter filter) {
        if (filter.kek().isPresent()
                || filter.kekVersion().isPresent()
                || filter.role().isPresent()) {
            return List.of(new Pass(filter, false)); // A KEK cannot be asked for beside another.
        }
        List<Pass> passes = new ArrayList<>();
        if (dropRetained) {
            passes.add(new Pass(filter.withRole(Role.RETAINED), true));
        } else {
            moves.keySet()
                    .forEach(kek -> passes.add(new Pass(filter.withKek(kek).withRole(Role.RETAINED), true)));
        }
        List<KekId> keks =
                Stream.concat(moves.keySet().stream(), renewed.stream()).toList();
        for (Role role : List.of(Role.CONTROL, Role.REPLICA)) {
            keks.forEach(kek -> passes.add(new Pass(filter.withKek(kek).withRole(role), false)));
        }
        return passes;
    }

    /** The moves that a keychain is meant for: its recipients name the old KEK, or the new one by now. */
    List<Move> movesOf(KeychainRecord record) {
        Set<KekId> targets = Roles.targets(record.recipients());
        return all().filter(move -> targets.contains(move.from()) || targets.contains(move.to()))
                .toList();
    }

    private Stream<Move> all() {
        return moves.entrySet().stream().map(pair -> new Move(pair.getKey(), pair.getValue()));
    }

    /** Whether a DEK would have to leave a KEK, but its keychain is meant for neither that KEK nor the new one. */
    boolean isElsewhere(KeychainRecord record, DekEntry entry) {
        List<Move> meant = movesOf(record);
        return all().filter(move -> !meant.contains(move))
                .anyMatch(move -> entry.wrapUnder(move.from())
                        .filter(wrap -> wrap.role() != Role.RETAINED)
                        .isPresent());
    }

    /** The recipients once moves are done: each new KEK at the place of the old one, with the stronger role. */
    List<Recipient> recipients(KeychainRecord record, Collection<Move> done, Instant now) {
        List<Recipient> recipients = new ArrayList<>(record.recipients());
        Instant until = now.plus(retain);
        for (Move move : done) {
            Optional<Recipient> from = find(recipients, move.from());
            Optional<Recipient> to = find(recipients, move.to());
            Role held = from.map(Recipient::role).orElse(Role.RETAINED);
            if (held != Role.RETAINED) {
                Role role = stronger(held, to.map(Recipient::role).orElse(held));
                recipients.set(recipients.indexOf(from.get()), new Recipient(role, move.to()));
                to.ifPresent(recipients::remove);
            }
            Optional<Instant> end = from.filter(one -> one.role() == Role.RETAINED)
                    .map(Recipient::until)
                    .orElse(Optional.of(until))
                    .map(known -> known.isAfter(until) ? known : until);
            recipients.removeIf(one -> one.kekId().equals(move.from()));
            recipients.add(new Recipient(Role.RETAINED, move.from(), end));
        }
        return recipients;
    }

    static Role stronger(Role one, Role other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    static Optional<Recipient> find(List<Recipient> recipients, KekId kekId) {
        return recipients.stream().filter(one -> one.kekId().equals(kekId)).findFirst();
    }

    /** Whether the wraps of a RETAINED recipient may go now. */
    boolean mayGo(Recipient recipient, Instant now) {
        if (recipient.role() != Role.RETAINED) {
            return false;
        }
        return (dropRetained || moves.containsKey(recipient.kekId())) && Roles.isOver(recipient, now);
    }

    /** Whether the key management of a keychain would have to change. */
    boolean changesManagement(KeychainRecord record) {
        return keyManagement
                .filter(choice -> choice != record.keyManagement())
                .filter(choice -> !movesOf(record).isEmpty())
                .isPresent();
    }
}
