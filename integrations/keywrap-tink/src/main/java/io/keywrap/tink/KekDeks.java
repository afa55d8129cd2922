package io.keywrap.tink;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.DekWraps;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KeyProvider.Generated;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The DEKs of one KEK: the one that encrypts just now, and those that ciphertexts carry. It holds their wraps alone; whoever
 * uses a DEK leases it from {@link KeyProviders}, which keeps it, renews it, and ends it with its KEK.
 */
final class KekDeks {
    /** Stands in the key context in the place of a keychain. */
    static final String KEYCHAIN = "tink";

    /**
     * How long a KEK that has refused to make a DEK, or has made one that does not open, is not asked for one again. Counted from
     * the answer of the KMS; that it does not unwrap a DEK is remembered by {@link KeyProviders} alone.
     */
    static final Duration REFUSED_FOR = Duration.ofSeconds(5);

    /** Callers who came together have the same time, but for what it takes to begin and to wake up. */
    private static final Duration SAME_TIME = Duration.ofSeconds(1);

    private final KeyProviders providers;
    private final KekId kekId;
    private final EncryptionContext pairs;
    private final DekLimits limits;
    private final AtomicReference<@Nullable Making> current = new AtomicReference<>();

    KekDeks(KeyProviders providers, KekId kekId, EncryptionContext pairs, DekLimits limits) {
        this.providers = providers;
        this.kekId = kekId;
        this.pairs = pairs;
        this.limits = limits;
    }

    static EncryptionContext contextOf(DekId dekId, EncryptionContext pairs) {
        return EncryptionContext.ofDek(KEYCHAIN, dekId, pairs);
    }

    KekId kekId() {
        return kekId;
    }

    /** Whether the providers were closed: then they give nobody the provider of this KEK, which was made before this was. */
    boolean areClosed() {
        try {
            providers.provider(kekId);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /** Leases the DEK of a ciphertext, whose wrap is a claim until something that was encrypted with it is authenticated. */
    DekLease decrypting(WrappedDek wrapped) {
        if (!wrapped.kekId().equals(kekId)) {
            throw new InvalidWrappedDekException(
                    Failure.of(kekId, "the ciphertext was made under another KEK, " + wrapped.kekId())
                            .operatorAction("decrypt it with the Aead of that KEK, if it is one of yours"));
        }
        return providers.lease(wrapped, contextOf(wrapped.dekId(), pairs), providers.foregroundDeadline());
    }

    /** Leases the DEK that encrypts just now for one message of so many bytes, its associated data included. */
    Use encrypting(long bytes) {
        Deadline deadline = providers.foregroundDeadline();
        Making first = usable(bytes, deadline);
        try {
            return first.use(deadline);
        } catch (KekRevokedException | KekNotFoundException e) {
            if (!first.hasWorked()) {
                throw e;
            }
            // Perhaps of the version alone that has wrapped it, and a newer one works.
            current.compareAndSet(first, null);
            return replaced(bytes, e);
        }
    }

    private Use replaced(long bytes, KekException refusal) {
        Deadline deadline = providers.foregroundDeadline();
        try {
            return usable(bytes, deadline).use(deadline);
        } catch (KekException e) {
            throw e.retryable() ? refusal : e;
        }
    }

    /** A DEK that takes so many bytes more. Others may use up one after the other before; the deadline ends that. */
    private Making usable(long bytes, Deadline deadline) {
        while (true) {
            Making making = current.get();
            boolean mine = making == null || making.isOver();
            if (making == null || mine) {
                Making next = new Making(deadline);
                if (!current.compareAndSet(making, next)) {
                    continue;
                }
                next.run();
                making = next;
            }
            try {
                if (making.made(deadline).takes(bytes)) {
                    return making;
                }
                current.compareAndSet(making, null);
            } catch (KekException e) {
                if (mine || !making.gaveUpBefore(deadline)) {
                    throw e;
                }
            }
        }
    }

    private Made make(Deadline deadline) {
        DekId dekId = DekId.random();
        EncryptionContext context = contextOf(dekId, pairs);
        Generated generated = providers.provider(kekId).generate(dekId, context, deadline);
        try (Dek dek = generated.dek()) {
            return new Made(new DekWraps(List.of(generated.wrapped()), List.of(), context, dek.checkValue()));
        }
    }

    /**
     * A lease for one message.
     *
     * @param lease closed with this
     * @param header of the DEK
     */
    record Use(DekLease lease, Header header) implements AutoCloseable {
        @Override
        public void close() {
            lease.close();
        }
    }

    /**
     * A DEK, as far as it may still be used. Its plaintext was wiped as soon as it was made: whoever encrypts has it from its wrap,
     * as whoever decrypts will, so nothing is encrypted that the wrap does not open.
     */
    private final class Made {
        private final DekWraps wraps;
        private final Header header;
        private final long madeAt = providers.time().nanoTime();
        private final AtomicLong messages = new AtomicLong();
        private final AtomicLong bytes = new AtomicLong();
        private volatile boolean worked;

        Made(DekWraps wraps) {
            this.wraps = wraps;
            this.header = Header.of(wraps.control().get(0));
        }

        Use use(Deadline deadline) {
            try {
                DekLease lease = providers.deks().lease(wraps, () -> deadline, InFlight.ABORT);
                worked = true;
                return new Use(lease, header);
            } catch (InvalidWrappedDekException e) {
                throw new InvalidWrappedDekException(
                        Failure.of(kekId, "the KMS gave another key for a DEK than it has wrapped, or refuses the wrap")
                                .operatorAction("do not trust the KMS that gave it; report it to its operator")
                                .cause(e));
            }
        }

        /** Whether its wrap was never opened though there was time for it; another may fare better. */
        boolean isGivenUp(long now) {
            return !worked && now - madeAt >= REFUSED_FOR.toNanos();
        }

        /** Counts before it allows, so that threads together do not exceed a limit either. */
        boolean takes(long more) {
            return providers.time().nanoTime() - madeAt < limits.age().toNanos()
                    && messages.incrementAndGet() <= limits.messages()
                    && bytes.addAndGet(more) <= DekLimits.MOST_BYTES;
        }
    }

    /** One DEK that is made: by one thread, within its deadline, for all that wait for it. */
    private final class Making {
        private final Deadline makers;
        private final CompletableFuture<Made> result = new CompletableFuture<>();
        private volatile long refusedAt;
        private volatile boolean interrupted;

        Making(Deadline makers) {
            this.makers = makers;
        }

        void run() {
            try {
                result.complete(make(makers));
            } catch (RuntimeException | Error e) {
                refusedAt = providers.time().nanoTime();
                interrupted = Thread.currentThread().isInterrupted();
                if (!(e instanceof KekException failure) || failure.retryable()) {
                    current.compareAndSet(this, null);
                }
                result.completeExceptionally(e);
            }
        }

        /** Whether it was refused, or did not work, but so long ago that the KEK is asked for another. */
        boolean isOver() {
            long now = providers.time().nanoTime();
            return result.isCompletedExceptionally()
                    ? now - refusedAt >= REFUSED_FOR.toNanos()
                    : result.isDone() && result.join().isGivenUp(now);
        }

        /** Whether something was encrypted with it, or might have been. */
        boolean hasWorked() {
            return result.join().worked;
        }

        /** Whether its maker gave up for a reason of his own, or for want of time, and somebody else has more of it. */
        boolean gaveUpBefore(Deadline deadline) {
            return current.get() != this
                    && !deadline.expired()
                    && (interrupted
                            || deadline.remaining().compareTo(makers.remaining().plus(SAME_TIME)) > 0);
        }

        Made made(Deadline deadline) {
            try {
                return result.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw (Error) Objects.requireNonNull(e.getCause());
            } catch (TimeoutException e) {
                throw notMade("another thread has not made a new DEK in time", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw notMade("the thread was interrupted while another one made a new DEK", e);
            }
        }

        private KekUnreachableException notMade(String why, Exception cause) {
            return new KekUnreachableException(Failure.of(kekId, why)
                    .operatorAction("check the network and the health of the KMS; it can be tried again")
                    .cause(cause));
        }

        Use use(Deadline deadline) {
            return made(deadline).use(deadline);
        }
    }
}
