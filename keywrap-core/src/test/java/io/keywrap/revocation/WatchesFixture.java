package io.keywrap.revocation;

import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KeyProvider.Place;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Watches of KEKs whose answers a test decides. */
abstract class WatchesFixture {
    static final long SECOND = 1_000_000_000L;
    static final long IN_USE = 60 * SECOND;
    static final long IDLE = 300 * SECOND;
    static final long CONFIRMATION = 11 * SECOND / 2;

    final Asker asker = new Asker();
    final VersionInUse version = asker.version("acme");
    Watches watches = watches(20, 20);

    @AfterEach
    void close() {
        asker.close();
    }

    /** In the middle of every jitter and spread. */
    Watches watches(int callsPerSecond, int ofService) {
        return new Watches(Asker.options(callsPerSecond, ofService), () -> Long.MIN_VALUE, asker.providers.states());
    }

    Watch watch(VersionInUse of, String service, long now) {
        return watches.watch(of, new Place(service, of.kekId().uri()), now);
    }

    Watch watch(VersionInUse of) {
        return watch(of, "cloud", 0);
    }

    /** As many more as are named. */
    List<Watch> others(int count, String service) {
        List<Watch> others = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            others.add(watch(asker.version(service + "-" + i), service, 0));
        }
        return others;
    }

    List<VersionInUse> hear(long now) {
        return watches.hear(asker.providers.states().all(), now);
    }

    /** The answer of a canary of this one, whether it is due or not. */
    void landed(Watch watch, long now) {
        watch.canary = Asker.canary(watch.version);
        asker.ask(watch.version);
        watches.landed(watch, true, now);
    }

    List<ServiceOutage> surveyed(long now) {
        int before = asker.told(ServiceOutage.class).size();
        watches.survey(now);
        return asker.told(ServiceOutage.class)
                .subList(before, asker.told(ServiceOutage.class).size());
    }
}
