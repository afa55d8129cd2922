package io.keywrap.rewrap;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KeychainConflictException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.proof.Roles;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProvider.Generated;
import io.keywrap.rewrap.Gate.Asked;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes new primaries. Thread-safe. */
final class RotationWork implements Engine.Work {
    private static final int ATTEMPTS = 10;

    private final Settings settings;
    private final Instant before;
    private final Engine engine;
    private final Jca jca;

    RotationWork(Settings settings, Instant before, Engine engine) {
        this.settings = settings;
        this.before = before;
        this.engine = engine;
        this.jca = Jca.of(settings.providers().cryptoProvider());
    }

    @Override
    public boolean isPerhapsNeeded(KeychainRecord unchecked) {
        return !OldPrimaries.of(unchecked, before).isEmpty();
    }

    @Override
    public void work(KeychainRecord first, Records records) {
        KeychainRecord record = first;
        Made made = new Made();
        for (int attempt = 1; ; attempt++) {
            List<Usage> usages = OldPrimaries.of(record, before);
            if (!OldPrimaries.hasRoom(record, usages.size())) {
                engine.tally.add(noRoom(record.keychainId()));
                return;
            }
            try {
                commit(record, usages, made, records);
                engine.tally.add(Outcome.ROTATED, usages.size());
                engine.tally.add(Outcome.ALREADY, Needs.live(record).size() - usages.size());
                return;
            } catch (KeychainConflictException e) {
                if (attempt == ATTEMPTS) {
                    engine.tally.add(Item.of(record.keychainId(), Outcome.CONFLICT, String.valueOf(e.getMessage())));
                    return;
                }
                record = records.load(record.keychainId());
            } catch (KekException e) {
                boolean seal = e.kekId().filter(settings.sealKek()::equals).isPresent();
                engine.tally.add(Item.of(
                        record.keychainId(),
                        Optional.empty(),
                        seal ? Outcome.FAILED_SEAL_KEK : Outcome.FAILED_NEW_KEK,
                        e));
                return;
            } catch (IllegalArgumentException e) { // Wraps that do not fit into the header of a portable envelope.
                engine.tally.add(Item.of(record.keychainId(), Outcome.NO_ROOM, String.valueOf(e.getMessage())));
                return;
            }
        }
    }

    static Item noRoom(String keychainId) {
        return Item.of(
                keychainId,
                Outcome.NO_ROOM,
                "the keychain has " + KeychainRecord.MAX_DEKS
                        + " DEKs at the most, and no room for another; to do: go on" + " with a new keychain");
    }

    private void commit(KeychainRecord record, List<Usage> usages, Made made, Records records) {
        List<DekEntry> entries = record.deks();
        for (Usage usage : usages) {
            entries = Roles.withPrimary(record.portable(), entries, primary(record, usage, made));
        }
        List<DekEntry> all = entries;
        if (!usages.isEmpty()) {
            records.sealed().replace(record, next -> next.deks(all));
        }
    }

    /** What was made for a record that others were faster with is used, unless it is for other recipients now. */
    private DekEntry primary(KeychainRecord record, Usage usage, Made made) {
        List<Recipient> targets = OldPrimaries.targets(record);
        if (!targets.equals(made.targets)) {
            made.entries.clear();
            made.targets = targets;
        }
        return made.entries.computeIfAbsent(usage, use -> create(record, use, targets));
    }

    /** The plaintext is wiped at once: it is used only after its record was committed. */
    private DekEntry create(KeychainRecord record, Usage usage, List<Recipient> targets) {
        DekId dekId = DekId.of(jca.random(DekId.BYTES));
        EncryptionContext context = Owner.of(record).contextOf(dekId);
        Recipient first = targets.get(0);
        KeyProvider kek = settings.providers().provider(first.kekId());
        Generated generated = engine.gate.call(
                new Asked(first.kekId(), Operation.GENERATE, ""), deadline -> kek.generate(dekId, context, deadline));
        try (Dek dek = generated.dek()) {
            List<Wrap> wraps = new ArrayList<>();
            wraps.add(new Wrap(first.role(), generated.wrapped()));
            for (Recipient next : targets.subList(1, targets.size())) {
                KeyProvider other = settings.providers().provider(next.kekId());
                WrappedDek wrapped = engine.gate.call(
                        new Asked(next.kekId(), Operation.WRAP, ""), deadline -> other.wrap(dek, context, deadline));
                wraps.add(new Wrap(next.role(), wrapped));
            }
            return new DekEntry(dekId, usage, State.PRIMARY, settings.time().now(), dek.checkValue(), wraps);
        }
    }

    /** Primaries that were made and are not committed yet. For one thread. */
    private static final class Made {
        private final Map<Usage, DekEntry> entries = new EnumMap<>(Usage.class);
        private List<Recipient> targets = List.of();
    }
}
