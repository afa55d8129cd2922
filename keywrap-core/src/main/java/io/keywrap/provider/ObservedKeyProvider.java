package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells of every attempt to call the KMS, and lets those hear how it ends who remember what KEKs say. */
final class ObservedKeyProvider extends ForwardingKeyProvider {
    /**
     * Who hears it.
     *
     * @param events of every call
     * @param verdicts of every unwrap
     * @param states how every call ends
     */
    record Hearers(Events events, Verdicts verdicts, KekStates states) {}

    private final Hearers hearers;
    private final TimeSource time;
    private final Place place;

    ObservedKeyProvider(KeyProvider next, Hearers hearers, TimeSource time) {
        super(next);
        this.hearers = hearers;
        this.time = time;
        this.place = next.place();
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        return heard(Operation.WRAP, "", deadline, () -> super.wrap(dek, keyContext, deadline), WrappedDek::kekVersion);
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        String version = wrapped.kekVersion();
        return heard(Operation.UNWRAP, version, deadline, () -> judged(wrapped, keyContext, deadline), dek -> version);
    }

    private Dek judged(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        UnwrapKey key = new UnwrapKey(wrapped, keyContext);
        long sentAt = time.nanoTime();
        try {
            Dek dek = super.unwrap(wrapped, keyContext, deadline);
            hearers.verdicts.worked(key, sentAt);
            return dek;
        } catch (KekException e) {
            hearers.verdicts.failed(key, e);
            throw e;
        }
    }

    @Override
    public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        return heard(
                Operation.GENERATE,
                "",
                deadline,
                () -> super.generate(dekId, keyContext, deadline),
                made -> made.wrapped().kekVersion());
    }

    @Override
    public Status status(Deadline deadline) {
        return heard(
                Operation.STATUS,
                "",
                deadline,
                () -> super.status(deadline),
                told -> told.currentVersion().orElse(""));
    }

    @Override
    public WrappedDek rewrap(WrappedDek wrapped, KekId target, EncryptionContext keyContext, Deadline deadline) {
        return heard(
                Operation.REWRAP, "", deadline, () -> super.rewrap(wrapped, target, keyContext, deadline), made -> "");
    }

    private <T> T heard(
            Operation operation, String version, Deadline deadline, Supplier<T> call, Function<T, String> versionOf) {
        long sentAt = time.nanoTime();
        boolean begun = !deadline.expired();
        try {
            T result = call.get();
            hear(operation, versionOf.apply(result), deadline, sentAt, null);
            return result;
        } catch (KekException e) {
            // Without time, or when interrupted, it was not asked, or did not have the time to answer.
            if (!e.retryable() || (begun && !Thread.currentThread().isInterrupted())) {
                hear(operation, version, deadline, sentAt, e);
            }
            throw e;
        }
    }

    private void hear(
            Operation operation, String version, Deadline deadline, long sentAt, @Nullable KekException failure) {
        boolean ofAnother = failure != null
                && failure.kekId().filter(named -> !named.equals(kekId())).isPresent();
        if (!ofAnother) { // A re-wrap may fail for the KEK that it is to.
            hearers.states.hear(new KekAnswer(kekId(), version, operation, deadline.purpose(), place, sentAt, failure));
        }
    }

    @Override
    <T> T call(Operation operation, Deadline deadline, Supplier<T> action) {
        hearers.events.tell(new CallBegun(kekId(), operation, deadline.purpose()));
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
            hearers.events.tell(
                    new CallEnded(kekId(), operation, deadline.purpose(), latency, Optional.ofNullable(failure)));
        }
    }
}
