package io.keywrap.byok;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotSecrets.Use;
import io.keywrap.byok.SlotVersion.Secret;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the notes of the slots that this JVM uses. When a version was revoked or restored, one wrap under it is unwrapped
 * through the stack of providers, where the states of KEKs hear the answer and do the rest. When it was both since the last look,
 * its key has another id, and that wrap is refused once before it opens. Thread-safe.
 */
final class SlotWatch {
    /** Longer than any DEK is kept: whoever leases one for longer has it proven again, which is a use. */
    private static final Duration IN_USE = Duration.ofHours(25);

    private static final Logger LOG = LoggerFactory.getLogger(SlotWatch.class);

    private final SlotNotes notes;
    private final KeyProviders providers;
    private final Duration poll;
    private final Runnable onFirstUse;
    private final Map<String, InUse> slots = new ConcurrentHashMap<>();
    private final long origin;
    private long nextLook;

    SlotWatch(SlotNotes notes, KeyProviders providers, Duration poll, Runnable onFirstUse) {
        this.notes = notes;
        this.providers = providers;
        this.poll = poll;
        this.onFirstUse = onFirstUse;
        this.origin = providers.time().nanoTime();
        this.nextLook = poll.toNanos();
    }

    /** Counted from the start, so that it never overflows. */
    private long now() {
        return providers.time().nanoTime() - origin;
    }

    /** Takes note that a version has wrapped or unwrapped something. */
    void used(Use use) {
        long usedAt = now();
        // At once, or it might be let go of as one that is in use no more.
        InUse slot = slots.compute(use.slot(), (name, before) -> (before == null ? new InUse() : before).at(usedAt));
        @Nullable Canary canary = slot.canaries.get(use.version());
        if (canary == null) {
            slot.canaries.putIfAbsent(use.version(), Canary.of(use));
        } else {
            canary.used(use.upload());
        }
        onFirstUse.run();
    }

    /** Looks at all slots in use if it is time, and tells how long there is nothing to do. */
    synchronized Duration step() {
        long begun = now();
        if (begun >= nextLook) {
            nextLook = begun + poll.toNanos();
            for (String slot : slots.keySet()) {
                slots.computeIfPresent(slot, (name, inUse) -> begun - inUse.usedAt > IN_USE.toNanos() ? null : inUse);
                look(slot);
            }
        }
        return Duration.ofNanos(Math.max(0, nextLook - now()));
    }

    /** Looks at one slot. Fails never: what could not be looked at now is looked at again. */
    void look(String slot) {
        InUse inUse = slots.get(slot);
        if (inUse == null) {
            return;
        }
        try {
            SlotRecord record = notes.load(slot, providers.deadline(CallPurpose.CANARY))
                    .orElseThrow(() -> SlotErrors.noSlot(slot))
                    .record();
            List.copyOf(inUse.canaries.values()).forEach(canary -> look(canary, record));
        } catch (KeywrapException e) {
            LOG.debug("slot {} could not be looked at", slot, e);
        } catch (RuntimeException | Error e) { // Such as a class of a client that is missing: the others are looked at.
            LOG.warn("slot {} could not be looked at", slot, e);
        }
    }

    private void look(Canary canary, SlotRecord record) {
        Optional<DekId> upload = record.version(canary.version)
                .filter(SlotVersion::unwraps)
                .map(SlotVersion::secret)
                .map(Secret::id);
        if (canary.hasMissed(upload)) {
            canary.refused = true;
            send(canary); // If nobody hears of it now, it is told at the next look.
            canary.refused = false;
        }
        if (upload.isPresent() != canary.works) {
            send(canary);
            canary.upload = upload.orElse(canary.upload);
        }
    }

    /** Whether a wrap is one of ours whose version was revoked and restored since it was looked at last. */
    boolean hasMissed(String slot, int version, DekId dekId) {
        @Nullable InUse inUse = slots.get(slot);
        @Nullable Canary canary = inUse == null ? null : inUse.canaries.get(version);
        return canary != null && canary.refused && canary.wrapped.dekId().equals(dekId);
    }

    private void send(Canary canary) {
        try (Dek dek = providers
                .provider(canary.wrapped.kekId())
                .unwrap(canary.wrapped, canary.context, providers.deadline(CallPurpose.CANARY))) {
            LOG.debug("{} unwraps again", dek.id());
            canary.works = true;
        } catch (KekRevokedException e) {
            canary.works = false;
        } catch (KekException e) {
            LOG.debug("a canary of {} was not answered", canary.wrapped.kekId(), e);
        }
    }

    /** A slot that this JVM uses. */
    private static final class InUse {
        private final Map<Integer, Canary> canaries = new ConcurrentHashMap<>();
        private volatile long usedAt;

        InUse at(long time) {
            usedAt = time;
            return this;
        }
    }

    /** A wrap of nothing in particular under one version. */
    private static final class Canary {
        private final int version;
        private final WrappedDek wrapped;
        private final EncryptionContext context;
        /** Whether it did when it was unwrapped last. */
        private volatile boolean works = true;
        /** Under which upload of the key it did then. */
        private volatile DekId upload;
        /** Whether it is refused, for a revocation that nobody has heard of. */
        private volatile boolean refused;

        private Canary(Use use, WrappedDek wrapped, EncryptionContext context) {
            this.version = use.version();
            this.upload = use.upload();
            this.wrapped = wrapped;
            this.context = context;
        }

        /** It may have been restored, and be revoked again before the next look. */
        void used(DekId by) {
            if (!works) {
                upload = by;
                works = true;
            }
        }

        boolean hasMissed(Optional<DekId> now) {
            return works && now.filter(id -> !id.equals(upload)).isPresent();
        }

        static Canary of(Use use) {
            DekId id = DekId.of(use.jca().random(DekId.BYTES));
            EncryptionContext context = EncryptionContext.ofSlotSecret(use.slot(), id);
            byte[] nothing = use.jca().random(Dek.BYTES);
            try (Dek dek = Dek.takeOwnershipOf(id, nothing, use.jca().named())) {
                return new Canary(use, SlotSecrets.wrapDek(use, dek, context), context);
            }
        }
    }
}
