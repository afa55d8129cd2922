package io.keywrap.rewrap;

import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KekStates;
import io.keywrap.rewrap.DekWork.Make;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.Optional;

/** Does the work on one DEK: makes its wraps and proves them. Commits nothing. */
final class DekTask {
    private final Wraps wraps;
    private final KekStates states;

    DekTask(Wraps wraps, KekStates states) {
        this.wraps = wraps;
        this.states = states;
    }

    DekDone run(DekWork work, EncryptionContext context) {
        DekDone done = new DekDone(work);
        Optional<KekException> closed = work.goesWithoutControl() ? closed(work) : Optional.empty();
        if (closed.isPresent()) {
            done.failed(Outcome.FAILED_OLD_KEK, closed.get());
            return done;
        }
        for (Make make : work.makes()) {
            try {
                make(done, make, context);
            } catch (StepFailed e) {
                done.failed(e.outcome(), e.failure());
            }
        }
        for (WrappedDek old : work.renews()) {
            try {
                WrappedDek renewed = wraps.move(work.entry(), old, old.kekId(), context);
                done.renewed.put(old, renewed);
                done.made(renewed);
            } catch (StepFailed e) {
                done.failed(e.outcome(), e.failure());
            }
        }
        if (done.outcome() == null) {
            prove(done, context);
        }
        return done;
    }

    /** Without asking: no other KEK stands in for a CONTROL KEK that is known to be withdrawn. */
    private Optional<KekException> closed(DekWork work) {
        return work.entry().wraps().stream()
                .filter(wrap -> wrap.role() == Role.CONTROL)
                .map(Wrap::wrapped)
                .flatMap(wrapped -> states.of(wrapped.kekId(), wrapped.kekVersion(), Operation.UNWRAP).stream())
                .filter(standing -> standing.state() == KekState.REVOKED || standing.state() == KekState.DESTROYED)
                .flatMap(standing -> standing.cause().stream())
                .findFirst();
    }

    private void make(DekDone done, Make make, EncryptionContext context) throws StepFailed {
        if (make.there().isPresent() && proved(done, make, make.there().get(), context)) {
            return;
        }
        WrappedDek source = make.source()
                .orElseThrow(() -> new StepFailed(
                        Outcome.CORRUPT_WRAP,
                        new InvalidWrappedDekException(
                                KekException.Failure.of(make.to(), "no wrap is left that the DEK could be moved from")
                                        .operatorAction("restore the record from a backup"))));
        WrappedDek made = wraps.move(done.work().entry(), source, make.to(), context);
        done.opened.add(source.kekId());
        done.moved.put(make.move(), made);
        done.made(made);
    }

    /** Uses a wrap that is there already, unless it does not open to the DEK. */
    private boolean proved(DekDone done, Make make, WrappedDek there, EncryptionContext context) throws StepFailed {
        try {
            wraps.prove(done.work().entry(), there, context);
        } catch (InvalidWrappedDekException e) {
            return false;
        } catch (KekException e) {
            throw new StepFailed(Outcome.FAILED_NEW_KEK, e);
        }
        if (make.closing().isPresent()) {
            wraps.open(done.work().entry(), make.closing().get(), context);
            done.opened.add(make.move().from());
        }
        done.moved.put(make.move(), there);
        done.made(there);
        return true;
    }

    private void prove(DekDone done, EncryptionContext context) {
        for (WrappedDek wrapped : done.work().proves()) {
            try {
                wraps.prove(done.work().entry(), wrapped, context);
                done.made(wrapped);
            } catch (KekException e) {
                done.failed(Outcome.NOT_DROPPED, e);
                return;
            }
        }
    }
}
