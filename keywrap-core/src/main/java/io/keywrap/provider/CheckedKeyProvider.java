package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.Operation;
import java.util.Objects;
import java.util.function.Supplier;

/** Distrusts a provider: its answers must fit the question, and its failures must be ours. */
final class CheckedKeyProvider extends ForwardingKeyProvider {
    CheckedKeyProvider(KeyProvider provider) {
        super(provider);
    }

    @Override
    public Place place() {
        try {
            return Objects.requireNonNull(super.place(), "the place");
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        WrappedDek wrapped = super.wrap(dek, keyContext, deadline);
        requireFits(wrapped, dek.id(), kekId());
        return wrapped;
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        Dek dek = super.unwrap(wrapped, keyContext, deadline);
        if (!dek.id().equals(wrapped.dekId())) {
            dek.close();
            throw wrongAnswer("the provider answered with another DEK than it was given");
        }
        return dek;
    }

    @Override
    public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        Generated generated = super.generate(dekId, keyContext, deadline);
        try {
            if (generated.wrapped() == null) {
                throw wrongAnswer("the provider made a DEK without a wrap");
            }
            requireFits(generated.wrapped(), dekId, kekId());
            if (!generated.dek().id().equals(dekId)) {
                throw wrongAnswer("the provider made another DEK than it was asked for");
            }
            return generated;
        } catch (RuntimeException e) {
            generated.dek().close();
            throw e;
        }
    }

    @Override
    public WrappedDek rewrap(WrappedDek wrapped, KekId target, EncryptionContext keyContext, Deadline deadline) {
        WrappedDek moved = super.rewrap(wrapped, target, keyContext, deadline);
        requireFits(moved, wrapped.dekId(), target);
        return moved;
    }

    private void requireFits(WrappedDek wrapped, DekId dekId, KekId wanted) {
        if (!wrapped.dekId().equals(dekId) || !wrapped.kekId().equals(wanted)) {
            throw wrongAnswer("the provider answered with a wrap of another DEK or under another KEK");
        }
    }

    @Override
    <T> T call(Operation operation, Deadline deadline, Supplier<T> action) {
        if (deadline.expired()) {
            throw new KekUnreachableException(Failure.of(kekId(), "the time for the call was over before it began")
                    .operatorAction("try again, or allow more time"));
        }
        try {
            return Objects.requireNonNull(action.get(), "the answer");
        } catch (KekException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    private KekConfigurationException failed(RuntimeException e) {
        return new KekConfigurationException(
                Failure.of(kekId(), "the provider failed with " + e.getClass().getName())
                        .operatorAction("see the cause, and report it to the provider's maker")
                        .cause(e));
    }

    private InvalidWrappedDekException wrongAnswer(String what) {
        return new InvalidWrappedDekException(
                Failure.of(kekId(), what).operatorAction("do not use this provider; report it to its maker"));
    }
}
