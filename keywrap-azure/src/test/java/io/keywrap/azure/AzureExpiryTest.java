package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The day on which a key expires ({@code exp}), as the vault tells it over the wire, and a monitor its listener. */
class AzureExpiryTest extends AzureFixture {
    private static final Duration ROUND = Duration.ofSeconds(100);

    private final KekId vendor = EmulatedVault.kekId(vault.emulator.createKey());
    private final List<KekEvent> events = new CopyOnWriteArrayList<>();
    private final KeyProviders providers = KeyProviders.builder()
            .register(vault.factory())
            .time(vault.time())
            .listener(events::add)
            .build();
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private final KeychainSeal seal = KeychainSeal.wrappedBy(vendor);
    private final KekMonitor monitor =
            KekMonitor.builder(store, providers).seal(seal).build();

    @BeforeEach
    void twoKeychainsDependOnIt() {
        Keychains keychains = Keychains.builder(store, providers).seal(seal).build();
        for (String name : List.of("one", "another")) {
            keychains.create(name, spec -> spec.control(EmulatedVault.kekId(key)));
        }
    }

    @AfterEach
    void end() {
        monitor.close();
        providers.close();
    }

    private List<DeadlineNear> told() {
        return events.stream()
                .filter(DeadlineNear.class::isInstance)
                .map(DeadlineNear.class::cast)
                .toList();
    }

    private void watch() {
        for (Duration passed = Duration.ZERO; passed.compareTo(ROUND) < 0; passed = passed.plusSeconds(5)) {
            vault.advance(Duration.ofSeconds(5));
            monitor.step();
        }
    }

    private DeadlineNear on(Instant day) {
        return new DeadlineNear(EmulatedVault.kekId(key), "", Ending.EXPIRY, day, 2, 2);
    }

    @Test
    void isInTheStatus() {
        assertThat(provider.status(deadline()).expires()).isEmpty();
        Instant day = vault.time().now().plus(Duration.ofDays(10));
        key.expiresAt(Optional.of(day));
        assertThat(provider.status(deadline()).expires()).contains(day);
    }

    @Test
    void isToldEarlyAndAgainWithWhatDependsOnIt() {
        Instant day = vault.time().now().plus(Duration.ofDays(10));
        key.expiresAt(Optional.of(day));
        watch();
        assertThat(told()).containsExactly(on(day));
        vault.advance(Duration.ofDays(4));
        watch();
        assertThat(told()).containsExactly(on(day), on(day));
        key.expiresAt(Optional.of(day.plus(Duration.ofDays(365))));
        vault.advance(Duration.ofDays(3));
        watch();
        assertThat(told()).hasSizeGreaterThan(2).last().isEqualTo(on(day.plus(Duration.ofDays(365))));
    }

    @Test
    void isStillHeardOfWithinADayWhereTheKeyWasDisabledMeanwhile() {
        key.disable();
        watch();
        assertThat(told()).isEmpty();
        key.enable();
        Instant day = vault.time().now().plus(Duration.ofDays(10));
        key.expiresAt(Optional.of(day));
        vault.advance(Duration.ofDays(1));
        watch();
        assertThat(told()).containsExactly(on(day));
    }

    @Test
    void forbidsToWrapAndNotToUnwrapWhenItHasCome() {
        key.expiresAt(Optional.of(vault.time().now()));
        watch();
        assertRevoked(Reason.EXPIRED, () -> wrap(provider));
        assertThat(told()).isEmpty();
    }
}
