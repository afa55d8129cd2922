package io.keywrap.stream;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.TestTenant;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.InFlight;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Usage;
import java.nio.file.Path;
import java.time.Duration;

/** A tenant whose customer disables the KEK in the middle of things, and a product that notices. */
final class Revocation implements AutoCloseable {
    static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");

    final TestTenant tenant;
    final Keychain keychain;
    final EnvelopeCipher cipher;

    Revocation(Path folder, InFlight policy) {
        this(folder, policy, TimeSource.system());
    }

    Revocation(Path folder, InFlight policy, TimeSource time) {
        tenant = TestTenant.in(
                folder, options -> options.time(time).refusalsFor(Duration.ZERO).maxInFlight(Duration.ofHours(24)));
        Keychains keychains = Keychains.builder(tenant.store(), tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .inFlight(policy)
                .build();
        keychain = keychains.create("tenant-1", spec -> spec.control(TestTenant.CUSTOMER));
        cipher = EnvelopeCipher.using(keychain);
    }

    /** The customer disables the KEK, and a call that has nothing to do with the work under way hears of it. */
    void revoke() {
        revoke(tenant, keychain);
    }

    static void revoke(TestTenant tenant, Keychain keychain) {
        tenant.keks().disable(TestTenant.CUSTOMER);
        hear(tenant, keychain);
    }

    void enable() {
        tenant.keks().enable(TestTenant.CUSTOMER);
    }

    private static void hear(TestTenant tenant, Keychain keychain) {
        KeychainRecord record = keychain.record();
        DekEntry entry = record.primary(Usage.ENVELOPES).orElseThrow();
        WrappedDek wrapped = entry.wraps().get(0).wrapped();
        EncryptionContext context = EncryptionContext.ofDek(record.keychainId(), entry.id(), record.keyContext());
        try {
            tenant.providers()
                    .provider(TestTenant.CUSTOMER)
                    .unwrap(wrapped, context, tenant.providers().foregroundDeadline())
                    .close();
            throw new AssertionError("the KEK still unwraps");
        } catch (KekRevokedException expected) {
            // That is what was asked for.
        }
    }

    DekLease lease() {
        return keychain.primary(Usage.ENVELOPES);
    }

    @Override
    public void close() {
        tenant.providers().close();
    }
}
