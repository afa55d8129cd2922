package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeywrapException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The DEKs that this JVM has in memory. Keychains and ciphers use it for you.
 *
 * <p><b>Thread safety:</b> thread-safe. {@link #lease} may block on the KMS.
 */
public final class KeptDeks {
    private final KeyProviders providers;
    private final DekCache cache;
    private final Leases leases;
    private final Outages outages;
    private final CacheOptions options;

    KeptDeks(KeyProviders providers, DekCache cache, Leases leases, Outages outages, CacheOptions options) {
        this.providers = providers;
        this.cache = cache;
        this.leases = leases;
        this.outages = outages;
        this.options = options;
    }

    /**
     * Leases a DEK that has several wraps. All under CONTROL KEKs must unwrap, and each of these KEKs can end the lease.
     *
     * <p>Where there are wraps under REPLICA KEKs, the CONTROL KEKs have half of the foreground budget together. One that
     * is out of reach or throttled by then is stood in for by a REPLICA KEK, unless its last answer was that it is revoked
     * or not there. Any other failure of a CONTROL KEK is final, and no REPLICA KEK is asked. While a REPLICA KEK stands in,
     * the CONTROL KEK is asked in the background; when it answers that it is revoked the lease ends.
     *
     * @param wraps the wraps
     * @return the lease, to be closed; it ends when one of these KEKs is revoked
     * @throws io.keywrap.InvalidWrappedDekException if one under a CONTROL KEK unwraps to another key
     * @throws io.keywrap.KekException if one of the CONTROL KEKs cannot be used, and no REPLICA KEK may or can stand in
     */
    public DekLease lease(DekWraps wraps) {
        return lease(wraps, providers::foregroundDeadline, InFlight.ABORT);
    }

    /**
     * Likewise, under a deadline of the caller's, and for work that may go on when a KEK is revoked.
     *
     * @param wraps the wraps
     * @param deadline is asked for the deadline once, where a KMS must be called
     * @param policy what becomes of the lease when one of these KEKs is revoked
     * @return the lease, to be closed
     * @throws io.keywrap.KekException as {@link #lease(DekWraps)}
     */
    public DekLease lease(DekWraps wraps, Supplier<Deadline> deadline, InFlight policy) {
        return leases.lease(wraps, deadline, policy);
    }

    /**
     * Whether a CONTROL KEK that is stood in for was out of reach a moment ago.
     *
     * @param kekId the KEK
     * @return true if it would only take time to ask it again
     */
    public boolean isSilent(KekId kekId) {
        return outages.current(kekId) != null;
    }

    /**
     * Keeps a DEK that was made just now, on a host that may wrap and not unwrap, and is proven again by wrapping. Where DEKs
     * are not kept at all, this one is not either.
     *
     * @param dek the DEK; stays the caller's
     * @param wraps its wraps, the first made by {@link KeyProvider#generate}, the others by {@link KeyProvider#wrap}
     * @param keyContext the key context of all of them
     * @param sentAt when the first was sent, as {@link io.keywrap.TimeSource#nanoTime()}
     */
    public void keepMade(Dek dek, List<WrappedDek> wraps, EncryptionContext keyContext, long sentAt) {
        cache.keepMade(UnwrapKey.of(wraps, keyContext), dek, sentAt);
    }

    /**
     * Leases a DEK that is kept, without asking any KMS.
     *
     * @param wraps the wraps, at least one
     * @param keyContext the key context of all of them
     * @param policy what becomes of the lease when one of their KEKs is revoked
     * @return the lease, to be closed; empty if it is not kept
     */
    public Optional<DekLease> leaseKept(List<WrappedDek> wraps, EncryptionContext keyContext, InFlight policy) {
        return leases.leaseKept(UnwrapKey.of(wraps, keyContext), policy);
    }

    /**
     * Wipes what is kept of DEKs that were destroyed, whatever wraps they had, and ends their leases. It gives no lease of them
     * any more.
     *
     * @param deks the key context of each, which no other DEK has, and what its leases fail with from now on
     */
    public void end(Map<EncryptionContext, ? extends KeywrapException> deks) {
        cache.endForGood(deks);
    }

    /**
     * How long a DEK may be used after it was proven.
     *
     * @return the deadline of kept DEKs; a minute where none are kept, after which leases are proven again
     */
    public Duration deadline() {
        return Duration.ofNanos(options.renewalNanos());
    }

    /**
     * How long a lease goes on when its KEK cannot be asked.
     *
     * @return the time in flight
     */
    public Duration maxInFlight() {
        return options.maxInFlight();
    }
}
