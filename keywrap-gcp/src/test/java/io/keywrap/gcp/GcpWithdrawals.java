package io.keywrap.gcp;

import io.keywrap.KekRevokedException.Reason;
import io.keywrap.emulators.GcpExternalKeyFailure;
import io.keywrap.emulators.GcpKeySpec;
import io.keywrap.emulators.GcpVersionState;
import io.keywrap.testkit.Withdrawal;
import io.keywrap.testkit.Withdrawal.Act;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every way in which Google lets a customer withdraw a KEK, and the way back. */
final class GcpWithdrawals {
    private static final String PRECONDITION = "FAILED_PRECONDITION";
    private static final String DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt";

    private GcpWithdrawals() {}

    static List<Withdrawal<WireWorld>> all() {
        return Stream.of(versions(), permissions(), external())
                .flatMap(List::stream)
                .toList();
    }

    private static Withdrawal<WireWorld> way(
            String by,
            String name,
            Reason reason,
            String code,
            Act<WireWorld> withdraw,
            @Nullable Act<WireWorld> giveBack) {
        return new Withdrawal<>(by, name, WireWorld::kekId, withdraw, giveBack, reason, code);
    }

    private static List<Withdrawal<WireWorld>> versions() {
        return List.of(
                way(
                        "disable",
                        "the primary version",
                        Reason.DISABLED,
                        PRECONDITION + "/KEY_DISABLED",
                        w -> w.key.primary().disable(),
                        w -> w.key.primary().enable()),
                way(
                        "disable",
                        "an old version",
                        Reason.DISABLED,
                        PRECONDITION + "/KEY_DISABLED",
                        w -> {
                            w.key.rotate();
                            w.key.version(1).disable();
                        },
                        w -> w.key.version(1).enable()),
                way(
                        "scheduleDestroy",
                        "in the usual time",
                        Reason.PENDING_DELETION,
                        PRECONDITION + "/KEY_DESTROY_SCHEDULED",
                        w -> w.key.primary().scheduleDestroy(),
                        w -> {
                            w.key.primary().restore();
                            w.key.primary().enable();
                        }),
                way(
                        "scheduleDestroy",
                        "where the version may not be looked at",
                        Reason.PENDING_DELETION,
                        PRECONDITION + "/KEY_DESTROY_SCHEDULED",
                        w -> {
                            w.key.primary().scheduleDestroy(Duration.ofDays(7));
                            w.key.deny("cloudkms.cryptoKeyVersions.get");
                        },
                        w -> {
                            w.key.primary().restore();
                            w.key.primary().enable();
                        }),
                way(
                        "destroyNow",
                        "for good",
                        Reason.DELETED,
                        PRECONDITION + "/KEY_DESTROYED",
                        w -> w.key.primary().destroyNow(),
                        null),
                destroyed(GcpVersionState.PENDING_EXTERNAL_DESTRUCTION),
                destroyed(GcpVersionState.EXTERNAL_DESTRUCTION_FAILED));
    }

    private static Withdrawal<WireWorld> destroyed(GcpVersionState state) {
        return way(
                state.name(),
                "in the external key manager",
                Reason.DELETED,
                PRECONDITION + "/KEY_" + state.name(),
                w -> w.key.primary().set(state),
                null);
    }

    private static List<Withdrawal<WireWorld>> permissions() {
        return List.of(
                way(
                        "deny",
                        "every permission on the key",
                        Reason.DENIED,
                        "PERMISSION_DENIED",
                        w -> EmulatedKms.PERMISSIONS.forEach(w.key::deny),
                        w -> EmulatedKms.PERMISSIONS.forEach(w.key::allow)),
                way(
                        "deny",
                        "to decrypt alone",
                        Reason.DENIED,
                        "PERMISSION_DENIED",
                        w -> w.key.deny(DECRYPT),
                        w -> w.key.allow(DECRYPT)),
                way(
                        "deny",
                        "in the whole project",
                        Reason.DENIED,
                        "PERMISSION_DENIED",
                        w -> w.emulator.deny(DECRYPT),
                        w -> w.emulator.allow(DECRYPT)));
    }

    private static List<Withdrawal<WireWorld>> external() {
        return Stream.of(
                        GcpExternalKeyFailure.KEY_PERMISSION_DENIED,
                        GcpExternalKeyFailure.SERVICE_PERMISSION_DENIED,
                        GcpExternalKeyFailure.KEY_NOT_FOUND)
                .map(failure -> new Withdrawal<WireWorld>(
                        failure.name(),
                        "in the external key manager",
                        w -> {
                            w.use(GcpKeySpec.external());
                            return w.kekId();
                        },
                        w -> w.key.externalKeyFailure(Optional.of(failure)),
                        w -> {
                            w.key.externalKeyFailure(Optional.empty());
                            w.key.primary().enable(); // Google has disabled it, if access was denied.
                        },
                        Reason.UNAVAILABLE_BY_CUSTOMER,
                        PRECONDITION + "/" + failure.domain()))
                .toList();
    }
}
