package io.keywrap.revocation;

import io.keywrap.CallPurpose;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Providers alone, and calls of them, so that there are standings to look at. */
final class Asker implements AutoCloseable {
    final ManualTime time = new ManualTime();
    final Cloud cloud = new Cloud("cloud", time);
    final List<KekEvent> events = new CopyOnWriteArrayList<>();
    final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .listener(events::add)
            .register(cloud)
            .register(new Cloud("vendor", time))
            .build();

    static Canary canary(VersionInUse of) {
        return canary("tenant-1", of);
    }

    static Canary canary(String keychainId, VersionInUse of) {
        WrappedDek wrapped = WrappedDek.builder(DekId.random(), of.kekId())
                .kekVersion(of.version())
                .build("COPY", new byte[32]);
        return new Canary(keychainId, wrapped, EncryptionContext.of("a", "b"));
    }

    static MonitorOptions options() {
        return options(20, 20);
    }

    static MonitorOptions options(int callsPerSecond, int ofService) {
        return new MonitorOptions(
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofMinutes(15),
                Duration.ofSeconds(30),
                callsPerSecond,
                ofService,
                8,
                true);
    }

    VersionInUse version(String name) {
        return new VersionInUse(cloud.kek(name), "1");
    }

    /** Unwraps something, whatever comes of it, and tells how the KEK stands. */
    KekStanding ask(VersionInUse version) {
        Canary canary = canary(version);
        try {
            providers
                    .provider(version.kekId())
                    .unwrap(canary.wrapped(), canary.keyContext(), providers.deadline(CallPurpose.CANARY))
                    .close();
        } catch (KekException e) {
            // The states have heard of it.
        }
        return standing(version);
    }

    KekStanding standing(VersionInUse version) {
        KekId kekId = version.kekId();
        return providers.states().of(kekId, version.version(), Operation.UNWRAP).orElseThrow();
    }

    <E extends KekEvent> List<E> told(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override
    public void close() {
        providers.close();
    }
}
