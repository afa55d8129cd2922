package com.example.backup;

import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KekListener;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.store.KeychainStore;
import java.util.Optional;

/**
 * The objects that a process has once, in one role. In production each role is a process of its own, on hosts of its own; here
 * they share one. Whoever breaks into a host that backs up cannot read a backup, and the customer's log tells who did what.
 */
final class Worker implements AutoCloseable {
    final KeyProviders providers;
    final Keychains keychains;
    final KeychainSeal seal;
    private final Optional<KekMonitor> monitor;

    /**
     * Makes one worker.
     *
     * @param vendor what all of them share
     * @param role what this one may do with the keys of tenants
     * @param listener is told what becomes of KEKs
     */
    Worker(Vendor vendor, PolicyRole role, KekListener listener) {
        seal = KeychainSeal.wrappedBy(vendor.kek());
        providers = KeyProviders.builder()
                .register(vendor.principals().kms(role))
                .controlKek(vendor.kek())
                .listener(listener)
                .time(vendor.time())
                .build();
        Keychains.Builder options = Keychains.builder(vendor.store(), providers)
                .seal(seal)
                .inFlight(InFlight.ABORT)
                .vendorKeks(vendor.kek()::equals);
        keychains = (role == PolicyRole.BACKUP ? options.wrapOnly() : options).build();
        // A re-wrap is told by its own calls, and a host that may not unwrap has no canaries.
        monitor = role == PolicyRole.RESTORE || role == PolicyRole.MONITOR
                ? Optional.of(
                        KekMonitor.builder(vendor.store(), providers).seal(seal).build())
                : Optional.empty();
    }

    /** What ends running work when a KEK is revoked, if this worker has any. */
    Optional<KekMonitor> monitor() {
        return monitor;
    }

    @Override
    public void close() {
        monitor.ifPresent(KekMonitor::close);
        providers.close();
    }

    /**
     * What all workers share.
     *
     * @param kek the vendor's own key: it seals the keychains, and wraps for tenants without a key of their own
     * @param store keeps the keychains
     * @param principals who the workers are
     * @param time the clocks; {@code TimeSource.system()} in production
     */
    record Vendor(KekId kek, KeychainStore store, Principals principals, TimeSource time) {}

    /** Who the workers are in the cloud of the tenants. */
    interface Principals {
        /** The principal of a role, which tenants allow. */
        String name(PolicyRole role);

        /** The KMS, as this principal calls it; in production {@code AwsKms.factory()} with the credentials of the host. */
        KeyProvider.Factory kms(PolicyRole role);
    }
}
