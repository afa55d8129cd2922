package io.keywrap.rewrap;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.proof.CheckValue;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import io.keywrap.provider.ServerSideRewrap;
import io.keywrap.rewrap.Gate.Asked;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Makes wraps that are proven, and proves those that are there. Nothing comes from a cache. Thread-safe. */
final class Wraps {
    private final KeyProviders providers;
    private final Gate gate;
    /** Where a KMS does not re-wrap for us although it could; not asked again in this run. */
    private final Set<Move> refused = ConcurrentHashMap.newKeySet();

    Wraps(KeyProviders providers, Gate gate) {
        this.providers = providers;
        this.gate = gate;
    }

    /** Whether a KMS is asked to re-wrap by itself. */
    boolean isServerSide(Move move) {
        if (refused.contains(move)) {
            return false;
        }
        try {
            return providers.provider(move.from()) instanceof ServerSideRewrap kms && kms.supports(move.to());
        } catch (KekException e) {
            return false; // The call will tell.
        }
    }

    /** Wraps a DEK under another KEK, or the current version of its own, and proves the wrap by an unwrap. */
    WrappedDek move(DekEntry entry, WrappedDek source, KekId to, EncryptionContext context) throws StepFailed {
        Move move = new Move(source.kekId(), to);
        if (isServerSide(move)) {
            Optional<WrappedDek> moved = inside(move, entry, source, context);
            if (moved.isPresent()) {
                return moved.get();
            }
        }
        WrappedDek wrapped;
        try (Dek dek = unwrapOld(entry, source, context)) {
            wrapped = gate.call(
                    new Asked(to, Operation.WRAP, ""),
                    deadline -> providers.provider(to).wrap(dek, context, deadline));
        } catch (KekException e) {
            throw new StepFailed(Outcome.FAILED_NEW_KEK, e);
        }
        try {
            prove(entry, wrapped, context);
        } catch (KekException e) {
            throw new StepFailed(Outcome.FAILED_NEW_KEK, e);
        }
        return wrapped;
    }

    /** Empty where it has to be done by an unwrap and a wrap. */
    private Optional<WrappedDek> inside(Move move, DekEntry entry, WrappedDek source, EncryptionContext context)
            throws StepFailed {
        WrappedDek moved;
        try {
            moved = gate.call(
                    new Asked(move.from(), Operation.REWRAP, move.to().uri()),
                    move.to(),
                    deadline -> ((ServerSideRewrap) providers.provider(move.from()))
                            .rewrap(source, move.to(), context, deadline));
        } catch (KekException e) {
            if (e instanceof KekConfigurationException
                    || (e instanceof KekRevokedException revoked && revoked.reason() == Reason.DENIED)) {
                refused.add(move);
                return Optional.empty();
            }
            if (e instanceof InvalidWrappedDekException) {
                throw new StepFailed(Outcome.CORRUPT_WRAP, e);
            }
            boolean ofNew = !move.from().equals(move.to())
                    && e.kekId().filter(move.to()::equals).isPresent();
            throw new StepFailed(ofNew ? Outcome.FAILED_NEW_KEK : Outcome.FAILED_OLD_KEK, e);
        }
        try {
            prove(entry, moved, context);
            return Optional.of(moved);
        } catch (InvalidWrappedDekException e) {
            return Optional.empty(); // An unwrap of the old wrap tells which of both is wrong.
        } catch (KekException e) {
            throw new StepFailed(Outcome.FAILED_NEW_KEK, e);
        }
    }

    /** Sees to it that a KEK opens a DEK now. */
    void open(DekEntry entry, WrappedDek wrapped, EncryptionContext context) throws StepFailed {
        unwrapOld(entry, wrapped, context).close();
    }

    private Dek unwrapOld(DekEntry entry, WrappedDek wrapped, EncryptionContext context) throws StepFailed {
        try {
            return unwrap(entry, wrapped, context);
        } catch (InvalidWrappedDekException e) {
            throw new StepFailed(Outcome.CORRUPT_WRAP, e);
        } catch (KekException e) {
            throw new StepFailed(Outcome.FAILED_OLD_KEK, e);
        }
    }

    /** Sees to it that a wrap opens to its DEK. */
    void prove(DekEntry entry, WrappedDek wrapped, EncryptionContext context) {
        unwrap(entry, wrapped, context).close();
    }

    private Dek unwrap(DekEntry entry, WrappedDek wrapped, EncryptionContext context) {
        KekId kekId = wrapped.kekId();
        return gate.call(
                new Asked(kekId, Operation.UNWRAP, wrapped.kekVersion()),
                deadline -> CheckValue.unwrap(providers.provider(kekId), entry, wrapped, context, deadline));
    }
}
