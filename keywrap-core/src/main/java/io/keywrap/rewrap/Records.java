package io.keywrap.rewrap;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.WrappedDek;
import io.keywrap.proof.SealedRecords;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.rewrap.Gate.Asked;
import io.keywrap.store.KeychainRecord;
import java.util.List;
import java.util.Optional;

/** Reads the record of one keychain; what has to be asked of the KEK of its seal goes through the gate. For one thread. */
final class Records {
    private final Settings settings;
    private final Gate gate;
    private final SealedRecords sealed;
    private Optional<Asked> asked = Optional.empty();

    Records(Settings settings, Gate gate) {
        this.settings = settings;
        this.gate = gate;
        this.sealed = new SealedRecords(settings.store(), settings.providers(), settings.sealKek());
    }

    SealedRecords sealed() {
        return sealed;
    }

    KeychainRecord load(String keychainId) {
        asked = Optional.empty();
        try {
            KeychainRecord record = sealed.load(keychainId, this::begin);
            asked.ifPresent(gate::worked);
            return record;
        } catch (KekException e) {
            asked.ifPresent(one -> gate.failed(one, e));
            throw e;
        } finally {
            asked.ifPresent(one -> gate.end());
        }
    }

    private void begin(KeychainRecord record) {
        WrappedDek sealKey = record.sealKey();
        if (sealKey.kekId().equals(settings.sealKek()) && !isKept(record.keychainId(), sealKey)) {
            Asked one = new Asked(sealKey.kekId(), Operation.UNWRAP, sealKey.kekVersion());
            gate.begin(one, null);
            asked = Optional.of(one);
        }
    }

    private boolean isKept(String keychainId, WrappedDek sealKey) {
        EncryptionContext context = EncryptionContext.ofSealKey(keychainId, sealKey.dekId());
        Optional<DekLease> kept = settings.providers().deks().leaseKept(List.of(sealKey), context, InFlight.ABORT);
        kept.ifPresent(DekLease::close);
        return kept.isPresent();
    }
}
