package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.Operation;
import java.util.function.Supplier;

/** One layer of the stack that a provider is dressed in: every call of the KMS goes through {@link #call}. */
abstract class ForwardingKeyProvider implements KeyProvider, ServerSideRewrap {
    private final KeyProvider next;

    ForwardingKeyProvider(KeyProvider next) {
        this.next = next;
    }

    /** Makes a call, perhaps later, more than once, or not at all. */
    abstract <T> T call(Operation operation, Deadline deadline, Supplier<T> action);

    @Override
    public final KekId kekId() {
        return next.kekId();
    }

    @Override
    public Place place() {
        return next.place();
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        return call(Operation.WRAP, deadline, () -> next.wrap(dek, keyContext, deadline));
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        return call(Operation.UNWRAP, deadline, () -> next.unwrap(wrapped, keyContext, deadline));
    }

    @Override
    public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        return call(Operation.GENERATE, deadline, () -> next.generate(dekId, keyContext, deadline));
    }

    @Override
    public Status status(Deadline deadline) {
        return call(Operation.STATUS, deadline, () -> next.status(deadline));
    }

    /** False for every target where the KMS has no re-wrap of its own. */
    @Override
    public boolean supports(KekId target) {
        return next instanceof ServerSideRewrap kms && kms.supports(target);
    }

    @Override
    public WrappedDek rewrap(WrappedDek wrapped, KekId target, EncryptionContext keyContext, Deadline deadline) {
        if (next instanceof ServerSideRewrap kms && kms.supports(target)) {
            return call(Operation.REWRAP, deadline, () -> kms.rewrap(wrapped, target, keyContext, deadline));
        }
        throw new IllegalArgumentException("the KMS of " + kekId() + " cannot re-wrap to " + target);
    }

    @Override
    public void close() {
        next.close();
    }
}
