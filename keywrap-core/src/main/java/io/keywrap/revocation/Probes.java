package io.keywrap.revocation;

import io.keywrap.CallPurpose;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.KeywrapException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.provider.KeyProviders;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends canaries, each after its record's seal was checked once. Blocks on a KMS and the store. */
final class Probes {
    private static final Logger LOG = LoggerFactory.getLogger(Probes.class);

    /** How many records are looked at in one turn. */
    private static final int MOST_AT_ONCE = 3;

    private final KeyProviders providers;
    private final Canaries canaries;
    private final Watches watches;
    private final Unvouched unsealed;

    Probes(KeyProviders providers, Canaries canaries, Watches watches, Unvouched unsealed) {
        this.providers = providers;
        this.canaries = canaries;
        this.watches = watches;
        this.unsealed = unsealed;
    }

    /** Sends the canary of a version, and tells the watches when it is back. */
    void send(Watch watch, LongSupplier clock) {
        boolean sent = false;
        try {
            Canary canary = canary(watch, clock);
            if (canary != null) {
                sent = true;
                providers
                        .provider(watch.version.kekId())
                        .unwrap(canary.wrapped(), canary.keyContext(), providers.deadline(CallPurpose.CANARY))
                        .close();
            }
        } catch (InvalidWrappedDekException e) {
            // Damaged in the store, perhaps: another may do.
            Optional.ofNullable(watch.canary).ifPresent(canary -> watch.candidates.remove(canary.keychainId()));
            watch.canary = null;
            if (!watch.toldDamaged) {
                watch.toldDamaged = true;
                LOG.warn("the canary of KEK {} is no wrap of it: others are tried", watch.version.kekId(), e);
            }
        } catch (KekException e) {
            LOG.debug("a canary of KEK {} failed", watch.version.kekId(), e); // The states have heard of it.
        } catch (KeywrapException e) {
            LOG.debug("there is no canary of KEK {} now", watch.version.kekId(), e);
        } finally {
            watches.landed(watch, sent, clock.getAsLong());
        }
    }

    private @Nullable Canary canary(Watch watch, LongSupplier clock) {
        watch.searching = false;
        if (watch.own) {
            lookAgain(watch);
        }
        int tried = 0;
        while (watch.canary == null && hasCandidate(watch, tried == 0)) {
            if (tried == MOST_AT_ONCE || (tried > 0 && !watches.takeCall(canaries.sealService(), clock.getAsLong()))) {
                watch.searching = true;
                break;
            }
            tried++;
            String keychainId = watch.candidates.get(0);
            watch.canary = sealed(keychainId, watch.version).orElse(null);
            if (watch.canary == null) {
                watch.candidates.remove(keychainId);
            }
        }
        watch.searching |= watch.canary == null && !watch.cursor.isOver();
        return watch.canary;
    }

    /** Goes on through the store where none is left: whoever plants records that come first must not keep others away. */
    private boolean hasCandidate(Watch watch, boolean mayBeAdded) {
        watch.candidates.removeIf(unsealed::isPassedOver);
        if (watch.candidates.isEmpty() && mayBeAdded) {
            for (String keychainId : canaries.more(watch.version, watch.cursor)) {
                if (!unsealed.isPassedOver(keychainId)) {
                    watch.candidates.add(keychainId);
                }
            }
        }
        return !watch.candidates.isEmpty();
    }

    /** Empty if there is none, or nobody vouches for it. */
    private Optional<Canary> sealed(String keychainId, VersionInUse version) {
        try {
            Optional<Canary> canary = canaries.in(keychainId, version);
            unsealed.vouchedFor(keychainId);
            return canary;
        } catch (KeychainSealBrokenException e) {
            unsealed.name(keychainId, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Its DEK may have been destroyed meanwhile; if nobody can tell, it is taken as it was. */
    private void lookAgain(Watch watch) {
        Canary known = watch.canary;
        try {
            watch.canary = known == null
                    ? null
                    : sealed(known.keychainId(), watch.version).orElse(null);
        } catch (StoreUnavailableException | KekException e) { // Also where the KEK of the seals does not answer.
            LOG.debug("the canary of KEK {} cannot be read again", watch.version.kekId(), e);
        }
    }
}
