package io.keywrap.gcp;

import io.keywrap.KekId;
import io.keywrap.emulators.GcpExternalKeyFailure;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.emulators.GcpKmsKeyVersion;
import io.keywrap.emulators.GcpVersionState;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.RevocationContract;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.Withdrawal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each way to withdraw a KEK of Cloud KMS, noticed in time by a monitor over gRPC; and the way back. */
class GcpRevocationTest extends RevocationContract<WireWorld> {
    /** What an owner can do, or what can happen, that withdraws nothing; what outages mean is in GcpAnswersTest. */
    private static final Set<String> HARMLESS = Set.of(
            "enable",
            "ignoreContext",
            "restore",
            "role",
            "set",
            "allow",
            "setPrimary",
            "rotateEvery",
            "externalKeyFailure",
            "PENDING_GENERATION",
            "ENABLED",
            "DISABLED",
            "DESTROYED",
            "DESTROY_SCHEDULED",
            "PENDING_IMPORT",
            "IMPORT_FAILED",
            "GENERATION_FAILED",
            "UNREACHABLE",
            "TIMED_OUT",
            "INVALID_ANSWER",
            "THROTTLED",
            "inject",
            "injectFor",
            "injectAlways",
            "recover",
            "clearEvents",
            "close");

    @Override
    protected WireWorld world() {
        return new WireWorld();
    }

    @Override
    protected ManualTime time(WireWorld world) {
        return world.time;
    }

    @Override
    protected KekId kek(WireWorld world) {
        return world.kekId();
    }

    @Override
    protected KeyProvider provider(WireWorld world) {
        return world.provider;
    }

    @Override
    protected Optional<Instant> delete(WireWorld world, int days) {
        world.key.primary().scheduleDestroy(Duration.ofDays(days));
        return world.key.primary().destroyTime();
    }

    @Override
    protected List<Withdrawal<WireWorld>> ways() {
        return GcpWithdrawals.all();
    }

    @Override
    protected Class<?>[] places() {
        return new Class<?>[] {
            GcpKmsEmulator.class,
            GcpKmsKey.class,
            GcpKmsKeyVersion.class,
            GcpVersionState.class,
            GcpExternalKeyFailure.class
        };
    }

    @Override
    protected Set<String> harmless() {
        return HARMLESS;
    }

    @Test
    void aVersionIsWithdrawnByItself() {
        try (WireWorld world = new WireWorld();
                WatchedKeks keks = watched(world)) {
            WatchedKeks.Kek old = keks.add(world.kekId());
            world.key.rotate();
            WatchedKeks.Kek next = keks.add(world.kekId());
            keks.run(Duration.ofMinutes(2));
            world.key.version(1).disable();
            old.until(KekState.REVOKED, keks.monitor().bound());
            keks.requireNoneRevoked(List.of(next), Duration.ofMinutes(2));
        }
    }
}
