package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.store.KeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** One JVM of a vendor's backup product, on a clock that the test moves. Another on the same store is another JVM. */
final class ProductHost implements AutoCloseable {
    final KeychainSeal seal;
    final KeyProviders providers;
    final Keychains keychains;
    final KekMonitor monitor;
    private final ManualTime time;
    private final List<KekEvent> events = new CopyOnWriteArrayList<>();

    ProductHost(
            KeychainStore store,
            KekId vendorKek,
            ManualTime time,
            InFlight inFlight,
            UnaryOperator<KeyProviders.Builder> options) {
        this.time = time;
        this.seal = KeychainSeal.wrappedBy(vendorKek);
        this.providers = options.apply(KeyProviders.builder())
                .time(time)
                .controlKek(vendorKek)
                .listener(events::add)
                .build();
        this.keychains = Keychains.builder(store, providers)
                .seal(seal)
                .inFlight(inFlight)
                .vendorKeks(vendorKek::equals)
                .build();
        this.monitor = KekMonitor.builder(store, providers).seal(seal).build();
    }

    EnvelopeCipher cipher(String keychainId) {
        return EnvelopeCipher.using(keychains.open(keychainId));
    }

    /** What a customer sees of a KEK on the vendor's page. */
    KekState state(KekId kekId) {
        return providers.states().worst(kekId).orElseThrow().state();
    }

    /** Lets time go by with the monitor at work, a second at a time, until it is over or so much has passed. */
    Duration watchUntil(Duration most, BooleanSupplier over) {
        Duration passed = Duration.ZERO;
        monitor.step();
        while (!over.getAsBoolean() && passed.compareTo(most) < 0) {
            time.advance(Duration.ofSeconds(1));
            passed = passed.plusSeconds(1);
            monitor.step();
        }
        return passed;
    }

    <E extends KekEvent> List<E> told(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override
    public void close() {
        monitor.close();
        providers.close();
    }
}
