package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.GcpKeySpec;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekState;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.WatchedKeks.Kek;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nobody's KEK is revoked because our service account has lost all that it may do. */
class GcpOwnFaultTest {
    private final EmulatedKms kms = new EmulatedKms();
    private final List<GcpKmsKey> keys = IntStream.range(0, 5)
            .mapToObj(number -> kms.emulator.createKey(GcpKeySpec.software()
                    .inKeyRing("projects/customer-" + number + "/locations/europe-west1/keyRings/backup")))
            .toList();
    private final WatchedKeks keks =
            new WatchedKeks(kms.time, options -> options.register(kms.factory()).cacheDeadline(Duration.ofHours(24)));
    private final List<Kek> all =
            keys.stream().map(key -> keks.add(EmulatedKms.kekId(key.name()))).toList();

    @AfterEach
    void close() {
        keks.close();
        kms.close();
    }

    private void work() {
        all.forEach(Kek::lease);
        keks.run(Duration.ofMinutes(3));
    }

    @Test
    void aServiceAccountThatHasLostAllIsOurFault() {
        work();
        EmulatedKms.PERMISSIONS.forEach(kms.emulator::deny);
        keks.requireNoneRevoked(all, Duration.ofMinutes(5));
        assertThat(all).allSatisfy(kek -> assertThat(kek.standing().state()).isEqualTo(KekState.SUSPECT));
        assertThat(keks.told(OwnFault.class)).hasSize(1);
        EmulatedKms.PERMISSIONS.forEach(kms.emulator::allow);
        all.forEach(kek -> kek.until(KekState.ACTIVE, Duration.ofSeconds(12)));
    }

    @Test
    void oneCustomerWhoDeniesIsRevokedWhileTheOthersWork() {
        work();
        EmulatedKms.PERMISSIONS.forEach(keys.get(0)::deny);
        all.get(0).until(KekState.REVOKED, keks.monitor().boundOfDenials());
        keks.requireNoneRevoked(all.subList(1, 5), Duration.ofMinutes(3));
        assertThat(keks.told(OwnFault.class)).isEmpty();
    }
}
