package io.keywrap.azure;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpResponse;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an exception of the SDK says. */
final class AzureFailure {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.:/+=-]{1,128}");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern ENTRA = Pattern.compile("AADSTS\\d{4,8}\\b");

    /** What 32 bytes or more look like in base64url, in which the SDK sends them. */
    private static final Pattern AS_LONG_AS_A_DEK = Pattern.compile("[A-Za-z0-9_-]{43}");

    private static final int DEPTH = 32;

    private AzureFailure() {}

    /** The exception and its causes. */
    static Stream<Throwable> chain(@Nullable Throwable failure) {
        return Stream.iterate(failure, t -> t != null, Throwable::getCause).limit(DEPTH);
    }

    /** The answer of the vault that is behind it; null if none came, or if it is one of another service. */
    static @Nullable HttpResponseException answerIn(RuntimeException failure) {
        return ofCredential(failure) ? null : answerOfAnybodyIn(failure);
    }

    /** The answer of the vault, or of whoever gives out tokens; null if none came. */
    static @Nullable HttpResponseException answerOfAnybodyIn(RuntimeException failure) {
        return chain(failure)
                .filter(HttpResponseException.class::isInstance)
                .map(HttpResponseException.class::cast)
                .filter(e -> e.getResponse() != null)
                .findFirst()
                .orElse(null);
    }

    /** Whether no token was to be had. */
    static boolean ofCredential(Throwable failure) {
        return chain(failure).anyMatch(CredentialFailure.class::isInstance);
    }

    static int status(HttpResponseException answer) {
        return answer.getResponse().getStatusCode();
    }

    /** The code; empty if there is none. */
    static String code(HttpResponseException answer) {
        return word(error(answer).get("code"));
    }

    /** The code within, which says more; empty if there is none. Azure writes {@code innererror} and {@code innerError}. */
    static String innerCode(HttpResponseException answer) {
        return error(answer).entrySet().stream()
                .filter(entry -> "innererror".equalsIgnoreCase(String.valueOf(entry.getKey())))
                .map(entry -> entry.getValue() instanceof Map<?, ?> inner ? word(inner.get("code")) : "")
                .findFirst()
                .orElse("");
    }

    /** The message in lower case; empty if there is none. */
    static String text(HttpResponseException answer) {
        Object message = error(answer).get("message");
        return message instanceof String text ? text.toLowerCase(Locale.ROOT) : "";
    }

    /** The id of the answer; empty if there is none. */
    static String requestId(HttpResponseException answer) {
        return word(answer.getResponse().getHeaderValue(HttpHeaderName.X_MS_REQUEST_ID));
    }

    /** How long the answer asks to be left alone (RFC 9110, 10.2.3, as seconds; or Azure's own, in ms); null if it does not. */
    static @Nullable Duration retryAfter(HttpResponseException answer) {
        HttpResponse response = answer.getResponse();
        return Stream.of(HttpHeaderName.X_MS_RETRY_AFTER_MS, HttpHeaderName.RETRY_AFTER_MS)
                .flatMap(header -> number(response, header).map(Duration::ofMillis).stream())
                .findFirst()
                .or(() -> number(response, HttpHeaderName.RETRY_AFTER).map(Duration::ofSeconds))
                .orElse(null);
    }

    /** The number that Microsoft Entra gives its errors; empty if there is none. It stands in texts alone. */
    static String entraCode(RuntimeException failure) {
        return chain(failure)
                .map(t -> ENTRA.matcher(String.valueOf(t.getMessage())))
                .filter(Matcher::find)
                .map(Matcher::group)
                .findFirst()
                .orElse("");
    }

    /** Whether the network is to blame. HTTP clients that are not the JDK's tell of late answers by a TimeoutException. */
    static boolean ofTheNetwork(RuntimeException failure) {
        return !ofThisMachine(failure)
                && chain(failure).anyMatch(t -> t instanceof IOException || t instanceof TimeoutException);
    }

    /** Whether a file or a certificate is to blame, which does not pass by itself. Java has an IOException for some of it. */
    static boolean ofThisMachine(RuntimeException failure) {
        return chain(failure)
                .anyMatch(t -> t instanceof FileSystemException
                        || t instanceof FileNotFoundException
                        || t instanceof GeneralSecurityException);
    }

    /**
     * Whether its texts cannot quote an answer that came, and with it a DEK: errors of the vault, failures of credentials and of
     * the network. What the SDK says of an answer that it did not understand may have it whole, and an error, of a filter on the
     * way above all, may quote what was sent to be wrapped.
     */
    static boolean mayBeTold(RuntimeException failure) {
        HttpResponseException answer = answerIn(failure);
        if (answer != null) {
            return status(answer) >= 300 && chain(failure).noneMatch(AzureFailure::mayQuoteAKey);
        }
        return ofCredential(failure) || chain(failure).allMatch(AzureFailure::quotesNothing);
    }

    private static boolean mayQuoteAKey(Throwable failure) {
        return AS_LONG_AS_A_DEK.matcher(String.valueOf(failure.getMessage())).find();
    }

    private static boolean quotesNothing(Throwable failure) {
        String name = failure.getClass().getName();
        return failure.getClass() == RuntimeException.class
                || failure.getClass() == InterruptedException.class
                || failure.getClass() == java.io.UncheckedIOException.class
                || failure.getClass() == java.io.EOFException.class
                || failure.getClass() == TimeoutException.class
                || failure.getClass() == AnswerShape.Foreign.class
                || failure.getClass() == IOException.class
                || name.startsWith("java.net.")
                || name.startsWith("java.nio.channels.")
                || name.startsWith("java.security.")
                || name.startsWith("javax.net.ssl.")
                || name.startsWith("sun.security.");
    }

    private static Map<?, ?> error(HttpResponseException answer) {
        return answer.getValue() instanceof Map<?, ?> body && body.get("error") instanceof Map<?, ?> error
                ? error
                : Map.of();
    }

    /** Codes and request ids are words; whatever else stands there may quote anything, so it is not passed on. */
    private static String word(@Nullable Object given) {
        return given instanceof String text && WORD.matcher(text).matches() ? text : "";
    }

    private static Optional<Long> number(HttpResponse response, HttpHeaderName header) {
        return Optional.ofNullable(response.getHeaderValue(header))
                .filter(value -> NUMBER.matcher(value).matches())
                .map(Long::parseLong);
    }
}
