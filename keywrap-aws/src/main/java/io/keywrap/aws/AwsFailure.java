package io.keywrap.aws;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** What an exception of the SDK says. */
final class AwsFailure {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.:/+=-]{1,128}");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
    private static final int DEPTH = 32;

    private AwsFailure() {}

    /** The answer of a service that is behind it; null if none came. */
    static @Nullable AwsServiceException answerIn(@Nullable RuntimeException failure) {
        return chain(failure)
                .filter(AwsServiceException.class::isInstance)
                .map(AwsServiceException.class::cast)
                .findFirst()
                .orElse(null);
    }

    /** The exception and its causes. */
    static Stream<Throwable> chain(@Nullable Throwable failure) {
        return Stream.iterate(failure, t -> t != null, Throwable::getCause).limit(DEPTH);
    }

    /** Whether AWS KMS has answered, rather than a service of credentials. */
    static boolean isKms(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        return details == null
                || details.serviceName() == null
                || details.serviceName().equalsIgnoreCase("kms");
    }

    /** The code; empty if there is none. */
    static String code(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        return details == null ? "" : word(details.errorCode());
    }

    /** How long the answer asks to be left alone (RFC 9110, 10.2.3, as seconds); null if it does not say. */
    static @Nullable Duration retryAfter(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        if (details == null || details.sdkHttpResponse() == null) {
            return null;
        }
        return details.sdkHttpResponse()
                .firstMatchingHeader("Retry-After")
                .filter(seconds -> SECONDS.matcher(seconds).matches())
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(null);
    }

    /** The message in lower case; empty if there is none. */
    static String text(RuntimeException e) {
        return e.getMessage() == null ? "" : e.getMessage().toLowerCase(Locale.ROOT);
    }

    /** Codes and request ids are words; whatever else stands there may quote anything, so it is not passed on. */
    static String word(@Nullable String given) {
        return given != null && WORD.matcher(given).matches() ? given : "";
    }
}
