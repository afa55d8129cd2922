package io.keywrap.byok;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotSecrets.Use;
import io.keywrap.byok.SlotVersion.Secret;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.KeyProvider;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Wraps under the key of a slot. The note of the slot is read for every call, so no call outlives a revocation. */
final class ByokKeyProvider implements KeyProvider {
    private final String slot;
    private final KekId kekId;
    private final Supplier<SlotService> service;
    private final Jca jca;
    private volatile boolean closed;

    ByokKeyProvider(String slot, Supplier<SlotService> service, Jca jca) {
        this.slot = slot;
        this.kekId = Slots.kekId(slot);
        this.service = service;
        this.jca = jca;
    }

    @Override
    public KekId kekId() {
        return kekId;
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        SlotRecord record = record(deadline);
        SlotVersion active = record.in(SlotState.ACTIVE).orElseThrow(() -> SlotErrors.notActive(record));
        return use(record, active, deadline, use -> SlotSecrets.wrapDek(use, dek, keyContext));
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        if (!wrapped.kekId().equals(kekId)) {
            throw SlotSecrets.invalid(slot, "it was wrapped under another KEK", null);
        }
        SlotSecrets.requireShape(slot, wrapped);
        SlotRecord record = record(deadline);
        int number = number(wrapped.kekVersion(), record.lastVersion());
        SlotVersion version = record.version(number).orElseThrow(() -> SlotErrors.withoutMaterial(record, number));
        if (service.get().watch().hasMissed(slot, number, wrapped.dekId())) {
            throw SlotErrors.revokedMeanwhile(kekId);
        }
        if (version.state() == SlotState.PENDING) {
            throw SlotSecrets.invalid(slot, "its version was never active", null);
        }
        return use(record, version, deadline, use -> SlotSecrets.unwrapDek(use, wrapped, keyContext));
    }

    @Override
    public Status status(Deadline deadline) {
        SlotRecord record = record(deadline);
        SlotVersion active = record.in(SlotState.ACTIVE).orElseThrow(() -> SlotErrors.notActive(record));
        return Status.ofVersion(Integer.toString(active.number()));
    }

    /** Notes and keys belong to the factory. */
    @Override
    public void close() {
        closed = true;
    }

    private SlotRecord record(Deadline deadline) {
        if (closed) {
            throw new IllegalStateException("the provider of " + kekId + " was closed");
        }
        if (deadline.expired()) {
            throw new KekUnreachableException(Failure.of(kekId, "the time for the call was over before it began")
                    .operatorAction("try again, or allow more time"));
        }
        try {
            return service.get()
                    .notes()
                    .load(slot, deadline)
                    .orElseThrow(() -> SlotErrors.noSlot(slot))
                    .record();
        } catch (StoreUnavailableException e) {
            throw SlotErrors.storeAway(slot, e);
        } catch (KekException e) {
            throw SlotErrors.ofVendor(slot, e);
        }
    }

    private <R> R use(SlotRecord record, SlotVersion version, Deadline deadline, Function<Use, R> action) {
        @Nullable Secret secret = version.secret();
        if (secret == null) {
            throw SlotErrors.withoutMaterial(record, version.number());
        }
        try (DekLease lease = service.get().secrets().lease(slot, secret, deadline)) {
            Use use = new Use(slot, version.number(), secret.id(), lease, jca);
            R result = action.apply(use);
            service.get().watch().used(use);
            return result;
        } catch (KekException e) {
            throw SlotErrors.ofVendor(slot, e);
        }
    }

    private int number(String version, int last) {
        if (version.matches("[1-9][0-9]{0,8}") && Integer.parseInt(version) <= last) {
            return Integer.parseInt(version);
        }
        throw SlotSecrets.invalid(slot, "the slot never had such a version", null);
    }
}
