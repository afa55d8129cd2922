package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Something that goes wrong with a request, for {@link AzureKeyVaultEmulator#inject}. Requests without a token, which are
 * answered by the challenge, are not affected.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class AzureFault {
    /** What happens to the answer. */
    enum Kind {
        ERROR,
        ANSWER,
        SLOW,
        HANG,
        CUT,
        TRUNCATED,
        FIELD,
        MISSING,
        PADDED
    }

    final Kind kind;
    final int status;
    final String text;
    final Optional<String> field;
    final Duration delay;
    final Map<String, String> headers;
    private final Optional<VaultOperation> operation;
    private final Optional<String> keyName;

    private AzureFault(Kind kind, int status, String text, Duration delay) {
        this(kind, status, text, Optional.empty(), delay, Map.of(), Optional.empty(), Optional.empty());
    }

    private AzureFault(
            Kind kind,
            int status,
            String text,
            Optional<String> field,
            Duration delay,
            Map<String, String> headers,
            Optional<VaultOperation> operation,
            Optional<String> keyName) {
        this.kind = kind;
        this.status = status;
        this.text = text;
        this.field = field;
        this.delay = delay;
        this.headers = headers;
        this.operation = operation;
        this.keyName = keyName;
    }

    /**
     * One request too many: 429, without saying when to come back; {@link #header} says it.
     *
     * @return the fault
     */
    public static AzureFault throttling() {
        return error(429, "Throttled", "", "Request was not processed because too many requests were received.");
    }

    /**
     * An error by its codes. The operation is not done.
     *
     * @param status the HTTP code
     * @param code the {@code error.code}, such as {@code Forbidden}
     * @param innerCode the {@code innererror.code}, such as {@code KeyDisabled}; empty for none
     * @param message the text
     * @return the fault
     */
    public static AzureFault error(int status, String code, String innerCode, String message) {
        String body = new AzureFailure(status, code, innerCode, message).body();
        return new AzureFault(Kind.ERROR, status, body, Duration.ZERO);
    }

    /**
     * A refusal of Entra ID by its number. It is for the operation {@code Token} alone.
     *
     * @param status the HTTP code
     * @param error the OAuth code, such as {@code invalid_client}
     * @param number such as 7000222
     * @param message the text after the number
     * @return the fault
     */
    public static AzureFault aadsts(int status, String error, int number, String message) {
        String body = new EntraFailure(status, error, number, message).body("", Instant.EPOCH);
        return new AzureFault(Kind.ERROR, status, body, Duration.ZERO).on(VaultOperation.TOKEN.logName);
    }

    /**
     * An answer as a proxy may give it, such as HTML, text that is no JSON, or nothing. The operation is not done.
     *
     * @param status the HTTP code
     * @param body the body; empty for none
     * @return the fault
     */
    public static AzureFault answer(int status, String body) {
        return new AzureFault(Kind.ANSWER, status, body, Duration.ZERO);
    }

    /**
     * The operation is done at once and answered late, in real time.
     *
     * @param delay how late
     * @return the fault
     */
    public static AzureFault slow(Duration delay) {
        return new AzureFault(Kind.SLOW, 0, "", delay);
    }

    /**
     * The operation is done, and never answered as long as the emulator runs.
     *
     * @return the fault
     */
    public static AzureFault hanging() {
        return new AzureFault(Kind.HANG, 0, "", Duration.ZERO);
    }

    /**
     * The operation is done, and the connection is cut instead of an answer.
     *
     * @return the fault
     */
    public static AzureFault cut() {
        return new AzureFault(Kind.CUT, 0, "", Duration.ZERO);
    }

    /**
     * The operation is done, and the connection is cut in the middle of the answer.
     *
     * @return the fault
     */
    public static AzureFault truncated() {
        return new AzureFault(Kind.TRUNCATED, 0, "", Duration.ZERO);
    }

    /**
     * The operation is done, and its answer is valid JSON of an absurd size.
     *
     * @param bytes how long, at least
     * @return the fault
     */
    public static AzureFault oversize(int bytes) {
        return new AzureFault(Kind.PADDED, 0, "x".repeat(bytes), Duration.ZERO);
    }

    /**
     * The operation is done, and one field of its answer is another, as of a service that is not to be trusted.
     *
     * @param name such as {@code kid} or {@code value}
     * @param value the text in its place
     * @return the fault
     */
    public static AzureFault wrongField(String name, String value) {
        return new AzureFault(
                Kind.FIELD, 0, value, Optional.of(name), Duration.ZERO, Map.of(), Optional.empty(), Optional.empty());
    }

    /**
     * The operation is done, and its answer has other bytes: too few, too many, those of another DEK, or none.
     *
     * @param bytes in place of the real ones
     * @return the fault
     */
    public static AzureFault wrongValue(byte[] bytes) {
        return wrongField("value", Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /**
     * The operation is done, and one field is missing in its answer.
     *
     * @param name such as {@code kid} or {@code value}
     * @return the fault
     */
    public static AzureFault missingField(String name) {
        return new AzureFault(
                Kind.MISSING, 0, "", Optional.of(name), Duration.ZERO, Map.of(), Optional.empty(), Optional.empty());
    }

    /**
     * The same fault, with another header in its answer, such as {@code Retry-After} with seconds or a date, or
     * {@code x-ms-retry-after-ms}.
     *
     * @param name the header
     * @param value its value
     * @return the changed fault
     */
    public AzureFault header(String name, String value) {
        Map<String, String> all = new TreeMap<>(headers);
        all.put(name, value);
        return new AzureFault(kind, status, text, field, delay, Map.copyOf(all), operation, keyName);
    }

    /**
     * The same fault, for one operation alone.
     *
     * @param name its name in the log of a vault, such as {@code KeyUnwrap}; {@code Token} for that of Entra ID
     * @return the narrower fault
     * @throws IllegalArgumentException if the emulator has no such operation
     */
    public AzureFault on(String name) {
        Optional<VaultOperation> only = Optional.of(VaultOperation.required(name));
        return new AzureFault(kind, status, text, field, delay, headers, only, keyName);
    }

    /**
     * The same fault, for one key alone.
     *
     * @param only the key, whichever version
     * @return the narrower fault
     */
    public AzureFault of(AzureKey only) {
        return new AzureFault(kind, status, text, field, delay, headers, operation, Optional.of(only.name()));
    }

    boolean matches(VaultOperation called, Optional<String> calledKey) {
        return operation.map(called::equals).orElse(true)
                && keyName.map(name -> calledKey.filter(name::equalsIgnoreCase).isPresent())
                        .orElse(true);
    }

    /** Whether the operation is not even done. */
    boolean instead() {
        return kind == Kind.ERROR || kind == Kind.ANSWER;
    }

    String spoil(JsonObject answer) {
        field.ifPresent(answer::remove);
        if (kind == Kind.FIELD || kind == Kind.PADDED) {
            answer.addProperty(field.orElse("padding"), text);
        }
        return answer.toString();
    }

    /**
     * What happens.
     *
     * @return such as {@code AzureFault[ERROR 429]}
     */
    @Override
    public String toString() {
        return "AzureFault[" + kind + (status > 0 ? " " + status : "") + "]";
    }
}
