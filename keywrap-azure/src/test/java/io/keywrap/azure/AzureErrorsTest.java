package io.keywrap.azure;

import static io.keywrap.azure.SdkFailures.answer;
import static io.keywrap.azure.SdkFailures.credential;
import static io.keywrap.azure.SdkFailures.map;
import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.exception.HttpResponseException;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.azure.AzureErrors.Operation;
import io.keywrap.azure.AzureErrors.Question;
import io.keywrap.azure.SecondLook.Finding;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every code, status and exception chain, known or not, is one of keywrap's exceptions. */
class AzureErrorsTest {
    private static final KekId KEK = KekId.of("azure-kms://https://acme.vault.azure.net/keys/kek");
    private static final Question UNWRAP = new Question(KEK, Operation.UNWRAP, false);
    private static final Question WRAP = new Question(KEK, Operation.WRAP, false);
    private static final Question WORKED = new Question(KEK, Operation.UNWRAP, true);

    /**
     * A row of the table, the same for every operation.
     *
     * @param status the HTTP status
     * @param code the outer code, empty for a body that has none
     * @param inner the inner code
     * @param text the message
     * @param type what it is to keywrap
     * @param reason how it was withdrawn, if it was
     */
    record Row(
            int status,
            String code,
            String inner,
            String text,
            Class<? extends KekException> type,
            @Nullable Reason reason) {
        static Row of(int status, String code, String inner, Class<? extends KekException> type) {
            return new Row(status, code, inner, "some text", type, null);
        }

        static Row revoked(int status, String code, String inner, Reason reason) {
            return new Row(status, code, inner, "some text", KekRevokedException.class, reason);
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                Row.revoked(403, "Forbidden", "KeyDisabled", Reason.DISABLED),
                Row.of(403, "Forbidden", "KeyOperationForbidden", KekConfigurationException.class),
                Row.revoked(403, "Forbidden", "ForbiddenByRbac", Reason.DENIED),
                Row.revoked(403, "Forbidden", "ForbiddenByPolicy", Reason.DENIED),
                Row.revoked(403, "Forbidden", "AccessDenied", Reason.DENIED),
                Row.revoked(403, "AccessDenied", "", Reason.DENIED),
                Row.revoked(403, "Forbidden", "ForbiddenByFirewall", Reason.DENIED),
                Row.revoked(403, "Forbidden", "ForbiddenByConnection", Reason.DENIED),
                Row.revoked(403, "Forbidden", "SomethingNew", Reason.DENIED),
                Row.revoked(403, "Forbidden", "", Reason.DENIED),
                Row.of(403, "", "", KekConfigurationException.class),
                Row.revoked(404, "VaultNotFound", "", Reason.DENIED),
                Row.revoked(404, "", "", Reason.DENIED),
                Row.of(404, "KeyNotFound", "", KekNotFoundException.class),
                Row.of(409, "Conflict", "ObjectIsDeletedButRecoverable", KekUnreachableException.class),
                Row.of(409, "Conflict", "ObjectIsBeingDeleted", KekUnreachableException.class),
                Row.of(409, "Conflict", "ObjectIsBeingRecovered", KekUnreachableException.class),
                Row.of(409, "", "", KekUnreachableException.class),
                Row.of(401, "Unauthorized", "", KekConfigurationException.class),
                new Row(401, "Unauthorized", "", "AKV10032: Invalid issuer.", KekConfigurationException.class, null),
                Row.of(401, "", "", KekConfigurationException.class),
                Row.of(429, "Throttled", "", KekThrottledException.class),
                Row.of(429, "", "", KekThrottledException.class),
                Row.of(408, "", "", KekUnreachableException.class),
                Row.of(500, "InternalServerError", "", KekUnreachableException.class),
                Row.of(502, "", "", KekUnreachableException.class),
                Row.of(503, "ServiceUnavailable", "", KekUnreachableException.class),
                Row.of(504, "", "", KekUnreachableException.class),
                Row.of(599, "", "", KekUnreachableException.class),
                Row.of(400, "SomethingNew", "", KekConfigurationException.class),
                Row.of(400, "", "", KekConfigurationException.class),
                Row.of(402, "", "", KekConfigurationException.class),
                Row.of(405, "", "", KekConfigurationException.class),
                Row.of(410, "", "", KekConfigurationException.class),
                Row.of(302, "", "", KekConfigurationException.class),
                Row.of(201, "", "", KekConfigurationException.class));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void areMappedByTheirCodes(Row row) {
        for (Operation operation : Operation.values()) {
            KekException mapped = AzureErrors.of(
                    answer(row.status, row.code, row.inner, row.text),
                    new Question(KEK, operation, false),
                    SecondLook.NOTHING);
            assertThat(mapped).isExactlyInstanceOf(row.type);
            if (row.reason != null) {
                assertThat(((KekRevokedException) mapped).reason()).isEqualTo(row.reason);
            }
            assertThat(mapped.kekId()).contains(KEK);
            assertThat(mapped.operatorAction()).isNotBlank();
            String code = row.inner.isEmpty() ? row.code : row.inner;
            assertThat(mapped.rawCode().orElse("")).isEqualTo(code);
            assertThat(mapped.requestId()).contains("request-1");
        }
    }

    @Nested
    class BadParameter {
        @Test
        void isAWrapOfAnotherKeyWhereOneIsUnwrapped() {
            assertThat(map(answer(400, "BadParameter", "", "Error occurred while decoding OAEP padding."), UNWRAP))
                    .isInstanceOf(InvalidWrappedDekException.class);
        }

        @Test
        void isOurOwnMistakeElsewhere() {
            for (Operation other : new Operation[] {Operation.WRAP, Operation.STATUS}) {
                assertThat(map(answer(400, "BadParameter", "", "x"), new Question(KEK, other, true)))
                        .isInstanceOf(KekConfigurationException.class);
            }
            assertThat(map(answer(400, "BadParameter", "", "Method GET does not allow operation 'x'"), UNWRAP))
                    .isInstanceOf(KekConfigurationException.class);
        }
    }

    @Nested
    class ASecondLook {
        @ParameterizedTest
        @CsvSource({"DISABLED,DISABLED", "EXPIRED,EXPIRED", "NOT_YET_VALID,EXPIRED", "USABLE,DENIED", "NOTHING,DENIED"})
        void decidesOnADenialThatNobodyKnows(Finding finding, Reason reason) {
            assertThat(AzureErrors.of(answer(403, "Forbidden", "New", "x"), WRAP, SecondLook.of(finding)))
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            e -> assertThat(e.reason()).isEqualTo(reason));
        }

        @ParameterizedTest
        @CsvSource({"GONE,DELETED", "NO_SUCH_VERSION,DELETED", "NOTHING,PENDING_DELETION"})
        void decidesOnAKeyThatWorkedAndIsNotThere(Finding finding, Reason reason) {
            assertThat(AzureErrors.of(answer(404, "KeyNotFound", "", "x"), WORKED, SecondLook.of(finding)))
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            e -> assertThat(e.reason()).isEqualTo(reason));
        }

        @Test
        void tellsADeletionThatCanBeUndone() {
            OffsetDateTime purge = OffsetDateTime.parse("2026-12-01T00:00:00Z");
            for (Question question : new Question[] {UNWRAP, WORKED}) {
                assertThat(AzureErrors.of(answer(404, "KeyNotFound", "", "x"), question, SecondLook.softDeleted(purge)))
                        .isInstanceOfSatisfying(KekRevokedException.class, e -> {
                            assertThat(e.reason()).isEqualTo(Reason.PENDING_DELETION);
                            assertThat(e.deletion()).contains(purge.toInstant());
                        });
            }
        }

        @ParameterizedTest
        @CsvSource({
            "403,KeyDisabled,NOTHING",
            "403,ForbiddenByRbac,NOTHING",
            "403,ForbiddenByFirewall,NOTHING",
            "403,New,STATE",
            "404,KeyNotFound,DELETION",
            "404,VaultNotFound,DELETION",
            "401,Unauthorized,NOTHING",
            "429,Throttled,NOTHING",
            "500,New,NOTHING"
        })
        void isTakenWhereItCanTellMore(int status, String code, SecondLook.Subject subject) {
            assertThat(AzureErrors.openQuestion(answer(status, code, "", "x"), Operation.UNWRAP))
                    .isEqualTo(subject);
        }
    }

    static Stream<RuntimeException> outages() {
        return Stream.of(
                new UncheckedIOException(new ConnectException()),
                new UncheckedIOException(new HttpTimeoutException("request timed out")),
                new UncheckedIOException(new EOFException()),
                new UncheckedIOException(new SSLHandshakeException("closed")),
                new UncheckedIOException(new IOException("HTTP/1.1 header parser received no bytes")),
                unresolved(),
                new RuntimeException(new InterruptedException()),
                new NullPointerException(),
                new IllegalArgumentException("Illegal base64 character"),
                new IllegalStateException("Unexpected token"),
                new ArrayIndexOutOfBoundsException());
    }

    static UncheckedIOException unresolved() {
        ConnectException unresolved = new ConnectException();
        unresolved.initCause(new UnresolvedAddressException());
        return new UncheckedIOException(unresolved);
    }

    @ParameterizedTest
    @MethodSource("outages")
    void isAnOutageIfNoAnswerCame(RuntimeException failure) {
        assertThat(map(failure, WORKED)).isInstanceOf(KekUnreachableException.class);
    }

    @Nested
    class AVaultWithoutAddress {
        @Test
        void isLookedUpAgain() {
            assertThat(AzureErrors.openQuestion(unresolved(), Operation.UNWRAP)).isEqualTo(SecondLook.Subject.HOST);
            assertThat(AzureErrors.openQuestion(
                            new UncheckedIOException(new UnknownHostException("x")), Operation.WRAP))
                    .isEqualTo(SecondLook.Subject.HOST);
            assertThat(AzureErrors.openQuestion(credential(unresolved()), Operation.WRAP))
                    .isEqualTo(SecondLook.Subject.NOTHING);
        }

        @Test
        void isADenialIfTheNameServiceIsWell() {
            assertThat(AzureErrors.of(unresolved(), WORKED, SecondLook.of(Finding.NO_SUCH_HOST)))
                    .isInstanceOfSatisfying(KekRevokedException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.DENIED);
                        assertThat(e.presumed()).isTrue();
                    });
        }
    }

    @Test
    void aCertificateThatIsNotTrustedIsOurOwn() {
        SSLHandshakeException refused = new SSLHandshakeException("PKIX path building failed");
        refused.initCause(new CertificateException());
        assertThat(map(new UncheckedIOException(refused), WORKED)).isInstanceOf(KekConfigurationException.class);
    }

    @Test
    void aRefusalOfTheSdkIsOurOwn() {
        assertThat(map(new RuntimeException("The challenge resource does not match the requested domain."), WORKED))
                .isInstanceOf(KekConfigurationException.class);
    }

    @Nested
    class AWishToBeLeftAlone {
        @ParameterizedTest
        @CsvSource({
            "Retry-After,7,PT7S",
            "Retry-After,999999999,PT999999999S",
            "retry-after-ms,1500,PT1.5S",
            "x-ms-retry-after-ms,250,PT0.25S",
            "Retry-After,'Fri, 13 Nov 2026 00:00:00 GMT',",
            "Retry-After,99999999999999999999,",
            "Retry-After,-1,"
        })
        void isPassedOn(String header, String value, @Nullable Duration wish) {
            KekException mapped = map(answer(429, "", "", "", Map.of(header, value)), UNWRAP);
            assertThat(mapped.retryAfter().orElse(null)).isEqualTo(wish);
        }
    }

    @Nested
    class TheCause {
        @Test
        void isKeptWithItsText() {
            RuntimeException failure = answer(403, "Forbidden", "KeyDisabled", "disabled");
            assertThat(map(failure, UNWRAP).getCause())
                    .isInstanceOf(SdkFailure.class)
                    .hasCause(failure);
        }

        @Test
        void isLeftOutIfItMayQuoteAnAnswerThatHoldsAKey() {
            String body = "{\"kid\":\"x\",\"value\":\"c2VjcmV0\"}";
            assertThat(map(answer(201, "", "", body), UNWRAP)).hasNoCause();
            assertThat(map(new UncheckedIOException(new com.fasterxml.jackson.core.JsonParseException(body)), UNWRAP))
                    .isInstanceOf(KekUnreachableException.class)
                    .hasNoCause()
                    .hasMessageNotContaining("c2VjcmV0");
            assertThat(map(new IllegalArgumentException(body), UNWRAP)).hasNoCause();
        }

        @Test
        void doesNotTellCodesThatAreNoWords() {
            assertThat(map(answer(403, "a b", "c\nd", "x"), UNWRAP).rawCode()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Finding.class)
    void aStateIsRefusedByTheStatusOnlyIfItForbidsAnything(Finding finding) {
        KekException refusal = AzureErrors.ofState(SecondLook.of(finding), UNWRAP);
        switch (finding) {
            case DISABLED, EXPIRED, NOT_YET_VALID -> assertThat(refusal).isInstanceOf(KekRevokedException.class);
            default -> assertThat(refusal).isNull();
        }
    }

    /** Whatever a vault, or a filter on the way to it, writes into an error: what was sent to be wrapped may be in it. */
    @Test
    void thatQuoteWhatWasSentAreNotTold() {
        String sent = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k";
        for (String text : new String[] {"invalid value '" + sent + "'", "{\"value\":\"" + sent + sent + "\"}", sent}) {
            KekException mapped = map(answer(400, "BadParameter", "", text), WRAP);
            assertThat(mapped)
                    .isExactlyInstanceOf(KekConfigurationException.class)
                    .hasNoCause();
            assertThat(mapped.rawCode()).contains("BadParameter");
            assertThat(map(answer(403, "", "", text), WRAP)).hasNoCause();
        }
        String url = "no operation at https://acme.vault.azure.net/keys/kek/0123456789abcdef0123456789abcdef";
        assertThat(map(answer(400, "BadParameter", "", url), WRAP)).hasCauseInstanceOf(SdkFailure.class);
    }

    /** Azure writes the name of the code within in both ways. */
    @Test
    void haveTheirCodeWithinInBothSpellings() {
        for (String name : new String[] {"innererror", "innerError"}) {
            HttpResponseException both = new HttpResponseException(
                    "x",
                    answer(403, "", "", "").getResponse(),
                    Map.of("error", Map.of("code", "Forbidden", name, Map.of("code", "KeyDisabled"))));
            assertThat(map(both, UNWRAP))
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.DISABLED));
        }
    }

    /** What has expired still unwraps, so that an unwrap is refused has another reason. */
    @Test
    void ofAnUnwrapAreNotOfExpiryWhateverTheySay() {
        assertThat(map(answer(403, "Forbidden", "New", "the role assignment has expired"), UNWRAP))
                .isInstanceOfSatisfying(
                        KekRevokedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
    }

    @Test
    void ofTheServiceAreOutagesWhateverTheirCode() {
        for (int status : new int[] {500, 502, 503}) {
            assertThat(map(answer(status, "BadParameter", "", "x"), UNWRAP))
                    .isExactlyInstanceOf(KekUnreachableException.class);
        }
    }

    @Test
    void areKnownByTheirOuterCodeIfTheInnerOneIsNew() {
        assertThat(map(answer(404, "KeyNotFound", "New", "x"), UNWRAP)).isExactlyInstanceOf(KekNotFoundException.class);
        assertThat(map(answer(400, "BadParameter", "New", "x"), UNWRAP))
                .isExactlyInstanceOf(InvalidWrappedDekException.class);
        assertThat(map(answer(403, "AccessDenied", "New", "x"), UNWRAP).rawCode())
                .contains("New");
    }

    /** HTTP clients that are not the JDK's tell of a time that is over in this way. */
    @Test
    void ofAnswersThatAreLateAreOutages() {
        assertThat(map(new RuntimeException(new TimeoutException("no item within 4000ms")), UNWRAP))
                .isExactlyInstanceOf(KekUnreachableException.class);
    }
}
