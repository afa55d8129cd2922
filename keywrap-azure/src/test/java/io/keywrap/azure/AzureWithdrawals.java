package io.keywrap.azure;

import io.keywrap.KekRevokedException.Reason;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.testkit.Withdrawal;
import io.keywrap.testkit.Withdrawal.Act;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every way in which Azure lets a customer withdraw a KEK, and the way back. */
final class AzureWithdrawals {
    private AzureWithdrawals() {}

    static List<Withdrawal<WireWorld>> all() {
        return Stream.concat(keys().stream(), access().stream()).toList();
    }

    private static Withdrawal<WireWorld> way(
            String by,
            String name,
            Reason reason,
            String code,
            Act<WireWorld> withdraw,
            @Nullable Act<WireWorld> giveBack) {
        return new Withdrawal<>(by, name, w -> w.kekId, withdraw, giveBack, reason, code);
    }

    private static List<Withdrawal<WireWorld>> keys() {
        return List.of(
                way("disable", "the key", Reason.DISABLED, "KeyDisabled", w -> w.key.disable(), w -> w.key.enable()),
                way(
                        "disable",
                        "the version of the wrap, after a rotation",
                        Reason.DISABLED,
                        "KeyDisabled",
                        w -> {
                            w.key.rotate();
                            w.key.disable(w.key.versions().get(0));
                        },
                        w -> w.key.enable(w.key.versions().get(0))),
                way(
                        "disable",
                        "while wrapping goes on, as was once seen",
                        Reason.DISABLED,
                        "KeyDisabled",
                        w -> {
                            w.emulator.wrapWhileDisabled(true);
                            w.key.disable();
                        },
                        w -> w.key.enable()),
                way(
                        "keyOps",
                        "without unwrapKey",
                        Reason.UNAVAILABLE_BY_CUSTOMER,
                        "KeyOperationForbidden",
                        w -> w.key.keyOps("wrapKey"),
                        w -> w.key.keyOps("wrapKey", "unwrapKey")),
                way(
                        "softDelete",
                        "the key",
                        Reason.PENDING_DELETION,
                        "KeyNotFound",
                        w -> w.key.softDelete(),
                        w -> w.key.recover()),
                way(
                        "softDelete",
                        "where the deleted keys may not be looked at",
                        Reason.PENDING_DELETION,
                        "KeyNotFound",
                        w -> {
                            w.key.softDelete();
                            w.emulator.deny(AzureDenial.managedHsm().on("KeyGetDeleted"));
                        },
                        w -> w.key.recover()),
                way(
                        "purge",
                        "the key",
                        Reason.DELETED,
                        "KeyNotFound",
                        w -> {
                            w.key.softDelete();
                            w.key.purge();
                        },
                        null));
    }

    private static List<Withdrawal<WireWorld>> access() {
        return List.of(
                denial("role assignment removed", "ForbiddenByRbac", AzureDenial::rbac),
                denial("access policy removed", "ForbiddenByPolicy", AzureDenial::policy),
                denial("access policy removed, in older words", "AccessDenied", AzureDenial::oldPolicy),
                denial("role of a Managed HSM removed", "AccessDenied", AzureDenial::managedHsm),
                denial("firewall of the vault closed", "ForbiddenByFirewall", AzureDenial::firewall),
                denial("public access to the vault ended", "ForbiddenByConnection", AzureDenial::connection),
                way(
                        "vaultDeleted",
                        "the whole vault",
                        Reason.DENIED,
                        "VaultNotFound",
                        w -> w.emulator.vaultDeleted(true),
                        w -> w.emulator.vaultDeleted(false)));
    }

    private static Withdrawal<WireWorld> denial(String name, String code, Supplier<AzureDenial> denial) {
        return way("deny", name, Reason.DENIED, code, w -> w.emulator.deny(denial.get()), w -> w.emulator.allow());
    }
}
