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
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider.Generated;
import io.keywrap.provider.KeyProviders;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

    /** How long a KEK that has refused to make a DEK is not asked for one again. */
    static final Duration REFUSED_FOR = Duration.ofSeconds(5);

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

    /** Leases the DEK of a ciphertext, whose wrap is a claim until something that was encrypted with it is authenticated. */
    DekLease decrypting(WrappedDek wrapped) {
        if (!wrapped.kekId().equals(kekId)) {
            throw new InvalidWrappedDekException(
                    Failure.of(kekId, "the ciphertext was made under another KEK, " + wrapped.kekId())
                            .operatorAction("decrypt it with the Aead of that KEK, if it is one of yours"));
        }
        return leased(wrapped, providers.foregroundDeadline());
    }

    private DekLease leased(WrappedDek wrapped, Deadline deadline) {
        return providers.lease(wrapped, contextOf(wrapped.dekId(), pairs), deadline);
    }

    /** Leases the DEK that encrypts just now for one message of so many bytes, its associated data included. */
    Use encrypting(long bytes) {
        Making first = usable(bytes);
        try {
            return first.use();
        } catch (KekException e) {
            if (e.retryable()) {
                throw e;
            }
            // Perhaps of the version alone that has wrapped it, and a newer one works.
            current.compareAndSet(first, null);
            return replaced(bytes, e);
        }
    }

    private Use replaced(long bytes, KekException refusal) {
        try {
            return usable(bytes).use();
        } catch (KekException e) {
            throw e.retryable() ? refusal : e;
        }
    }

    private Making usable(long bytes) {
        while (true) {
            Making making = current.get();
            if (making == null || making.isOver()) {
                Making next = new Making();
                if (!current.compareAndSet(making, next)) {
                    continue;
                }
                next.run();
                making = next;
            }
            if (making.made().takes(bytes)) {
                return making;
            }
            current.compareAndSet(making, null);
        }
    }

    /** A DEK is used only after its wrap was unwrapped again: else nobody might ever open what it has encrypted. */
    private Made make() {
        DekId dekId = DekId.random();
        Deadline deadline = providers.foregroundDeadline();
        Generated generated = providers.provider(kekId).generate(dekId, contextOf(dekId, pairs), deadline);
        try (Dek dek = generated.dek();
                DekLease lease = leased(generated.wrapped(), deadline)) {
            if (!dek.<Boolean>withBytes(made -> lease.withBytes(back -> MessageDigest.isEqual(made, back)))) {
                throw new InvalidWrappedDekException(
                        Failure.of(kekId, "the wrap of a new DEK unwraps to another key than was wrapped")
                                .operatorAction("do not trust the KMS that gave it; report it to its operator"));
            }
        }
        return new Made(Header.of(generated.wrapped()));
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

    /** A DEK, as far as it may still be used. */
    private final class Made {
        private final Header header;
        private final long madeAt = providers.time().nanoTime();
        private final AtomicLong messages = new AtomicLong();
        private final AtomicLong bytes = new AtomicLong();

        Made(Header header) {
            this.header = header;
        }

        /** Counts before it allows, so that threads together do not exceed a limit either. */
        boolean takes(long more) {
            return providers.time().nanoTime() - madeAt < limits.age().toNanos()
                    && messages.incrementAndGet() <= limits.messages()
                    && bytes.addAndGet(more) <= DekLimits.MOST_BYTES;
        }
    }

    /** One DEK that is made: by one thread, for all that wait for it. */
    private final class Making {
        private final CompletableFuture<Made> result = new CompletableFuture<>();
        private volatile long refusedAt;

        void run() {
            try {
                result.complete(make());
            } catch (RuntimeException | Error e) {
                refusedAt = providers.time().nanoTime();
                if (!(e instanceof KekException failure) || failure.retryable()) {
                    current.compareAndSet(this, null);
                }
                result.completeExceptionally(e);
            }
        }

        /** Whether it was refused, but so long ago that the KEK is asked again. */
        boolean isOver() {
            return result.isCompletedExceptionally()
                    && providers.time().nanoTime() - refusedAt >= REFUSED_FOR.toNanos();
        }

        Made made() {
            try {
                return result.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw e;
            }
        }

        Use use() {
            Header header = made().header;
            return new Use(leased(header.wrapped(), providers.foregroundDeadline()), header);
        }
    }
}
