package io.keywrap.emulators;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Something that goes wrong with a request, for {@link GcpKmsEmulator#inject}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class GcpFault {
    /** What happens to the answer. */
    enum Kind {
        ERROR,
        SLOW,
        CUT,
        TRUNCATED,
        SILENT,
        MISSING,
        DAMAGED_REQUEST,
        LIE
    }

    final Kind kind;
    final Status status;
    final Duration delay;
    final UnaryOperator<Message> lie;
    private final String name;
    private final Optional<String> operation;
    private final Optional<String> resource;

    private GcpFault(
            Kind kind,
            String name,
            Status status,
            Duration delay,
            UnaryOperator<Message> lie,
            Optional<String> operation,
            Optional<String> resource) {
        this.kind = kind;
        this.name = name;
        this.status = status;
        this.delay = delay;
        this.lie = lie;
        this.operation = operation;
        this.resource = resource;
    }

    private static GcpFault of(Kind kind, String name, Status status, Duration delay) {
        return new GcpFault(kind, name, status, delay, UnaryOperator.identity(), Optional.empty(), Optional.empty());
    }

    private static GcpFault of(Kind kind) {
        return of(kind, "", Status.getDefaultInstance(), Duration.ZERO);
    }

    static GcpFault lie(String name, UnaryOperator<Message> lie) {
        return new GcpFault(
                Kind.LIE, name, Status.getDefaultInstance(), Duration.ZERO, lie, Optional.empty(), Optional.empty());
    }

    /**
     * An error by the name of its code. The operation is not done.
     *
     * @param code such as {@code INTERNAL}, {@code UNAVAILABLE} or {@code DATA_LOSS}
     * @param message the text; empty for an error without one
     * @return the fault
     * @throws IllegalArgumentException if gRPC has no such code, or it is {@code OK}
     */
    public static GcpFault error(String code, String message) {
        if (code.equals(Code.OK.name())) {
            throw new IllegalArgumentException("OK is not an error");
        }
        return of(Kind.ERROR, code, GcpFailure.status(Code.valueOf(code), message), Duration.ZERO);
    }

    /**
     * One request too many: {@code RESOURCE_EXHAUSTED}, without a word of when to come back.
     *
     * @return the fault
     */
    public static GcpFault quota() {
        return error(
                "RESOURCE_EXHAUSTED",
                "Quota exceeded for quota metric 'Cryptographic requests' and limit 'Cryptographic requests per minute'"
                        + " of service 'cloudkms.googleapis.com'.");
    }

    /**
     * One request too many: {@code RESOURCE_EXHAUSTED}, with {@code RetryInfo}.
     *
     * @param retryAfter when to come back
     * @return the fault
     */
    public static GcpFault quota(Duration retryAfter) {
        return quota().with(RetryInfo.newBuilder()
                .setRetryDelay(StoredKey.proto(retryAfter))
                .build());
    }

    /**
     * The service is not there for now: {@code UNAVAILABLE}.
     *
     * @return the fault
     */
    public static GcpFault unavailable() {
        return error("UNAVAILABLE", "The service is currently unavailable.");
    }

    /**
     * The service has failed: {@code INTERNAL}.
     *
     * @return the fault
     */
    public static GcpFault internal() {
        return error("INTERNAL", "Internal error encountered.");
    }

    /**
     * The service itself did not make it in time: {@code DEADLINE_EXCEEDED}.
     *
     * @return the fault
     */
    public static GcpFault deadlineExceeded() {
        return error("DEADLINE_EXCEEDED", "The request has timed out.");
    }

    /**
     * Credentials that are not accepted: {@code UNAUTHENTICATED}.
     *
     * @return the fault
     */
    public static GcpFault unauthenticated() {
        return error("UNAUTHENTICATED", "Request had invalid authentication credentials.")
                .withReason("ACCESS_TOKEN_EXPIRED");
    }

    /**
     * A project in which Cloud KMS is not switched on: {@code PERMISSION_DENIED} with the reason {@code SERVICE_DISABLED}.
     *
     * @return the fault
     */
    public static GcpFault serviceDisabled() {
        return error(
                        "PERMISSION_DENIED",
                        "Cloud Key Management Service (KMS) API has not been used in this project before or it is disabled.")
                .withReason("SERVICE_DISABLED");
    }

    /**
     * The operation is done at once and answered late, in real time.
     *
     * @param delay how late
     * @return the fault
     */
    public static GcpFault slow(Duration delay) {
        return of(Kind.SLOW, "", Status.getDefaultInstance(), delay);
    }

    /**
     * The operation is done and never answered; the connection stays.
     *
     * @return the fault
     */
    public static GcpFault silent() {
        return of(Kind.SILENT);
    }

    /**
     * The operation is done, and the connection is reset instead of an answer, with all other requests on it.
     *
     * @return the fault
     */
    public static GcpFault cut() {
        return of(Kind.CUT);
    }

    /**
     * The operation is done, and the connection ends between the message of the answer and its status.
     *
     * @return the fault
     */
    public static GcpFault truncated() {
        return of(Kind.TRUNCATED);
    }

    /**
     * The operation is done, and the answer is a status of OK without any message.
     *
     * @return the fault
     */
    public static GcpFault missing() {
        return of(Kind.MISSING);
    }

    /**
     * A bit of the plaintext or ciphertext flips on the way to the service, which sees that the checksum is wrong; a client
     * that sends no checksum has the wrong bytes encrypted.
     *
     * @return the fault
     */
    public static GcpFault damagedRequest() {
        return of(Kind.DAMAGED_REQUEST);
    }

    /**
     * The same error, with an {@code ErrorInfo} of the domain {@code googleapis.com}.
     *
     * @param reason such as {@code SERVICE_DISABLED}
     * @return the fault with more details
     */
    public GcpFault withReason(String reason) {
        return with(ErrorInfo.newBuilder()
                .setReason(reason)
                .setDomain("googleapis.com")
                .putMetadata("service", "cloudkms.googleapis.com")
                .build());
    }

    /**
     * The same error, with a {@code PreconditionFailure} of one violation.
     *
     * @param type such as {@code KEY_DISABLED}
     * @param subject what it is about
     * @return the fault with more details
     */
    public GcpFault withViolation(String type, String subject) {
        return with(PreconditionFailure.newBuilder()
                .addViolations(
                        PreconditionFailure.Violation.newBuilder().setType(type).setSubject(subject))
                .build());
    }

    private GcpFault with(Message detail) {
        Status more = status.toBuilder().addDetails(Any.pack(detail)).build();
        return new GcpFault(kind, name, more, delay, lie, operation, resource);
    }

    /**
     * The same fault, for one operation alone.
     *
     * @param method such as {@code Decrypt}
     * @return the narrower fault
     */
    public GcpFault on(String method) {
        return new GcpFault(kind, name, status, delay, lie, Optional.of(method), resource);
    }

    /**
     * The same fault, for requests about one key or its versions.
     *
     * @param key the key
     * @return the narrower fault
     */
    public GcpFault of(GcpKmsKey key) {
        return new GcpFault(kind, name, status, delay, lie, operation, Optional.of(key.name()));
    }

    boolean matches(String method, String name) {
        return operation.map(method::equals).orElse(true)
                && resource.map(key -> name.equals(key) || name.startsWith(key + "/"))
                        .orElse(true);
    }

    /**
     * What happens.
     *
     * @return such as {@code GcpFault[ERROR UNAVAILABLE]}
     */
    @Override
    public String toString() {
        return "GcpFault[" + kind + (name.isEmpty() ? "" : " " + name) + "]";
    }
}
