package io.keywrap.emulators;

import java.time.Duration;
import java.util.Optional;

/**
 * Something that goes wrong with a request, for {@link AwsKmsEmulator#inject}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class AwsFault {
    /** What happens to the answer. */
    enum Kind {
        ERROR,
        ANSWER,
        SLOW,
        CUT,
        TRUNCATED,
        FIELD
    }

    final Kind kind;
    final String code;
    final String text;
    final int status;
    final Duration delay;
    private final Optional<String> operation;
    private final Optional<AwsKmsKey> key;

    private AwsFault(Kind kind, String code, String text, int status, Duration delay) {
        this(kind, code, text, status, delay, Optional.empty(), Optional.empty());
    }

    private AwsFault(
            Kind kind,
            String code,
            String text,
            int status,
            Duration delay,
            Optional<String> operation,
            Optional<AwsKmsKey> key) {
        this.kind = kind;
        this.code = code;
        this.text = text;
        this.status = status;
        this.delay = delay;
        this.operation = operation;
        this.key = key;
    }

    /**
     * One request too many: {@code ThrottlingException}, HTTP 400.
     *
     * @return the fault
     */
    public static AwsFault throttling() {
        return error(
                400,
                "ThrottlingException",
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.");
    }

    /**
     * An error by its code, such as {@code KMSInternalException} or {@code ExpiredTokenException}. The operation is not
     * done.
     *
     * @param status the HTTP code
     * @param code the {@code __type}
     * @param message the text; empty for an error without one
     * @return the fault
     */
    public static AwsFault error(int status, String code, String message) {
        return new AwsFault(Kind.ERROR, code, message, status, Duration.ZERO);
    }

    /**
     * An answer as a proxy may give it: any body, or none. The operation is not done.
     *
     * @param status the HTTP code
     * @param body the body; empty for none
     * @return the fault
     */
    public static AwsFault answer(int status, String body) {
        return new AwsFault(Kind.ANSWER, "", body, status, Duration.ZERO);
    }

    /**
     * The operation is done at once and answered late, in real time.
     *
     * @param delay how late
     * @return the fault
     */
    public static AwsFault slow(Duration delay) {
        return new AwsFault(Kind.SLOW, "", "", 0, delay);
    }

    /**
     * The operation is done, and the connection is cut instead of an answer.
     *
     * @return the fault
     */
    public static AwsFault cut() {
        return new AwsFault(Kind.CUT, "", "", 0, Duration.ZERO);
    }

    /**
     * The operation is done, and the connection is cut in the middle of the answer.
     *
     * @return the fault
     */
    public static AwsFault truncated() {
        return new AwsFault(Kind.TRUNCATED, "", "", 0, Duration.ZERO);
    }

    /**
     * The operation is done, and one field of its answer is another, as of a service that is not to be trusted.
     *
     * @param name such as {@code KeyId} or {@code Plaintext}
     * @param value the text in its place
     * @return the fault
     */
    public static AwsFault wrongField(String name, String value) {
        return new AwsFault(Kind.FIELD, name, value, 0, Duration.ZERO);
    }

    /**
     * The same fault, for one operation alone.
     *
     * @param name such as {@code Decrypt}
     * @return the narrower fault
     */
    public AwsFault on(String name) {
        return new AwsFault(kind, code, text, status, delay, Optional.of(name), key);
    }

    /**
     * The same fault, for requests that name one key in their {@code KeyId}, {@code SourceKeyId} or
     * {@code DestinationKeyId}.
     *
     * @param only the key
     * @return the narrower fault
     */
    public AwsFault of(AwsKmsKey only) {
        return new AwsFault(kind, code, text, status, delay, operation, Optional.of(only));
    }

    boolean matches(KmsRequest request) {
        return operation.map(request.operation()::equals).orElse(true)
                && key.map(k -> k.isNamedBy(request)).orElse(true);
    }

    /**
     * What happens.
     *
     * @return such as {@code AwsFault[ERROR ThrottlingException]}
     */
    @Override
    public String toString() {
        return "AwsFault[" + kind + (code.isEmpty() ? "" : " " + code) + "]";
    }
}
