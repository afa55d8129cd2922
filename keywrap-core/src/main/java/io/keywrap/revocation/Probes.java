package io.keywrap.revocation;

import io.keywrap.CallPurpose;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.KeywrapException;
import io.keywrap.provider.KeyProviders;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends canaries, each after its record's seal was checked once. Blocks on a KMS and the store. */
final class Probes {
    private static final Logger LOG = LoggerFactory.getLogger(Probes.class);

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
            Canary canary = canary(watch);
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
            LOG.warn("the canary of KEK {} is no wrap of it", watch.version.kekId(), e);
        } catch (KekException e) {
            LOG.debug("a canary of KEK {} failed", watch.version.kekId(), e); // The states have heard of it.
        } catch (KeywrapException e) {
            LOG.debug("there is no canary of KEK {} now", watch.version.kekId(), e);
        } finally {
            watches.landed(watch, sent, clock.getAsLong());
        }
    }

    private @Nullable Canary canary(Watch watch) {
        if (watch.canary == null) {
            for (String keychainId : List.copyOf(watch.candidates)) {
                try {
                    Optional<Canary> found = canaries.in(keychainId, watch.version);
                    if (found.isPresent()) {
                        watch.canary = found.get();
                        break;
                    }
                } catch (KeychainSealBrokenException e) {
                    unsealed.name(keychainId, String.valueOf(e.getMessage()));
                }
                watch.candidates.remove(keychainId);
            }
        }
        return watch.canary;
    }
}
