package io.keywrap.revocation;

import io.keywrap.CallPurpose;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor.Builder;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** What one JVM of a vendor's has: providers, keychains, a monitor, and a list of what it was told. */
final class Jvm implements AutoCloseable {
    static final KekId SEAL = KekId.of("vendor:seal");

    final List<KekEvent> events = new CopyOnWriteArrayList<>();
    final KeyProviders providers;
    final Keychains keychains;
    final KekMonitor monitor;

    Jvm(KeychainStore store, ManualTime time, long seed, Consumer<Builder> options, KeyProvider.Factory... clouds) {
        KeyProviders.Builder builder = KeyProviders.builder().time(time).listener(event -> {
            boolean call = event instanceof KekEvent.CallBegun || event instanceof CallEnded;
            if (!call || (event instanceof CallEnded ended && ended.purpose() == CallPurpose.CANARY)) {
                events.add(event);
            }
        });
        for (KeyProvider.Factory cloud : clouds) {
            builder.register(cloud);
        }
        providers = builder.build();
        KeychainSeal seal = KeychainSeal.wrappedBy(SEAL);
        keychains = Keychains.builder(store, providers).seal(seal).build();
        Builder monitoring = KekMonitor.builder(store, providers).seal(seal).random(new Random(seed));
        options.accept(monitoring);
        monitor = monitoring.build();
    }

    KekState state(KekId kekId) {
        return providers.states().all().stream()
                .filter(standing -> standing.kekId().equals(kekId) && standing.operation() == Operation.UNWRAP)
                .map(KekStanding::state)
                .findFirst()
                .orElse(KekState.ACTIVE);
    }

    <E extends KekEvent> List<E> told(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    long canaries(KekId kekId) {
        return told(CallEnded.class).stream()
                .filter(call -> call.kekId().equals(kekId) && call.operation() == Operation.UNWRAP)
                .count();
    }

    @Override
    public void close() {
        monitor.close();
        providers.close();
    }
}
