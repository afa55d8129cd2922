package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Records with DEKs and wraps as a test says, and what a job would make of them; no KEK is asked. */
abstract class MergeFixture {
    static final Instant NOW = Instant.parse("2026-11-28T08:00:00Z");
    static final KekId OLD = KekId.of("memory:old");
    static final KekId NEW = KekId.of("memory:new");
    static final KekId OTHER = KekId.of("memory:other");
    static final Move MOVE = new Move(OLD, NEW);

    final DekId first = DekId.random();
    final DekId second = DekId.random();

    /** A move from the old KEK to the new one. */
    static Goal move(Duration retain) {
        return new Goal(Map.of(OLD, NEW), Set.of(), Optional.empty(), retain, false);
    }

    static Wrap wrap(Role role, DekId dekId, KekId kekId, int content) {
        return new Wrap(role, WrappedDek.builder(dekId, kekId).build("TEST", new byte[] {(byte) content}));
    }

    Wrap wrap(Role role, KekId kekId) {
        return wrap(role, first, kekId, 1);
    }

    static DekEntry entry(DekId dekId, Wrap... wraps) {
        return new DekEntry(dekId, Usage.ENVELOPES, State.DECRYPT_ONLY, NOW, "ab".repeat(32), List.of(wraps));
    }

    DekEntry entry(Wrap... wraps) {
        return entry(first, wraps);
    }

    static Recipient control(KekId kekId) {
        return new Recipient(Role.CONTROL, kekId);
    }

    static Recipient replica(KekId kekId) {
        return new Recipient(Role.REPLICA, kekId);
    }

    static Recipient retained(KekId kekId, Instant until) {
        return new Recipient(Role.RETAINED, kekId, Optional.of(until));
    }

    static KeychainRecord record(List<Recipient> recipients, DekEntry... entries) {
        return record(recipients, next -> next, entries);
    }

    static KeychainRecord record(
            List<Recipient> recipients, UnaryOperator<KeychainRecord.Builder> more, DekEntry... entries) {
        WrappedDek sealKey =
                wrap(Role.CONTROL, DekId.random(), KekId.of("memory:vendor"), 0).wrapped();
        return sealed(more.apply(KeychainRecord.builder("a", NOW)
                .recipients(recipients)
                .deks(List.of(entries))
                .sealKey(sealKey)));
    }

    static KeychainRecord sealed(KeychainRecord.Builder next) {
        return next.build(body -> new byte[KeychainRecord.SEAL_BYTES]);
    }

    /** Nothing has been made of a DEK yet. */
    static DekDone none(DekEntry entry) {
        return new DekDone(new DekWork(entry, List.of(), List.of(), List.of()));
    }

    /** A wrap under the new KEK was made, or found, and proven; the old one has opened the DEK or was not asked. */
    static DekDone moved(DekEntry entry, Wrap made, boolean oldHasOpened) {
        DekDone done = none(entry);
        done.moved.put(MOVE, made.wrapped());
        done.made(made.wrapped());
        if (oldHasOpened) {
            done.opened.add(OLD);
        }
        return done;
    }

    static KeychainRecord after(Goal goal, KeychainRecord current, DekDone... done) {
        return sealed(new Merge(goal, current, List.of(done), NOW).fill(current.next()));
    }

    static List<Wrap> wraps(KeychainRecord record) {
        return record.deks().get(0).wraps();
    }
}
