package io.keywrap.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.identity.ClientSecretCredentialBuilder;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.azure.WireRow.Op;
import io.keywrap.emulators.AzureApplication;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.ManualTime;
import java.time.Duration;
import java.time.Instant;

/** An emulator with a key that works, and whatever calls it: what a case changes before the call that fails. */
final class WireWorld implements AutoCloseable {
    static final String SECRET_VALUE = "acme-secretive";
    static final String APPLICATION = "33333333-3333-4333-8333-333333333333";
    static final String OTHER_TENANT = "44444444-4444-4444-8444-444444444444";

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    final AzureKeyVaultEmulator emulator =
            AzureKeyVaultEmulator.builder().time(time).start(0);
    final AzureKey key = emulator.createKey();
    KekId kekId = EmulatedVault.kekId(key);
    KeyProvider provider;
    WrappedDek wrapped;
    Duration budget = Duration.ofSeconds(10);

    private final Dek dek = Dek.random(DekId.random());
    final EncryptionContext context =
            EncryptionContext.ofDek("keychain", dek.id(), EncryptionContext.of("tenant", SECRET_VALUE));

    WireWorld() {
        provider = provider(EmulatedVault.token(emulator));
        wrapped = provider.wrap(dek, context, deadline());
    }

    /** The provider is a new one, with the same clients in other hands. */
    void callBy(TokenCredential credential) {
        provider = provider(credential);
    }

    /** The same for another key. */
    void callByAnotherName(String name) {
        kekId = KekId.of("azure-kms://" + emulator.endpoint() + "/keys/" + name);
        provider = provider(EmulatedVault.token(emulator));
        wrapped = relabelled(wrapped.kekVersion(), wrapped.wrappedBytes());
    }

    /** The wrap is one of another version, or has other bytes. */
    WrappedDek relabelled(String version, byte[] bytes) {
        return WrappedDek.builder(dek.id(), kekId).kekVersion(version).build(wrapped.algorithm(), bytes);
    }

    private KeyProvider provider(TokenCredential credential) {
        return EmulatedVault.builder(emulator, time)
                .credential(credential)
                .settled(Duration.ZERO)
                .build()
                .create(kekId);
    }

    /** An application with a secret, registered at the emulator's Entra ID. */
    AzureApplication application() {
        AzureApplication application = emulator.registerApplication(APPLICATION);
        application.secret("known", time.now().plusSeconds(3600));
        return application;
    }

    /** The credential of that application, of azure-identity. */
    TokenCredential secret(String secret, String tenant, String... others) {
        return AzureKms.tune(new ClientSecretCredentialBuilder())
                .httpClient(EmulatedVault.http(emulator))
                .authorityHost(emulator.authorityHost().toString())
                .disableInstanceDiscovery()
                .additionallyAllowedTenants(others)
                .tenantId(tenant)
                .clientId(APPLICATION)
                .clientSecret(secret)
                .build();
    }

    void call(Op operation) {
        switch (operation) {
            case WRAP -> provider.wrap(dek, context, deadline());
            case UNWRAP -> provider.unwrap(wrapped, context, deadline()).close();
            case STATUS -> provider.status(deadline());
        }
    }

    private Deadline deadline() {
        return Deadline.after(budget, time);
    }

    @Override
    public void close() {
        dek.close();
        emulator.close();
    }
}
