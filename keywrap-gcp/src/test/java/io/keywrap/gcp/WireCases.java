package io.keywrap.gcp;

import static io.keywrap.gcp.WireCase.always;
import static io.keywrap.gcp.WireCase.invalid;
import static io.keywrap.gcp.WireCase.notFound;
import static io.keywrap.gcp.WireCase.ours;
import static io.keywrap.gcp.WireCase.outage;
import static io.keywrap.gcp.WireCase.revoked;
import static io.keywrap.gcp.WireCase.throttled;

import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponseException;
import com.google.api.gax.core.NoCredentialsProvider;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.emulators.GcpExternalKeyFailure;
import io.keywrap.emulators.GcpFault;
import io.keywrap.emulators.GcpKeySpec;
import io.keywrap.emulators.GcpVersionState;
import io.keywrap.gcp.WireRow.Op;
import io.keywrap.gcp.WireRow.Ops;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.stream.Stream;

/** How each row comes about. */
final class WireCases {
    private static final String PRECONDITION = "FAILED_PRECONDITION";

    private WireCases() {}

    static Stream<WireCase> all() {
        return Stream.of(states(), access(), wraps(), external(), faults(), credentials(), unknown())
                .flatMap(cases -> cases);
    }

    private static Stream<WireCase> states() {
        return Stream.of(
                revoked(
                        WireRow.DISABLED,
                        "of the primary, which is that of the wrap",
                        Reason.DISABLED,
                        PRECONDITION + "/KEY_DISABLED",
                        w -> w.key.primary().disable()),
                revoked(WireRow.DISABLED, "of an old version", Reason.DISABLED, PRECONDITION + "/KEY_DISABLED", w -> {
                            w.key.rotate();
                            w.key.version(1).disable();
                        })
                        .on(Ops.UNWRAP),
                revoked(
                                WireRow.DESTROY_SCHEDULED,
                                "with its date",
                                Reason.PENDING_DELETION,
                                PRECONDITION + "/KEY_DESTROY_SCHEDULED",
                                w -> w.key.primary().scheduleDestroy())
                        .withDate(),
                revoked(
                                WireRow.DESTROY_SCHEDULED,
                                "to a caller who may not look",
                                Reason.PENDING_DELETION,
                                PRECONDITION + "/KEY_DESTROY_SCHEDULED",
                                w -> {
                                    w.key.primary().scheduleDestroy();
                                    w.key.deny("cloudkms.cryptoKeyVersions.get");
                                })
                        .on(Ops.UNWRAP),
                revoked(
                        WireRow.DESTROYED,
                        "at once",
                        Reason.DELETED,
                        PRECONDITION + "/KEY_DESTROYED",
                        w -> w.key.primary().destroyNow()),
                outage(
                        WireRow.PENDING,
                        "being made",
                        PRECONDITION + "/KEY_PENDING_GENERATION",
                        w -> w.key.primary().set(GcpVersionState.PENDING_GENERATION)),
                ours(
                        WireRow.PENDING,
                        "not imported",
                        PRECONDITION + "/KEY_PENDING_IMPORT",
                        w -> w.key.primary().set(GcpVersionState.PENDING_IMPORT)),
                ours(
                        WireRow.FAILED,
                        "import",
                        PRECONDITION + "/KEY_IMPORT_FAILED",
                        w -> w.key.primary().set(GcpVersionState.IMPORT_FAILED)),
                ours(
                        WireRow.FAILED,
                        "generation",
                        PRECONDITION + "/KEY_GENERATION_FAILED",
                        w -> w.key.primary().set(GcpVersionState.GENERATION_FAILED)));
    }

    private static Stream<WireCase> access() {
        return Stream.of(
                revoked(
                        WireRow.DENIED,
                        "permission removed",
                        Reason.DENIED,
                        "PERMISSION_DENIED",
                        w -> EmulatedKms.PERMISSIONS.forEach(w.key::deny)),
                revoked(WireRow.DENIED, "hides that nothing is there", Reason.DENIED, "PERMISSION_DENIED", w -> {
                    w.useNone();
                    EmulatedKms.PERMISSIONS.forEach(w.emulator::deny);
                }),
                notFound(WireRow.ABSENT, "never seen working", WireWorld::useNone),
                revoked(
                        WireRow.ABSENT,
                        "seen working before",
                        Reason.DELETED,
                        "NOT_FOUND",
                        w -> w.emulator.injectAlways(
                                GcpFault.error("NOT_FOUND", "CryptoKey " + w.key.name() + " not found."))),
                ours(
                                WireRow.PURPOSE,
                                "message authentication",
                                PRECONDITION,
                                w -> w.useUntried(GcpKeySpec.software().withPurpose("MAC")))
                        .on(Ops.CRYPTO),
                ours(
                                WireRow.PURPOSE,
                                "as it is described",
                                null,
                                w -> w.useUntried(GcpKeySpec.software().withPurpose("MAC")))
                        .on(EnumSet.of(Op.STATUS)),
                ours(
                        WireRow.API_DISABLED,
                        "with its reason",
                        "PERMISSION_DENIED/SERVICE_DISABLED",
                        always(GcpFault.serviceDisabled())),
                ours(
                        WireRow.API_DISABLED,
                        "as it was told before",
                        PRECONDITION,
                        always(GcpFault.error(
                                PRECONDITION,
                                "Cloud Key Management Service (KMS) API has not been used in project 1"))));
    }

    private static Stream<WireCase> wraps() {
        return Stream.of(
                invalid(WireRow.OTHER_KEY, "of the same ring", w -> {
                    byte[] bytes = w.wrapped.wrappedBytes();
                    w.use(GcpKeySpec.software());
                    w.wrapped = io.keywrap.WrappedDek.builder(w.id, w.kekId())
                            .kekVersion("1")
                            .build(w.wrapped.algorithm(), bytes);
                }),
                invalid(
                        WireRow.CIPHERTEXT,
                        "another key context",
                        w -> w.context = EncryptionContext.ofDek(
                                "another", w.id, EncryptionContext.of("tenant", WireWorld.SECRET_VALUE))),
                invalid(WireRow.CIPHERTEXT, "damaged bytes", w -> {
                    byte[] bytes = w.wrapped.wrappedBytes();
                    bytes[bytes.length - 1] ^= 1;
                    w.wrapped = io.keywrap.WrappedDek.builder(w.id, w.kekId())
                            .kekVersion("1")
                            .build(w.wrapped.algorithm(), bytes);
                }));
    }

    private static Stream<WireCase> external() {
        return Stream.of(GcpExternalKeyFailure.values()).map(WireCases::external);
    }

    private static WireCase external(GcpExternalKeyFailure failure) {
        WireCase.Change change = w -> {
            w.use(GcpKeySpec.external());
            w.key.externalKeyFailure(Optional.of(failure));
        };
        String name = failure.name();
        String code = PRECONDITION + "/" + failure.domain();
        return switch (failure) {
            case KEY_PERMISSION_DENIED, SERVICE_PERMISSION_DENIED, KEY_NOT_FOUND ->
                revoked(WireRow.EXTERNAL, name, Reason.UNAVAILABLE_BY_CUSTOMER, code, change);
            case THROTTLED -> throttled(WireRow.EXTERNAL, name, code, change);
            default -> outage(WireRow.EXTERNAL, name, code, change);
        };
    }

    private static Stream<WireCase> faults() {
        WireRow row = WireRow.FAULT;
        return Stream.of(
                throttled(WireRow.QUOTA, "without a wish", "RESOURCE_EXHAUSTED", always(GcpFault.quota())),
                throttled(
                        WireRow.QUOTA,
                        "with a wish",
                        "RESOURCE_EXHAUSTED",
                        always(GcpFault.quota(Duration.ofSeconds(7)))),
                outage(row, "unavailable", "UNAVAILABLE", always(GcpFault.unavailable())),
                outage(row, "internal", "INTERNAL", always(GcpFault.internal())),
                outage(row, "deadline", "DEADLINE_EXCEEDED", always(GcpFault.deadlineExceeded())),
                outage(row, "no answer in time", "DEADLINE_EXCEEDED", w -> {
                    w.budget = Duration.ofMillis(300);
                    w.emulator.injectAlways(GcpFault.silent());
                }),
                outage(row, "connection cut", "UNAVAILABLE", always(GcpFault.cut())),
                outage(
                        row,
                        "no such host",
                        "UNAVAILABLE",
                        w -> w.callBy(NoCredentialsProvider.create(), "kms.invalid:443")),
                outage(row, "nobody there", "UNAVAILABLE", w -> {
                    String nobody = w.emulator.endpoint();
                    w.emulator.close();
                    w.callBy(NoCredentialsProvider.create(), nobody);
                }));
    }

    private static Stream<WireCase> credentials() {
        WireRow row = WireRow.CREDENTIALS;
        return Stream.of(
                ours(row, "not accepted", "UNAUTHENTICATED/ACCESS_TOKEN_EXPIRED", always(GcpFault.unauthenticated())),
                ours(
                        row,
                        "refused by who gives tokens",
                        "UNAUTHENTICATED",
                        w -> w.callByCredentials(
                                new IOException("Error getting access token", refusedGrant("Account not found")))),
                ours(
                        row,
                        "a wrong clock",
                        "UNAUTHENTICATED",
                        w -> w.callByCredentials(new IOException(
                                "Error getting access token",
                                refusedGrant("Token must be a short-lived token (60 minutes) and in a reasonable"
                                        + " timeframe")))),
                outage(
                        row,
                        "who gives tokens cannot be reached",
                        "UNAUTHENTICATED",
                        w -> w.callByCredentials(new IOException(
                                "Error getting access token", new UnknownHostException("oauth2.googleapis.com")))),
                outage(
                        row,
                        "who gives tokens fails for a while",
                        "UNAVAILABLE",
                        w -> w.callByCredentials(new Passing("Error getting access token"))));
    }

    /** What google-auth fails with where it may be tried again. */
    static final class Passing extends IOException implements com.google.auth.Retryable {
        private static final long serialVersionUID = 1L;

        Passing(String message) {
            super(message);
        }

        @Override
        public boolean isRetryable() {
            return true;
        }

        @Override
        public int getRetryCount() {
            return 3;
        }
    }

    private static IOException refusedGrant(String why) {
        return new HttpResponseException.Builder(400, "Bad Request", new HttpHeaders())
                .setContent("{\"error\":\"invalid_grant\",\"error_description\":\"" + why + "\"}")
                .build();
    }

    private static Stream<WireCase> unknown() {
        WireRow row = WireRow.UNKNOWN;
        return Stream.of(
                ours(
                        row,
                        "403 of a proxy",
                        "PERMISSION_DENIED",
                        always(GcpFault.error(
                                "PERMISSION_DENIED", "HTTP status code 403\ninvalid content-type: text/html"))),
                outage(row, "like 500", "UNKNOWN", always(GcpFault.error("UNKNOWN", "?"))),
                outage(row, "data loss", "DATA_LOSS", always(GcpFault.error("DATA_LOSS", "?"))),
                outage(row, "aborted", "ABORTED", always(GcpFault.error("ABORTED", "?"))),
                ours(row, "no such method", "UNIMPLEMENTED", always(GcpFault.error("UNIMPLEMENTED", "?"))),
                ours(row, "out of range", "OUT_OF_RANGE", always(GcpFault.error("OUT_OF_RANGE", "?"))),
                ours(
                        row,
                        "a precondition",
                        PRECONDITION + "/NEW_TYPE",
                        always(GcpFault.error(PRECONDITION, "?").withViolation("NEW_TYPE", "?"))),
                ours(
                        row,
                        "a state",
                        PRECONDITION + "/KEY_NEW_STATE",
                        w -> w.emulator.injectAlways(GcpFault.error(PRECONDITION, "?")
                                .withViolation("KEY_NEW_STATE", w.key.name() + "/cryptoKeyVersions/9"))),
                revoked(
                        row,
                        "a reason to deny",
                        Reason.DENIED,
                        "PERMISSION_DENIED/NEW_REASON",
                        always(GcpFault.error("PERMISSION_DENIED", "?").withReason("NEW_REASON"))),
                ours(row, "an argument", "INVALID_ARGUMENT", always(GcpFault.error("INVALID_ARGUMENT", "?")))
                        .on(EnumSet.complementOf(EnumSet.of(Op.UNWRAP))));
    }
}
