package io.keywrap.gcp;

import com.google.api.gax.grpc.GrpcStatusCode;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.ErrorDetails;
import com.google.api.gax.rpc.StatusCode;
import com.google.auth.Retryable;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.PreconditionFailure.Violation;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import io.keywrap.gcp.GcpErrors.Question;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an exception of Google's client says: its status, and the details of the status (google.rpc, error_details.proto). */
final class GcpFailure {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.:/+=-]{1,128}");
    private static final Pattern STATE = Pattern.compile("current state is: ([A-Z_]{1,64})");
    private static final Pattern VERSION = Pattern.compile("projects/\\S{1,300}/cryptoKeyVersions/\\d{1,19}");
    private static final long MOST_SECONDS = Duration.ofDays(1).toSeconds();
    private static final int MOST_VIOLATIONS = 16;
    private static final int DEPTH = 32;

    private final Throwable failure;
    private final @Nullable ApiException answer;

    GcpFailure(Throwable failure) {
        this.failure = failure;
        this.answer = chain(failure)
                .filter(ApiException.class::isInstance)
                .map(ApiException.class::cast)
                .findFirst()
                .orElse(null);
    }

    Throwable failure() {
        return failure;
    }

    /** The status; null if Google's client has failed in another way. */
    StatusCode.@Nullable Code status() {
        return answer == null || answer.getStatusCode() == null
                ? null
                : answer.getStatusCode().getCode();
    }

    /** Whether its status is that of gRPC, and not one that was made of an HTTP status alone. */
    boolean isOfGrpc() {
        return answer != null && answer.getStatusCode() instanceof GrpcStatusCode;
    }

    /** The message in lower case; empty if there is none. */
    String text() {
        Throwable speaking = answer == null ? failure : answer;
        return speaking.getMessage() == null ? "" : speaking.getMessage().toLowerCase(Locale.ROOT);
    }

    /** The message as it is. */
    String message() {
        return answer == null ? "" : String.valueOf(answer.getMessage());
    }

    /** Which preconditions fail, in order. */
    List<Violation> violations() {
        PreconditionFailure detail = detail(ErrorDetails::getPreconditionFailure);
        return detail == null
                ? List.of()
                : detail.getViolationsList().stream().limit(MOST_VIOLATIONS).toList();
    }

    /** The type of what the customer's own key manager did; empty if it was not asked, or did nothing. */
    String external() {
        return types("EXTERNAL_").findFirst().orElse("");
    }

    /** Whether a version is in a state that does not allow the call. */
    boolean isOfKeyState() {
        return types("KEY_").findAny().isPresent() || text().contains("is not enabled");
    }

    /**
     * The state of the version. {@code KEY_DISABLED} is the one type that is known to be used, perhaps for other states too,
     * so a state that the text tells goes before it.
     */
    CryptoKeyVersionState state() {
        CryptoKeyVersionState byType = types("KEY_")
                .map(type -> state(type.substring("KEY_".length())))
                .findFirst()
                .orElse(CryptoKeyVersionState.UNRECOGNIZED);
        if (byType != CryptoKeyVersionState.UNRECOGNIZED && byType != CryptoKeyVersionState.DISABLED) {
            return byType;
        }
        Matcher inText = STATE.matcher(message());
        CryptoKeyVersionState byText = inText.find() ? state(inText.group(1)) : CryptoKeyVersionState.UNRECOGNIZED;
        return byText == CryptoKeyVersionState.UNRECOGNIZED ? byType : byText;
    }

    /** The version of the key that it is about; that of the question if it names none. */
    String version(Question question) {
        Matcher inText = VERSION.matcher(message());
        return Stream.concat(
                        violations().stream().map(Violation::getSubject),
                        inText.find() ? Stream.of(inText.group()) : Stream.empty())
                .flatMap(name -> question.key().versionIn(name).stream())
                .findFirst()
                .orElse(question.version());
    }

    /** The status, and after a slash the most telling of its details; empty if there is no status. */
    String code() {
        StatusCode.Code status = status();
        String word = word(detail());
        return status == null ? "" : status.name() + (word.isEmpty() ? "" : "/" + word);
    }

    /** Whether no token came for the credentials. */
    boolean isOfCredentials() {
        return text().contains("failed computing credential metadata")
                || text().contains("credentials failed to obtain metadata")
                || inChain(t -> t instanceof Retryable || t.getClass().getName().startsWith("com.google.auth."));
    }

    private String detail() {
        return Stream.of(types("EXTERNAL_"), types(""), Stream.of(reason()))
                .flatMap(types -> types)
                .findFirst()
                .orElse("");
    }

    private Stream<String> types(String prefix) {
        return violations().stream().map(Violation::getType).filter(type -> type.startsWith(prefix));
    }

    private static CryptoKeyVersionState state(String name) {
        try {
            return CryptoKeyVersionState.valueOf(name);
        } catch (IllegalArgumentException e) {
            return CryptoKeyVersionState.UNRECOGNIZED;
        }
    }

    /** The reason of an {@code ErrorInfo}, such as {@code SERVICE_DISABLED}; empty if there is none. */
    String reason() {
        ErrorInfo detail = detail(ErrorDetails::getErrorInfo);
        return detail == null ? "" : detail.getReason();
    }

    /** Whether a field of the request is what the answer complains about. */
    boolean complainsAbout(Predicate<String> field) {
        BadRequest detail = detail(ErrorDetails::getBadRequest);
        return detail != null
                && detail.getFieldViolationsList().stream()
                        .limit(MOST_VIOLATIONS)
                        .anyMatch(one -> field.test(one.getField()));
    }

    /** The id of the request; empty if the answer has none. */
    String requestId() {
        RequestInfo detail = detail(ErrorDetails::getRequestInfo);
        return detail == null ? "" : word(detail.getRequestId());
    }

    /** How long the answer asks to be left alone; null if it does not say. */
    @Nullable
    Duration retryAfter() {
        RetryInfo detail = detail(ErrorDetails::getRetryInfo);
        if (detail == null || !detail.hasRetryDelay()) {
            return null;
        }
        long seconds = detail.getRetryDelay().getSeconds();
        return seconds < 0 || seconds > MOST_SECONDS
                ? null
                : Duration.ofSeconds(seconds, Math.max(0, detail.getRetryDelay().getNanos()));
    }

    boolean inChain(Predicate<Throwable> what) {
        return chain(failure).anyMatch(what);
    }

    /** The exception and its causes. */
    static Stream<Throwable> chain(Throwable failure) {
        return Stream.iterate(failure, t -> t != null, Throwable::getCause).limit(DEPTH);
    }

    /** Whatever is not a word may quote anything, so it is not passed on. */
    static String word(String given) {
        return WORD.matcher(given).matches() ? given : "";
    }

    /** A detail that cannot be read is none. */
    private <M extends Message> @Nullable M detail(Function<ErrorDetails, @Nullable M> which) {
        ErrorDetails details = answer == null ? null : answer.getErrorDetails();
        try {
            return details == null ? null : which.apply(details);
        } catch (RuntimeException e) {
            return null;
        }
    }
}
