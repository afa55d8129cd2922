package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells of every attempt to call the KMS, and remembers what a KEK says that is withdrawn. */
final class ObservedKeyProvider extends ForwardingKeyProvider {
    private final Events events;
    private final Verdicts verdicts;
    private final TimeSource time;

    ObservedKeyProvider(KeyProvider next, Events events, Verdicts verdicts, TimeSource time) {
        super(next);
        this.events = events;
        this.verdicts = verdicts;
        this.time = time;
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        UnwrapKey key = new UnwrapKey(wrapped, keyContext);
        long sentAt = time.nanoTime();
        try {
            Dek dek = super.unwrap(wrapped, keyContext, deadline);
            verdicts.worked(key, sentAt);
            return dek;
        } catch (KekException e) {
            verdicts.failed(key, e);
            throw e;
        }
    }

    @Override
    <T> T call(Operation operation, Deadline deadline, Supplier<T> action) {
        events.tell(new CallBegun(kekId(), operation, deadline.purpose()));
        long begun = time.nanoTime();
        @Nullable KekException failure = null;
        try {
            return action.get();
        } catch (KekException e) {
            failure = e;
            throw e;
        } catch (Error e) { // Such as a class of the KMS's client that is missing: no success.
            failure = new KekConfigurationException(Failure.of(
                            kekId(), "the provider failed with " + e.getClass().getName())
                    .operatorAction("see the cause")
                    .cause(e));
            throw e;
        } finally {
            Duration latency = Duration.ofNanos(time.nanoTime() - begun);
            events.tell(new CallEnded(kekId(), operation, deadline.purpose(), latency, Optional.ofNullable(failure)));
        }
    }
}
