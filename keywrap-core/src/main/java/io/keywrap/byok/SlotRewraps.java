package io.keywrap.byok;

import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotVersion.Secret;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.provider.KeyProviders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings the wraps of slots under the vendor's KEK of now, and its version of now. Thread-safe. */
final class SlotRewraps {
    private final KeyProviders providers;
    private final SlotSecrets secrets;
    private final KekId target;
    private final Status status;
    private final boolean untoldToo;

    /** Asks for the current version, once. */
    SlotRewraps(SlotService service, KeyProviders providers, boolean untoldToo) {
        this.providers = providers;
        this.secrets = service.secrets();
        this.target = secrets.vendorKek();
        this.status = providers.provider(target).status(providers.foregroundDeadline());
        this.untoldToo = untoldToo;
    }

    /** What is to be done about a wrap. */
    private enum Need {
        NOTHING,
        UNTOLD,
        REWRAP
    }

    /**
     * What is to be done about a slot.
     *
     * @param wraps how many wraps are made again
     * @param untold how many do not tell their version, and are left
     */
    record Work(int wraps, int untold) {}

    private Need of(WrappedDek wrapped) {
        if (!wrapped.kekId().equals(target) || status.needsRewrap(wrapped)) {
            return Need.REWRAP;
        }
        // A KEK that tells no version has none, or none that could be destroyed by itself.
        boolean untold =
                status.currentVersion().isPresent() && wrapped.kekVersion().isEmpty();
        return untold ? (untoldToo ? Need.REWRAP : Need.UNTOLD) : Need.NOTHING;
    }

    Work workOn(SlotRecord record) {
        List<Need> needs = new ArrayList<>(List.of(of(record.sealKey())));
        for (SlotVersion version : record.versions()) {
            @Nullable Secret secret = version.secret();
            if (secret != null) {
                needs.add(of(secret.wrapped()));
            }
        }
        return new Work(count(needs, Need.REWRAP), count(needs, Need.UNTOLD));
    }

    private static int count(List<Need> needs, Need wanted) {
        return (int) needs.stream().filter(wanted::equals).count();
    }

    /** The next record; the same if there is nothing to do. Each new wrap has been unwrapped and recognised. */
    SlotRecord next(SlotRecord now, DekLease sealKey) {
        if (workOn(now).wraps() == 0) {
            return now;
        }
        WrappedDek seal = of(now.sealKey()) == Need.REWRAP
                ? secrets.rewrapSealKey(now, sealKey, providers.foregroundDeadline())
                : now.sealKey();
        List<SlotVersion> versions = new ArrayList<>();
        for (SlotVersion version : now.versions()) {
            @Nullable Secret secret = version.secret();
            versions.add(
                    secret != null && of(secret.wrapped()) == Need.REWRAP
                            ? version.rewrapped(again(now, version, secret, sealKey))
                            : version);
        }
        return now.rewrapped(seal, versions);
    }

    private Secret again(SlotRecord now, SlotVersion version, Secret secret, DekLease sealKey) {
        try (DekLease lease = secrets.lease(now.slot(), secret, providers.foregroundDeadline())) {
            if (!version.isOf(secrets.fingerprint(now.slot(), sealKey, lease))) {
                throw new InvalidWrappedDekException(Failure.of(
                                Slots.kekId(now.slot()),
                                "what the wrap of version " + version.number() + " gives is not recognised as its key")
                        .operatorAction("keep the KEK that has wrapped it; have the customer upload the key again"));
            }
            return secrets.rewrap(now.slot(), secret, lease, providers.foregroundDeadline());
        }
    }
}
