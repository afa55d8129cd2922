package io.keywrap.provider;

import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.KeywrapException;
import io.keywrap.crypto.ProcessKey;
import io.keywrap.provider.KekEvent.Operation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.Provider;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One unwrapped DEK, and how long it may be used. Leases of it have copies of the key, and go on asking here whether they
 * may use them, also when the cache has let go of it.
 */
final class CachedDek {
    private final UnwrapKey key;
    private final String checkValue;
    private final Operation provenBy;
    private final Optional<Provider> cryptoProvider;
    private final @Nullable ProcessKey sealedBy;
    private final byte[] secret;
    private final AtomicBoolean renewing = new AtomicBoolean();
    /** The plaintext, while there are leases that have it too: unsealing it for each one takes longer than a small record. */
    private byte @Nullable [] inUse;

    private @Nullable Set<LeaseWatch> watches;
    private int leases;
    private DekLease.Shared shared = new DekLease.Shared();
    private boolean wiped;
    private volatile Standing standing;
    private volatile long nextAttemptAt;
    private volatile @Nullable Standing waitedFor;
    private volatile Set<KekVersion> standInFor = Set.of();
    private long lastUsedAt;

    /**
     * What is known of the DEK's KEK.
     *
     * @param provenAt when the last successful unwrap was sent
     * @param refusal why no lease may go on; null while they may
     */
    record Standing(long provenAt, @Nullable KeywrapException refusal) {}

    /** Keeps a copy of a DEK, sealed if there is a key to seal it with. */
    CachedDek(UnwrapKey key, Dek dek, Operation provenBy, @Nullable ProcessKey sealedBy, long provenAt) {
        this.key = key;
        this.checkValue = dek.checkValue();
        this.provenBy = provenBy;
        this.cryptoProvider = dek.cryptoProvider();
        this.sealedBy = sealedBy;
        this.secret = dek.withBytes(bytes -> sealedBy == null ? bytes.clone() : sealedBy.seal(bytes));
        this.standing = new Standing(provenAt, null);
        this.nextAttemptAt = provenAt;
        this.lastUsedAt = provenAt;
    }

    UnwrapKey key() {
        return key;
    }

    String checkValue() {
        return checkValue;
    }

    /** Whether that is its check value; compared in constant time. */
    boolean isProvenBy(String other) {
        return MessageDigest.isEqual(ascii(checkValue), ascii(other));
    }

    private static byte[] ascii(String hex) {
        return hex.getBytes(StandardCharsets.US_ASCII);
    }

    /** What the KMS was asked for: to unwrap the DEK, or, where we may not, to make or wrap it. */
    Operation provenBy() {
        return provenBy;
    }

    Standing standing() {
        return standing;
    }

    /** It serves for want of others, whose refusal ends it as its own would. */
    synchronized void standsInFor(Set<KekVersion> others) {
        if (!standInFor.containsAll(others)) {
            Set<KekVersion> all = new HashSet<>(standInFor);
            all.addAll(others);
            standInFor = Set.copyOf(all);
        }
    }

    boolean isStandInFor(KekVersion other) {
        return standInFor.contains(other);
    }

    /** How long it may still be used, in nanoseconds; nothing or less once its deadline has come. */
    long timeLeft(CacheOptions options, long now) {
        return standing.provenAt() + options.deadline().toNanos() - now;
    }

    /**
     * Leases a copy of the DEK.
     *
     * @param watch decides whether the lease may go on
     * @return the lease; empty if the entry was wiped meanwhile
     */
    synchronized Optional<DekLease> lease(DekLease.Watch watch) {
        if (wiped) {
            return Optional.empty();
        }
        Dek dek = Dek.takeOwnershipOf(key.wrapped().dekId(), copy(), cryptoProvider);
        DekLease lease = DekLease.takeOwnershipOf(dek, watch, shared);
        leases++;
        lease.onClose(this::leaseClosed);
        return Optional.of(lease);
    }

    private byte[] copy() {
        if (sealedBy == null) {
            return secret.clone();
        }
        if (inUse == null) {
            inUse = sealedBy.open(secret);
        }
        return inUse.clone();
    }

    /** A lease has given its copy back. After the last one the DEK is there as it is sealed alone, and no key of it. */
    private void leaseClosed() {
        DekLease.Shared ending;
        synchronized (this) {
            if (--leases > 0) {
                return;
            }
            forgetOpened();
            ending = shared;
            shared = new DekLease.Shared();
        }
        ending.close();
    }

    private void forgetOpened() {
        if (inUse != null) {
            Arrays.fill(inUse, (byte) 0);
            inUse = null;
        }
    }

    /** The KEK was usable when a call was sent; an older proof changes nothing. */
    synchronized void proven(long sentAt) {
        if (standing.refusal() == null && sentAt - standing.provenAt() > 0) {
            standing = new Standing(sentAt, null);
        }
    }

    /**
     * No lease may go on, for good: what comes after a refusal is another entry. One that ends also what may finish takes the
     * place of one that does not.
     */
    void refuse(KeywrapException refusal) {
        List<LeaseWatch> hearing;
        synchronized (this) {
            @Nullable KeywrapException before = standing.refusal();
            if (before != null && (!Failures.isWithdrawal(before) || Failures.isWithdrawal(refusal))) {
                return;
            }
            standing = new Standing(standing.provenAt(), refusal);
            hearing = watches == null ? List.of() : List.copyOf(watches);
        }
        hearing.forEach(watch -> watch.refused(this, refusal));
    }

    /** From now on a lease hears of a refusal at once, and not only at its next use. */
    synchronized void watchedBy(LeaseWatch watch) {
        if (watches == null) {
            watches = Collections.newSetFromMap(new WeakHashMap<>()); // Of leases that nobody closes, nothing stays.
        }
        watches.add(watch);
    }

    synchronized void forgetWatch(LeaseWatch watch) {
        if (watches != null) {
            watches.remove(watch);
        }
    }

    /** Whether it is this caller's turn to prove the DEK again, in the background. */
    boolean beginRenewal(long now) {
        return now - nextAttemptAt >= 0 && renewing.compareAndSet(false, true);
    }

    /** Whether a lease has waited in vain since the DEK was proven last. */
    boolean wasWaitedFor(Standing since) {
        return since.equals(waitedFor);
    }

    void waitedFor(Standing since) {
        waitedFor = since;
    }

    void endRenewal() {
        renewing.set(false);
    }

    /** Nobody tries again before. */
    void pauseUntil(long at) {
        nextAttemptAt = at;
    }

    /** Whether it is too soon to try again. */
    boolean pauses(long now) {
        return now - nextAttemptAt < 0;
    }

    /** A hint for eviction: racy, and none the worse for it. */
    void used(long now) {
        lastUsedAt = now;
    }

    long lastUsedAt() {
        return lastUsedAt;
    }

    /** Wipes what is kept. Leases keep their copies. */
    synchronized void wipe() {
        wiped = true;
        Arrays.fill(secret, (byte) 0);
        forgetOpened();
    }
}
