package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.gax.grpc.GrpcStatusCode;
import com.google.api.gax.httpjson.HttpJsonStatusCode;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.ApiExceptionFactory;
import com.google.api.gax.rpc.ErrorDetails;
import com.google.api.gax.rpc.StatusCode.Code;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.gcp.GcpErrors.Operation;
import io.keywrap.gcp.GcpErrors.Question;
import java.io.IOException;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of errors, with codes that nobody knows. */
class GcpErrorsTest {
    private static final GcpKeyName KEY =
            GcpKeyName.parse("projects/acme-prod/locations/europe-west1/keyRings/r/cryptoKeys/kek");
    private static final String VERSION = KEY + "/cryptoKeyVersions/3";
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "ACME_SECRETIVE");

    /**
     * A failure and what it is.
     *
     * @param type the exception
     * @param reason how the key was withdrawn, if it was
     * @param failure what Google's client throws
     */
    record Row(Class<? extends KekException> type, @Nullable Reason reason, Throwable failure) {
        @Override
        public String toString() {
            return failure + " is " + type.getSimpleName();
        }
    }

    private static Row row(Class<? extends KekException> type, Throwable failure) {
        return new Row(type, null, failure);
    }

    private static Row revoked(Reason reason, Throwable failure) {
        return new Row(KekRevokedException.class, reason, failure);
    }

    static Stream<Row> rows() {
        return Stream.of(states(), external(), denials(), rest()).flatMap(rows -> rows);
    }

    private static Stream<Row> states() {
        String text = VERSION + " is not enabled, current state is: ";
        return Stream.of(
                revoked(Reason.DISABLED, precondition(text + "DISABLED.", "KEY_DISABLED")),
                revoked(Reason.DISABLED, precondition("", "KEY_DISABLED")),
                revoked(Reason.DISABLED, precondition(text + "DISABLED.")),
                revoked(Reason.DELETED, precondition(text + "DESTROYED.", "KEY_DISABLED")),
                revoked(Reason.DELETED, precondition(text + "DESTROYED.", "KEY_NEW")),
                revoked(Reason.DELETED, precondition("", "KEY_DESTROYED")),
                revoked(Reason.PENDING_DELETION, precondition(text + "DESTROY_SCHEDULED.", "KEY_DISABLED")),
                revoked(Reason.PENDING_DELETION, precondition("", "KEY_DESTROY_SCHEDULED")),
                revoked(Reason.DELETED, precondition(text + "PENDING_EXTERNAL_DESTRUCTION.")),
                revoked(Reason.DELETED, precondition(text + "EXTERNAL_DESTRUCTION_FAILED.")),
                row(KekUnreachableException.class, precondition(text + "PENDING_GENERATION.")),
                row(KekConfigurationException.class, precondition(text + "PENDING_IMPORT.")),
                row(KekConfigurationException.class, precondition(text + "IMPORT_FAILED.")),
                row(KekConfigurationException.class, precondition(text + "SOMETHING_NEW.")),
                row(KekConfigurationException.class, precondition(text + "ENABLED.", "KEY_ENABLED")),
                row(KekConfigurationException.class, precondition("The key has the wrong purpose.")));
    }

    private static Stream<Row> external() {
        return Stream.of(
                revoked(Reason.UNAVAILABLE_BY_CUSTOMER, precondition("", "KEY_DISABLED", "EXTERNAL_PERMISSION_DENIED")),
                revoked(Reason.UNAVAILABLE_BY_CUSTOMER, precondition("", "KEY_ENABLED", "EXTERNAL_PERMISSION_DENIED")),
                revoked(Reason.UNAVAILABLE_BY_CUSTOMER, precondition("", "KEY_ENABLED", "EXTERNAL_NOT_FOUND")),
                revoked(Reason.UNAVAILABLE_BY_CUSTOMER, precondition("", "KEY_ENABLED", "EXTERNAL_KEY_DISABLED")),
                revoked(Reason.DISABLED, precondition("", "KEY_DISABLED", "EXTERNAL_TIMEOUT")),
                row(KekConfigurationException.class, precondition("", "KEY_ENABLED", "EXTERNAL_KEY_URI_INVALID")),
                row(KekThrottledException.class, precondition("", "KEY_ENABLED", "EXTERNAL_RESOURCE_EXHAUSTED")),
                row(KekUnreachableException.class, precondition("", "KEY_ENABLED", "EXTERNAL_TIMEOUT")),
                row(KekUnreachableException.class, precondition("", "KEY_ENABLED", "EXTERNAL_SOMETHING_NEW")),
                row(KekUnreachableException.class, precondition("", "EXTERNAL_UNREACHABLE")));
    }

    private static Stream<Row> denials() {
        Stream<Row> ofTheCaller = GcpErrors.OF_THE_CALLER.stream()
                .map(reason -> row(KekConfigurationException.class, answer("PERMISSION_DENIED", "?", reason(reason))));
        return Stream.concat(
                ofTheCaller,
                Stream.of(
                        revoked(Reason.DENIED, answer("PERMISSION_DENIED", "")),
                        revoked(Reason.DENIED, answer("PERMISSION_DENIED", "?", reason("IAM_PERMISSION_DENIED"))),
                        revoked(Reason.DENIED, answer("PERMISSION_DENIED", "?", reason("SECURITY_POLICY_VIOLATED"))),
                        revoked(Reason.DENIED, answer("PERMISSION_DENIED", "?", reason("SOMETHING_NEW"))),
                        row(
                                KekConfigurationException.class,
                                answer("PERMISSION_DENIED", "HTTP status code 403\ninvalid content-type: text/html")),
                        row(KekConfigurationException.class, answer("UNIMPLEMENTED", "HTTP status code 404"))));
    }

    private static Stream<Row> rest() {
        return Stream.of(
                row(
                        InvalidWrappedDekException.class,
                        answer("INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.")),
                row(InvalidWrappedDekException.class, answer("INVALID_ARGUMENT", "")),
                row(InvalidWrappedDekException.class, answer("INVALID_ARGUMENT", "Decryption failed", reason("NEW"))),
                row(KekConfigurationException.class, answer("INVALID_ARGUMENT", "?", reason("API_KEY_INVALID"))),
                row(KekConfigurationException.class, answer("INVALID_ARGUMENT", "?", field("name"))),
                revoked(Reason.DISABLED, answer("INVALID_ARGUMENT", "?", violated("KEY_DISABLED"))),
                row(KekUnreachableException.class, answer("INVALID_ARGUMENT", "?", violated("EXTERNAL_TIMEOUT"))),
                row(KekConfigurationException.class, answer("INVALID_ARGUMENT", "?", violated("NEW_TYPE"))),
                row(KekConfigurationException.class, overHttp(Code.INVALID_ARGUMENT)),
                row(KekConfigurationException.class, overHttp(Code.PERMISSION_DENIED)),
                row(
                        KekUnreachableException.class,
                        new IOException("no client of Cloud KMS", new WireCases.Passing("metadata server: 503"))),
                row(KekNotFoundException.class, answer("NOT_FOUND", "?")),
                row(KekThrottledException.class, answer("RESOURCE_EXHAUSTED", "Quota exceeded")),
                row(
                        KekUnreachableException.class,
                        answer("RESOURCE_EXHAUSTED", "gRPC message exceeds maximum size 4194304: 5000000")),
                row(KekConfigurationException.class, answer("UNAUTHENTICATED", "?")),
                row(KekConfigurationException.class, answer("UNAVAILABLE", "Channel shutdown invoked")),
                row(KekUnreachableException.class, answer("UNAVAILABLE", "HTTP status code 503")),
                row(KekUnreachableException.class, answer("UNAVAILABLE", "?", garbage())),
                row(
                        KekConfigurationException.class,
                        caused("UNAVAILABLE", "io exception", new CertificateException("no path"))),
                row(
                        KekConfigurationException.class,
                        caused("UNAUTHENTICATED", "Failed computing credential metadata", new IOException("400"))),
                row(
                        KekUnreachableException.class,
                        caused(
                                "UNAUTHENTICATED",
                                "Failed computing credential metadata",
                                new ConnectException("refused"))),
                row(
                        KekUnreachableException.class,
                        caused("UNAVAILABLE", "Credentials failed to obtain metadata", new IOException("503"))),
                row(KekConfigurationException.class, new IOException("Your default credentials were not found.")),
                row(KekConfigurationException.class, new IllegalArgumentException("?")),
                row(KekConfigurationException.class, new NoClassDefFoundError("org/conscrypt/Conscrypt")));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyFailureIsOneOfKeywraps(Row row) {
        KekException told = map(row.failure(), Operation.UNWRAP);
        assertThat(told).isExactlyInstanceOf(row.type());
        if (told instanceof KekRevokedException revoked) {
            assertThat(revoked.reason()).isEqualTo(row.reason());
        }
        assertThat(told.operatorAction()).isNotBlank();
        assertThat(told.kekId()).contains(KEY.kekId());
        assertThat(told.getCause())
                .hasMessageContaining(row.failure().getClass().getName())
                .hasCause(row.failure());
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OK", "INVALID_ARGUMENT"})
    void noCodeButOneIsDamagedData(Status.Code code) {
        assertThat(map(answer(code.name(), "?"), Operation.UNWRAP)).isNotInstanceOf(InvalidWrappedDekException.class);
    }

    @ParameterizedTest
    @EnumSource(Status.Code.class)
    void nothingIsDamagedDataWhereNothingIsUnwrapped(Status.Code code) {
        for (Operation operation : List.of(Operation.WRAP, Operation.STATUS)) {
            assertThat(map(answer(code.name(), "?"), operation)).isNotInstanceOf(InvalidWrappedDekException.class);
            assertThat(map(answer(code.name(), "Decryption failed: ?"), operation))
                    .isNotInstanceOf(InvalidWrappedDekException.class);
        }
    }

    @Nested
    class TheVersion {
        @Test
        void isTheOneThatGoogleNames() {
            assertThat(map(precondition("", "KEY_DISABLED"), Operation.WRAP))
                    .hasMessageContaining("version 3 of the key");
            assertThat(map(
                            answer("FAILED_PRECONDITION", VERSION + " is not enabled, current state is: DISABLED."),
                            Operation.WRAP))
                    .hasMessageContaining("version 3 of the key");
        }

        @Test
        void isThatOfTheWrapIfGoogleNamesNoneOrThatOfAnotherKey() {
            PreconditionFailure other = PreconditionFailure.newBuilder()
                    .addViolations(violation(
                            "KEY_DISABLED", VERSION.replace("acme", "evil").replace("/3", "/7")))
                    .build();
            assertThat(map(answer("FAILED_PRECONDITION", "", other), Operation.UNWRAP))
                    .hasMessageContaining("version 3 of the key");
        }
    }

    @Nested
    class ANotFound {
        @Test
        void isDeletedIfItWorkedBefore() {
            Question worked = new Question(KEY, Operation.WRAP, "", true, CONTEXT);
            assertThat(GcpErrors.of(answer("NOT_FOUND", "?"), worked, null))
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.DELETED));
        }
    }

    @Nested
    class TheCode {
        @Test
        void isTheStatusAndTheMostTellingDetail() {
            assertThat(code(precondition("", "KEY_DISABLED", "EXTERNAL_TIMEOUT")))
                    .contains("FAILED_PRECONDITION/EXTERNAL_TIMEOUT");
            assertThat(code(precondition("", "KEY_DISABLED"))).contains("FAILED_PRECONDITION/KEY_DISABLED");
            assertThat(code(answer("PERMISSION_DENIED", "?", reason("NEW")))).contains("PERMISSION_DENIED/NEW");
            assertThat(code(answer("ABORTED", "?"))).contains("ABORTED");
            assertThat(code(new IOException("?"))).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"two words", "a\nb", "<b>"})
        void isAWordOrNothing(String reason) {
            assertThat(code(answer("PERMISSION_DENIED", "?", reason(reason)))).contains("PERMISSION_DENIED");
        }

        @Test
        void tellsNothingOfTheKeyContext() {
            KekException told = map(answer("PERMISSION_DENIED", "?", reason("ACME_SECRETIVE")), Operation.UNWRAP);
            assertThat(told.rawCode()).isEmpty();
            assertThat(map(answer("ABORTED", "'ACME_SECRETIVE'"), Operation.UNWRAP))
                    .hasNoCause();
        }

        private Optional<String> code(Throwable failure) {
            return map(failure, Operation.UNWRAP).rawCode();
        }
    }

    @Nested
    class TheDetails {
        @Test
        void tellTheRequestAndWhenToComeBack() {
            KekException told = map(
                    answer(
                            "RESOURCE_EXHAUSTED",
                            "?",
                            RequestInfo.newBuilder().setRequestId("req-1").build(),
                            wish(3, 500_000_000)),
                    Operation.WRAP);
            assertThat(told.requestId()).contains("req-1");
            assertThat(told.retryAfter()).contains(java.time.Duration.ofMillis(3_500));
        }

        @Test
        void areNoneIfTheyMakeNoSense() {
            assertThat(map(answer("RESOURCE_EXHAUSTED", "?", wish(-5, 0)), Operation.WRAP)
                            .retryAfter())
                    .isEmpty();
            assertThat(map(answer("RESOURCE_EXHAUSTED", "?", wish(Long.MAX_VALUE, 0)), Operation.WRAP)
                            .retryAfter())
                    .isEmpty();
        }
    }

    @Nested
    class ADenial {
        @Test
        void namesThePermissionAndSaysWhatToAskFor() {
            String text =
                    "Permission 'cloudkms.cryptoKeys.get' denied on resource '" + KEY + "' (or it may not exist).";
            assertThat(map(answer("PERMISSION_DENIED", text), Operation.STATUS))
                    .hasMessageContaining("denied: cloudkms.cryptoKeys.get")
                    .hasMessageContaining("roles/cloudkms.viewer");
            assertThat(map(answer("PERMISSION_DENIED", text), Operation.UNWRAP))
                    .hasMessageContaining("roles/cloudkms.cryptoKeyEncrypterDecrypter");
        }
    }

    private static KekException map(Throwable failure, Operation operation) {
        String version = operation == Operation.UNWRAP ? "3" : "";
        return GcpErrors.of(failure, new Question(KEY, operation, version, false, CONTEXT), null);
    }

    static ApiException answer(String code, String text, Message... details) {
        List<Any> packed = Arrays.stream(details)
                .map(detail -> detail instanceof Any any ? any : Any.pack(detail))
                .toList();
        Status.Code status = Status.Code.valueOf(code);
        Throwable cause = status.toStatus().withDescription(text).asRuntimeException();
        return ApiExceptionFactory.createException(
                text,
                cause,
                GrpcStatusCode.of(status),
                false,
                ErrorDetails.builder().setRawErrorMessages(packed).build());
    }

    private static ApiException caused(String code, String text, Throwable cause) {
        Status.Code status = Status.Code.valueOf(code);
        return ApiExceptionFactory.createException(
                text, status.toStatus().withCause(cause).asRuntimeException(), GrpcStatusCode.of(status), false);
    }

    private static ApiException precondition(String text, String... types) {
        return types.length == 0
                ? answer("FAILED_PRECONDITION", text)
                : answer("FAILED_PRECONDITION", text, violated(types));
    }

    private static PreconditionFailure violated(String... types) {
        PreconditionFailure.Builder detail = PreconditionFailure.newBuilder();
        for (String type : types) {
            detail.addViolations(violation(type, VERSION));
        }
        return detail.build();
    }

    /** As the transport tells it that has one code for withdrawn keys and bad requests. */
    private static ApiException overHttp(Code code) {
        return ApiExceptionFactory.createException(
                "Bad Request", new IOException("400"), HttpJsonStatusCode.of(code), false);
    }

    private static PreconditionFailure.Violation violation(String type, String subject) {
        return PreconditionFailure.Violation.newBuilder()
                .setType(type)
                .setSubject(subject)
                .build();
    }

    private static Message reason(String reason) {
        return ErrorInfo.newBuilder()
                .setReason(reason)
                .setDomain("googleapis.com")
                .build();
    }

    static Message field(String name) {
        return BadRequest.newBuilder()
                .addFieldViolations(BadRequest.FieldViolation.newBuilder().setField(name))
                .build();
    }

    private static Message wish(long seconds, int nanos) {
        return RetryInfo.newBuilder()
                .setRetryDelay(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
                .build();
    }

    /** A detail that says what it is and is not. */
    private static Message garbage() {
        return Any.newBuilder()
                .setTypeUrl("type.googleapis.com/google.rpc.PreconditionFailure")
                .setValue(ByteString.copyFromUtf8("\u0001\u0002\u0003"))
                .build();
    }
}
