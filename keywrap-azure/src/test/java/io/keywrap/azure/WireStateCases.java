package io.keywrap.azure;

import static io.keywrap.azure.WireCase.error;
import static io.keywrap.azure.WireCase.failing;
import static io.keywrap.azure.WireCase.ours;
import static io.keywrap.azure.WireCase.outage;
import static io.keywrap.azure.WireCase.revoked;
import static io.keywrap.azure.WireCase.working;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.azure.WireCase.Change;
import io.keywrap.azure.WireRow.Ops;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The cases in which the key itself, or what was wrapped by it, is the matter. */
final class WireStateCases {
    private WireStateCases() {}

    static Stream<WireCase> all() {
        return Stream.of(disabled(), dates(), operations(), deleted(), conflicts(), wraps())
                .flatMap(List::stream);
    }

    private static List<WireCase> disabled() {
        return List.of(
                revoked(WireRow.DISABLED, "by its owner", Reason.DISABLED, "KeyDisabled", w -> w.key.disable())
                        .readable(),
                revoked(WireRow.DISABLED, "while the key may not be read", Reason.DISABLED, "KeyDisabled", w -> {
                            w.key.disable();
                            w.emulator.deny(AzureDenial.rbac().on("KeyGet"));
                        })
                        .on(Ops.CRYPTO),
                revoked(
                                WireRow.DISABLED,
                                "in the version of the wrap alone",
                                Reason.DISABLED,
                                "KeyDisabled",
                                w -> w.key.disable(rotated(w)))
                        .on(Ops.UNWRAPS),
                working(WireRow.DISABLED, "in an older version alone", w -> w.key.disable(rotated(w)))
                        .on(Ops.WRAPS_AND_STATUS),
                working(WireRow.DISABLED, "and enabled again", w -> {
                    w.key.disable();
                    w.key.enable();
                }),
                working(WireRow.WRAP_WHILE_DISABLED, "as was once seen", w -> {
                    w.emulator.wrapWhileDisabled(true);
                    w.key.disable();
                }),
                revoked(WireRow.DISABLED, "and wrapping allowed", Reason.DISABLED, "KeyDisabled", w -> {
                            w.emulator.wrapWhileDisabled(true);
                            w.key.disable();
                        })
                        .on(Ops.UNWRAPS));
    }

    private static String rotated(WireWorld world) {
        String before = world.key.version();
        world.key.rotate();
        return before;
    }

    private static List<WireCase> dates() {
        Change expired = w -> w.key.expiresAt(Optional.of(w.time.now()));
        Change early = w -> w.key.notBefore(Optional.of(w.time.now().plusSeconds(60)));
        Change unreadable = w -> w.emulator.deny(AzureDenial.rbac().on("KeyGet"));
        return List.of(
                revoked(WireRow.EXPIRED, "expired", Reason.EXPIRED, "KeyExpired", expired)
                        .readable()
                        .on(Ops.WRAPS_AND_STATUS),
                revoked(WireRow.EXPIRED, "not yet valid", Reason.EXPIRED, "KeyNotYetValid", early)
                        .readable()
                        .on(Ops.WRAPS_AND_STATUS),
                revoked(WireRow.EXPIRED, "expired, not to be read", Reason.EXPIRED, "KeyExpired", w -> {
                            expired.in(w);
                            unreadable.in(w);
                        })
                        .on(Ops.WRAPS),
                revoked(WireRow.EXPIRED, "not yet valid, not to be read", Reason.EXPIRED, "KeyNotYetValid", w -> {
                            early.in(w);
                            unreadable.in(w);
                        })
                        .on(Ops.WRAPS),
                revoked(WireRow.EXPIRED, "under a code that nobody knows", Reason.EXPIRED, "New", w -> {
                            expired.in(w);
                            w.emulator.injectAlways(AzureFault.error(403, "Forbidden", "New", "no")
                                    .on("KeyWrap"));
                        })
                        .on(Ops.WRAPS),
                working(WireRow.EXPIRED, "expired, and still unwrapping", expired)
                        .on(Ops.UNWRAPS),
                working(WireRow.EXPIRED, "not yet valid, and already unwrapping", early)
                        .on(Ops.UNWRAPS));
    }

    private static List<WireCase> operations() {
        return List.of(
                ours(WireRow.KEY_OPS, "of the key", "KeyOperationForbidden", w -> w.key.keyOps("sign", "verify"))
                        .readable()
                        .on(Ops.WRAPS_AND_STATUS),
                revoked(
                                WireRow.KEY_OPS,
                                "of the key, which worked",
                                Reason.UNAVAILABLE_BY_CUSTOMER,
                                "KeyOperationForbidden",
                                w -> w.key.keyOps("wrapKey"))
                        .on(Ops.UNWRAPS),
                working(WireRow.KEY_OPS, "for wrapping alone", w -> w.key.keyOps("wrapKey"))
                        .on(Ops.WRAPS));
    }

    private static List<WireCase> deleted() {
        return List.of(
                revoked(
                                WireRow.DELETED,
                                "soft-deleted",
                                Reason.PENDING_DELETION,
                                "KeyNotFound",
                                w -> w.key.softDelete())
                        .dated(),
                revoked(
                                WireRow.DELETED,
                                "soft-deleted for a week",
                                Reason.PENDING_DELETION,
                                "KeyNotFound",
                                w -> w.key.softDelete(7))
                        .dated(),
                revoked(WireRow.DELETED, "and nobody may ask", Reason.PENDING_DELETION, "KeyNotFound", w -> {
                            w.key.softDelete();
                            w.emulator.deny(AzureDenial.managedHsm().on("KeyGetDeleted"));
                        })
                        .on(Ops.CRYPTO),
                revoked(WireRow.DELETED, "purged", Reason.DELETED, "KeyNotFound", w -> {
                            w.key.softDelete();
                            w.key.purge();
                        })
                        .on(Ops.ALL),
                revoked(WireRow.DELETED, "purged when its date came", Reason.DELETED, "KeyNotFound", w -> {
                    w.key.softDelete(7);
                    w.time.advance(Duration.ofDays(7).plusSeconds(1));
                }),
                failing(
                        WireRow.DELETED,
                        "purged before it was seen working",
                        KekNotFoundException.class,
                        "KeyNotFound",
                        w -> {
                            w.key.softDelete();
                            w.key.purge();
                            w.callBy(EmulatedVault.token(w.emulator));
                        }),
                failing(
                        WireRow.DELETED,
                        "never there",
                        KekNotFoundException.class,
                        "KeyNotFound",
                        w -> w.callByAnotherName("nobody-s")),
                working(WireRow.DELETED, "and recovered", w -> {
                    w.key.softDelete();
                    w.key.recover();
                }));
    }

    private static List<WireCase> conflicts() {
        return Stream.of("ObjectIsDeletedButRecoverable", "ObjectIsBeingDeleted", "ObjectIsBeingRecovered")
                .map(code -> outage(WireRow.CONFLICT, code, code, error(409, "Conflict", code, "conflict")))
                .toList();
    }

    private static List<WireCase> wraps() {
        return List.of(
                failing(WireRow.WRONG_BYTES, "damaged", InvalidWrappedDekException.class, "BadParameter", w -> {
                    byte[] bytes = w.wrapped.wrappedBytes();
                    bytes[100] ^= 1;
                    w.wrapped = w.relabelled(w.wrapped.kekVersion(), bytes);
                }),
                failing(
                        WireRow.WRONG_BYTES,
                        "of another version",
                        InvalidWrappedDekException.class,
                        "BadParameter",
                        w -> {
                            w.key.rotate();
                            w.wrapped = w.relabelled(w.key.version(), w.wrapped.wrappedBytes());
                        }),
                failing(
                        WireRow.WRONG_BYTES,
                        "of a version that is not there",
                        InvalidWrappedDekException.class,
                        "KeyNotFound",
                        w -> w.wrapped = w.relabelled("0123456789abcdef0123456789abcdef", w.wrapped.wrappedBytes())),
                failing(
                        WireRow.WRONG_BYTES,
                        "of a version that is none",
                        InvalidWrappedDekException.class,
                        null,
                        w -> w.wrapped = w.relabelled("latest", w.wrapped.wrappedBytes())),
                ours(
                        WireRow.PATH,
                        "as Azure words it",
                        "BadParameter",
                        error(400, "BadParameter", "", "Method GET does not allow operation 'kek'")));
    }
}
