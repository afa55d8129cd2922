package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.http.HttpClient;
import io.keywrap.KekId;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.CurrentProvider;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.WatchedKeks.Kek;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nobody's KEK is revoked because our application has lost its roles: each customer has a vault of their own. */
class AzureOwnFaultTest {
    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    private final List<AzureKeyVaultEmulator> vaults = IntStream.range(0, 4)
            .mapToObj(number -> AzureKeyVaultEmulator.builder().time(time).start(0))
            .toList();
    private final Map<KekId, KeyProvider> providers = new HashMap<>();
    private final WatchedKeks keks = new WatchedKeks(
            time,
            options -> options.register(CurrentProvider.factory("azure-kms", this::provider))
                    .cacheDeadline(Duration.ofHours(24)));
    private final List<Kek> all = vaults.stream().map(this::customer).toList();

    private KeyProvider provider(KekId kekId) {
        return Objects.requireNonNull(providers.get(kekId));
    }

    private Kek customer(AzureKeyVaultEmulator vault) {
        AzureKey key = vault.createKey();
        HttpClient http = EmulatedVault.http(vault);
        KekId kekId = EmulatedVault.kekId(key);
        providers.put(
                kekId,
                AzureKms.builder()
                        .trustedHost(EmulatedVault.host(vault))
                        .clients(client -> client.httpClient(http))
                        .time(time)
                        .credential(EmulatedVault.token(vault))
                        .build()
                        .create(kekId));
        return keks.add(kekId);
    }

    @AfterEach
    void close() {
        keks.close();
        providers.values().forEach(KeyProvider::close);
        vaults.forEach(AzureKeyVaultEmulator::close);
    }

    private void work() {
        all.forEach(Kek::lease);
        keks.run(Duration.ofMinutes(3));
    }

    @Test
    void anApplicationThatHasLostItsRolesIsOurFault() {
        work();
        vaults.forEach(vault -> vault.deny(AzureDenial.rbac()));
        keks.requireNoneRevoked(all, Duration.ofMinutes(5));
        assertThat(all).allSatisfy(kek -> assertThat(kek.standing().state()).isEqualTo(KekState.SUSPECT));
        assertThat(keks.told(OwnFault.class)).hasSize(1);
        vaults.forEach(AzureKeyVaultEmulator::allow);
        all.forEach(kek -> kek.until(KekState.ACTIVE, Duration.ofSeconds(12)));
    }

    @Test
    void oneCustomerWhoDeniesIsRevokedWhileTheOthersWork() {
        work();
        vaults.get(0).deny(AzureDenial.rbac());
        all.get(0).until(KekState.REVOKED, keks.monitor().boundOfDenials());
        keks.requireNoneRevoked(all.subList(1, 4), Duration.ofMinutes(3));
        assertThat(keks.told(OwnFault.class)).isEmpty();
    }
}
