package io.keywrap.aws;

import static io.keywrap.aws.SdkFailures.client;
import static io.keywrap.aws.SdkFailures.kms;
import static io.keywrap.aws.SdkFailures.map;
import static io.keywrap.aws.SdkFailures.sts;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.aws.AwsErrors.Question;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KmsException;

/** Every code, status and exception chain, known or not, is one of keywrap's exceptions. */
class AwsErrorsTest {
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final KekId KEK = KekId.of("aws-kms://" + ARN);
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme-secretive");
    private static final Question NEW = new Question(KEK, false, false, false, CONTEXT);
    private static final Question WORKED = new Question(KEK, false, true, false, CONTEXT);
    private static final String HIDDEN =
            "User: arn:aws:sts::999988887777:assumed-role/v/s is not authorized to perform:"
                    + " kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based"
                    + " policies allow access, or a resource-based policy explicitly denies access";
    private static final String XKS = "The external key store proxy rejected the request because ";

    /**
     * A row of the table.
     *
     * @param code what AWS says, null where it says nothing
     * @param status the HTTP status
     * @param text the message
     * @param type what it is to keywrap
     * @param reason how it was withdrawn, if it was
     */
    record Row(
            @Nullable String code,
            int status,
            @Nullable String text,
            Class<? extends KekException> type,
            @Nullable Reason reason) {
        static Row of(String code, int status, String text, Class<? extends KekException> type) {
            return new Row(code, status, text, type, null);
        }

        static Row revoked(String code, int status, String text, Reason reason) {
            return new Row(code, status, text, KekRevokedException.class, reason);
        }

        static Row state(String text, Reason reason) {
            return revoked("KMSInvalidStateException", 400, text, reason);
        }

        static Row state(String text, Class<? extends KekException> type) {
            return of("KMSInvalidStateException", 400, text, type);
        }

        static Row plain(String code, int status, Class<? extends KekException> type) {
            return of(code, status, "some text", type);
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                Row.revoked("DisabledException", 400, ARN + " is disabled.", Reason.DISABLED),
                Row.revoked("DisabledException", 400, null, Reason.DISABLED),
                Row.revoked("DisabledException", 400, ARN + " is pending deletion.", Reason.PENDING_DELETION),
                Row.state(ARN + " is pending deletion.", Reason.PENDING_DELETION),
                Row.state(ARN + " is pending replica deletion.", Reason.PENDING_DELETION),
                Row.state(ARN + " is pending import.", Reason.UNAVAILABLE_BY_CUSTOMER),
                Row.state(ARN + " is unavailable.", Reason.UNAVAILABLE_BY_CUSTOMER),
                Row.state(ARN + " is disabled.", Reason.DISABLED),
                Row.state(ARN + " is creating.", KekUnreachableException.class),
                Row.state("anything new", KekUnreachableException.class),
                Row.state(null, KekUnreachableException.class),
                Row.state(
                        XKS + "the external key is not enabled in the external key manager.",
                        Reason.UNAVAILABLE_BY_CUSTOMER),
                Row.state(XKS + "it could not find the external key.", Reason.UNAVAILABLE_BY_CUSTOMER),
                Row.state(
                        "The external key store proxy denied access to the operation.", Reason.UNAVAILABLE_BY_CUSTOMER),
                Row.state(
                        XKS
                                + "the specified ciphertext or additional authenticated data is corrupted, missing, or invalid.",
                        InvalidWrappedDekException.class),
                Row.state(XKS + "the external key store proxy did not respond in time.", KekUnreachableException.class),
                Row.state(
                        "AWS KMS cannot communicate with the external key store proxy.", KekUnreachableException.class),
                Row.state("The proxy is temporarily unavailable due to throttling.", KekThrottledException.class),
                Row.state(
                        "The external key store proxy rejected the request due to a very high request rate.",
                        KekThrottledException.class),
                Row.state(
                        XKS + "the external key does not support the requested operation.",
                        Reason.UNAVAILABLE_BY_CUSTOMER),
                Row.of("NotFoundException", 400, "Key '" + ARN + "' does not exist", KekNotFoundException.class),
                Row.revoked("AccessDeniedException", 400, HIDDEN, Reason.DENIED),
                Row.revoked("AccessDeniedException", 400, null, Reason.DENIED),
                Row.of(
                        "AccessDeniedException",
                        400,
                        "User: x is not authorized to perform: kms:Decrypt on resource: " + ARN
                                + " because no identity-based policy allows the kms:Decrypt action",
                        KekConfigurationException.class),
                Row.of(
                        "AccessDeniedException",
                        400,
                        "… because no session policy allows the kms:Decrypt action",
                        KekConfigurationException.class),
                Row.of(
                        "AccessDeniedException",
                        400,
                        "… because no VPC endpoint policy allows the kms:Decrypt action",
                        KekConfigurationException.class),
                Row.of(
                        "AccessDeniedException",
                        400,
                        "… with an explicit deny in a service control policy",
                        KekConfigurationException.class),
                Row.revoked("AccessDeniedException", 400, "… in a resource control policy", Reason.DENIED),
                Row.revoked(
                        "AccessDeniedException",
                        400,
                        "… no identity-based policy and no resource-based policy allows it",
                        Reason.DENIED),
                Row.plain("IncorrectKeyException", 400, InvalidWrappedDekException.class),
                Row.of("InvalidCiphertextException", 400, null, InvalidWrappedDekException.class),
                Row.plain("InvalidKeyUsageException", 400, KekConfigurationException.class),
                Row.plain("ValidationException", 400, KekConfigurationException.class),
                Row.plain("InvalidArnException", 400, KekConfigurationException.class),
                Row.plain("LimitExceededException", 400, KekConfigurationException.class),
                Row.plain("UnsupportedOperationException", 400, KekConfigurationException.class),
                Row.plain("ThrottlingException", 400, KekThrottledException.class),
                Row.plain("TooManyRequestsException", 429, KekThrottledException.class),
                new Row(null, 429, null, KekThrottledException.class, null),
                Row.plain("KeyUnavailableException", 500, KekUnreachableException.class),
                Row.plain("KMSInternalException", 500, KekUnreachableException.class),
                Row.plain("DependencyTimeoutException", 500, KekUnreachableException.class),
                Row.plain("DependencyTimeoutException", 400, KekUnreachableException.class),
                new Row(null, 503, null, KekUnreachableException.class, null),
                new Row(null, 408, null, KekUnreachableException.class, null),
                Row.plain("ExpiredTokenException", 400, KekConfigurationException.class),
                Row.plain("UnrecognizedClientException", 400, KekConfigurationException.class),
                Row.plain("InvalidSignatureException", 403, KekConfigurationException.class),
                Row.plain("IncompleteSignatureException", 400, KekConfigurationException.class),
                Row.plain("MissingAuthenticationTokenException", 400, KekConfigurationException.class),
                new Row(null, 401, null, KekConfigurationException.class, null),
                new Row(null, 403, null, KekConfigurationException.class, null),
                new Row(null, 400, null, KekConfigurationException.class, null),
                new Row(null, 301, null, KekConfigurationException.class, null),
                Row.plain("SomethingNewException", 400, KekConfigurationException.class),
                Row.plain("SomethingNewException", 500, KekUnreachableException.class),
                Row.revoked("SomethingNewException", 403, "some text", Reason.DENIED));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyAnswerIsOneOfKeywraps(Row row) {
        KekException mapped = AwsErrors.of(kms(row.code(), row.status(), row.text()), NEW, null);
        assertThat(mapped).isExactlyInstanceOf(row.type());
        assertThat(mapped.kekId()).contains(KEK);
        assertThat(mapped.rawCode()).isEqualTo(Optional.ofNullable(row.code()));
        assertThat(mapped.requestId()).contains("request-1");
        assertThat(mapped.operatorAction()).isNotBlank().doesNotEndWith(".").isNotEqualTo("see the cause");
        if (mapped instanceof KekRevokedException revoked) {
            assertThat(revoked.reason()).isEqualTo(row.reason());
        }
    }

    @Nested
    class AKeyThatIsNotThere {
        @Test
        void isDeletedIfItWorkedBefore() {
            KekRevokedException gone = (KekRevokedException) map(notFound("Key '" + ARN + "' does not exist"), WORKED);
            assertThat(gone.reason()).isEqualTo(Reason.DELETED);
            assertThat(gone.recoverable()).isFalse();
        }

        @Test
        void isNotDeletedIfAnEndpointOfAnotherRegionSaysSo() {
            assertThat(map(notFound("Invalid arn us-east-1"), WORKED)).isInstanceOf(KekNotFoundException.class);
        }

        @Test
        void isNotDeletedIfItsAliasIsGone() {
            Question alias = new Question(KEK, true, true, false, CONTEXT);
            assertThat(map(notFound("Alias " + ARN + " is not found."), alias))
                    .isInstanceOf(KekNotFoundException.class);
        }

        private KmsException notFound(String text) {
            return kms("NotFoundException", 400, text);
        }
    }

    @Nested
    class TheStateThatIsToldAfterwards {
        @Test
        void tellsTheDateOfADeletion() {
            Instant date = Instant.parse("2027-01-01T00:00:00Z");
            KeyMetadata state = KeyMetadata.builder()
                    .keyState(KeyState.PENDING_DELETION)
                    .deletionDate(date)
                    .build();
            KekException mapped = AwsErrors.of(kms("DisabledException", 400, "x"), NEW, state);
            assertThat(((KekRevokedException) mapped).deletion()).contains(date);
            assertThat(mapped)
                    .hasMessageContaining(date.truncatedTo(ChronoUnit.SECONDS).toString());
            assertThat(mapped.rawCode()).contains("DisabledException");
        }

        @Test
        void makesADenialCertain() {
            KeyMetadata state =
                    KeyMetadata.builder().keyState(KeyState.DISABLED).build();
            KekException mapped = AwsErrors.of(kms("AccessDeniedException", 400, HIDDEN), NEW, state);
            assertThat(((KekRevokedException) mapped).reason()).isEqualTo(Reason.DISABLED);
        }

        @ParameterizedTest
        @EnumSource(KeyState.class)
        void isKnownWhateverItIs(KeyState state) {
            KekException mapped =
                    AwsErrors.ofState(KeyMetadata.builder().keyState(state).build(), NEW);
            switch (state) {
                case ENABLED, UPDATING, UNKNOWN_TO_SDK_VERSION ->
                    assertThat(mapped).isNull();
                case CREATING -> assertThat(mapped).isInstanceOf(KekUnreachableException.class);
                default -> assertThat(mapped).isInstanceOf(KekRevokedException.class);
            }
        }

        @Test
        void leavesTheCodeToDecideIfItAllowsTheUse() {
            KeyMetadata enabled =
                    KeyMetadata.builder().keyState(KeyState.ENABLED).build();
            KekException mapped = AwsErrors.of(kms("AccessDeniedException", 400, HIDDEN), NEW, enabled);
            assertThat(((KekRevokedException) mapped).presumed()).isTrue();
        }

        @Test
        void isAskedForOnlyWhereItCanTell() {
            assertThat(AwsErrors.mayBeOfTheState(kms("DisabledException", 400, "x")))
                    .isTrue();
            assertThat(AwsErrors.mayBeOfTheState(kms("InvalidCiphertextException", 400, null)))
                    .isFalse();
            assertThat(AwsErrors.mayBeOfTheState(kms(null, 503, null))).isFalse();
            assertThat(AwsErrors.mayBeOfTheState(sts("AccessDenied", 403))).isFalse();
            assertThat(AwsErrors.mayBeOfTheState(client("no credentials", null)))
                    .isFalse();
        }
    }

    @Nested
    class WithoutAnAnswer {
        @Test
        void timeoutsAndConnectionsAreOutages() {
            Stream.<RuntimeException>of(
                            ApiCallTimeoutException.create(300),
                            ApiCallAttemptTimeoutException.create(300),
                            AbortedException.create("interrupted"),
                            client("x", new UnknownHostException("kms.nowhere")),
                            client("x", new ConnectException("refused")),
                            client("x", client("y", new SocketTimeoutException("read"))),
                            new UncheckedIOException(new IOException("cut")),
                            client("Unable to unmarshall response", new IllegalArgumentException("no JSON")))
                    .forEach(e -> assertThat(map(e, NEW)).as(e.toString()).isInstanceOf(KekUnreachableException.class));
        }

        @Test
        void missingCredentialsAndForeignCertificatesAreOurOwn() {
            SSLHandshakeException tls = new SSLHandshakeException("PKIX");
            tls.initCause(new CertificateException("unknown"));
            Stream.of(
                            client("Unable to load credentials from any of the providers in the chain", null),
                            client("x", tls),
                            new IllegalStateException("Connection pool shut down"),
                            new NullPointerException())
                    .forEach(e ->
                            assertThat(map(e, NEW)).as(e.toString()).isInstanceOf(KekConfigurationException.class));
        }

        @Test
        void hasNoRawCode() {
            KekException mapped = map(client("x", new ConnectException("refused")), NEW);
            assertThat(mapped.rawCode()).isEmpty();
            assertThat(mapped.requestId()).isEmpty();
            assertThat(mapped).hasRootCauseInstanceOf(ConnectException.class);
        }
    }
}
