package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.core.credential.TokenCredential;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Tokens for an application that proves who it is: the real credentials of azure-identity. */
class AzureEntraTest extends AzureTest {
    private static final String CLIENT = "66666666-6666-4666-8666-666666666666";
    private static final Pattern NUMBER = Pattern.compile("AADSTS\\d+");

    private final AzureApplication application = azure.registerApplication(CLIENT);
    private final TestCertificate certificate = TestCertificate.first();

    private TokenCredential with(TestCertificate shown) {
        return certificate(shown, azure.tenant());
    }

    private TokenCredential certificate(TestCertificate shown, String tenant) {
        return new ClientCertificateCredentialBuilder()
                .tenantId(tenant)
                .clientId(CLIENT)
                .pemCertificate(new ByteArrayInputStream(shown.pem().getBytes(StandardCharsets.US_ASCII)))
                .authorityHost(azure.authorityHost().toString())
                .disableInstanceDiscovery()
                .additionallyAllowedTenants("*")
                .httpClient(http)
                .retryOptions(ONCE)
                .build();
    }

    private TokenCredential secret(String text) {
        return new ClientSecretCredentialBuilder()
                .tenantId(azure.tenant())
                .clientId(CLIENT)
                .clientSecret(text)
                .authorityHost(azure.authorityHost().toString())
                .disableInstanceDiscovery()
                .httpClient(http)
                .retryOptions(ONCE)
                .build();
    }

    /** The number of the refusal and its text, wherever in the chain of causes they are. */
    private String refusal(TokenCredential credential) {
        Throwable thrown = catchThrowable(() -> crypto(key.id(), credential).wrapKey(OAEP_256, DEK));
        assertThat(thrown).isNotNull();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            Matcher number = NUMBER.matcher(String.valueOf(cause.getMessage()));
            if (number.find()) {
                return cause.getMessage().substring(number.start());
            }
        }
        throw new AssertionError("no number of Entra ID", thrown);
    }

    private void assertWraps(TokenCredential credential) {
        assertThat(crypto(key.id(), credential).wrapKey(OAEP_256, DEK).getKeyId())
                .isEqualTo(key.versionedId());
    }

    @Nested
    class Certificates {
        @Test
        void thatWereUploadedOpenTheVault() {
            application.upload(certificate.certificate());
            assertWraps(with(certificate));

            assertThat(azure.events())
                    .extracting(AzureAuditEvent::operationName)
                    .contains("Token", "KeyWrap");
            assertThat(azure.events().get(azure.events().size() - 1).clientId()).hasValue(CLIENT);
        }

        @Test
        void thatWereNotUploadedDoNot() {
            application.upload(certificate.certificate());
            assertThat(refusal(with(TestCertificate.second())))
                    .startsWith(
                            "AADSTS700027: Client assertion contains an invalid signature. [Reason - The key was not"
                                    + " found., Thumbprint of key used by client: '")
                    .matches("(?s).*by client: '[0-9A-F]{64}'.*");
        }

        @Test
        void overlap() {
            String old = application.upload(certificate.certificate());
            application.upload(TestCertificate.second().certificate());
            assertWraps(with(certificate));
            assertWraps(with(TestCertificate.second()));

            assertThat(application.remove(old)).isTrue();
            assertThat(application.remove(old)).isFalse();
            assertThat(application.thumbprints()).hasSize(1);
            assertThat(refusal(with(certificate))).startsWith("AADSTS700027");
            assertWraps(with(TestCertificate.second()));
        }

        /** The name of one, the key of another. */
        @Test
        void proveThePrivateKey() {
            application.upload(certificate.certificate());
            TestCertificate mixed = new TestCertificate(
                    certificate.certificate(), TestCertificate.second().key());
            assertThat(refusal(with(mixed))).contains("The provided signature value did not match");
        }

        @Test
        void expireByTheClock() {
            application.upload(certificate.certificate());
            time.advance(Duration.between(
                    time.now(),
                    certificate.certificate().getNotAfter().toInstant().plusSeconds(1)));
            assertThat(refusal(with(certificate))).startsWith("AADSTS700027").contains("The key used is expired.");
        }

        @Test
        void areUploadedByOtherProcessesToo() throws Exception {
            String thumbprint = post(certificate.certificate().getEncoded());
            assertWraps(with(certificate));
            assertThat(application.thumbprints()).containsExactly(thumbprint);
            assertThat(post(TestCertificate.second().certificatePem().getBytes(StandardCharsets.US_ASCII)))
                    .hasSize(40);
            assertThat(send("DELETE", "/" + thumbprint, new byte[0])).isEqualTo("204 ");
            assertThat(refusal(with(certificate))).startsWith("AADSTS700027");
            assertThat(send("DELETE", "/" + thumbprint, new byte[0])).startsWith("404");
            assertThat(send("POST", "", new byte[] {1})).startsWith("400");
            assertThat(send("GET", "", new byte[0])).startsWith("404");
        }

        private String post(byte[] body) throws Exception {
            String answer = send("POST", "", body);
            assertThat(answer).startsWith("201 {\"thumbprint\":\"");
            return answer.substring("201 {\"thumbprint\":\"".length(), answer.length() - 2);
        }

        private String send(String method, String end, byte[] body) throws Exception {
            return Https.to(azure).send(method, "/emulator/applications/" + CLIENT + "/certificates" + end, body);
        }
    }

    @Nested
    class Refused {
        @Test
        void anApplicationThatIsNotThere() {
            AzureKeyVaultEmulator other = start(options -> options);
            try (other) {
                String answer = Https.to(other).token(other.tenant(), "client_id=nobody&client_secret=x");
                assertThat(answer)
                        .startsWith("400 {\"error\":\"unauthorized_client\"")
                        .contains("AADSTS700016: ");
            }
        }

        @Test
        void oneWithoutAServicePrincipal() {
            application.upload(certificate.certificate());
            application.removeFromTenant();
            assertThat(refusal(with(certificate)))
                    .startsWith("AADSTS7000229: The client application " + CLIENT + " is missing service principal");
            application.addToTenant();
            assertWraps(with(certificate));
        }

        @Test
        void oneThatIsSwitchedOff() {
            application.upload(certificate.certificate());
            application.disable();
            assertThat(refusal(with(certificate))).startsWith("AADSTS7000112: ");
            application.enable();
            assertWraps(with(certificate));
        }

        @Test
        void anotherTenant() {
            application.upload(certificate.certificate());
            String answer = Https.to(azure).token("77777777-7777-4777-8777-777777777777", "client_id=" + CLIENT);
            assertThat(answer).contains("AADSTS90002: Tenant '77777777-7777-4777-8777-777777777777' not found.");
        }

        @Test
        void whateverAFaultSays() {
            application.upload(certificate.certificate());
            azure.inject(AzureFault.aadsts(401, "invalid_client", 7000222, "The keys are expired."), 1);
            assertThat(refusal(with(certificate))).startsWith("AADSTS7000222: The keys are expired.");
            assertWraps(with(certificate));
        }
    }

    @Nested
    class Assertions {
        private String assertion(String header, String claims) {
            application.upload(certificate.certificate());
            String jwt = certificate.sign(header, claims);
            return Https.to(azure)
                    .token(
                            azure.tenant(),
                            "client_id=" + CLIENT + "&client_assertion=" + jwt + "&client_assertion_type="
                                    + ClientAssertion.TYPE);
        }

        private String claims(String audience, String issuer, Duration from, Duration end) {
            Instant now = Instant.now();
            return "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"nbf\":%d,\"exp\":%d}"
                    .formatted(
                            audience,
                            issuer,
                            issuer,
                            now.plus(from).getEpochSecond(),
                            now.plus(end).getEpochSecond());
        }

        private final String audience = azure.authorityHost() + "/" + azure.tenant() + "/oauth2/v2.0/token";
        private final String good = claims(audience, CLIENT, Duration.ZERO, Duration.ofMinutes(10));

        @Test
        void byHandAreAcceptedWithEitherThumbprint() {
            assertThat(assertion(certificate.header("x5t", "SHA-1"), good)).startsWith("200 ");
            assertThat(assertion(certificate.header("x5t#S256", "SHA-256"), good))
                    .startsWith("200 ");
        }

        @Test
        void forAnotherAudienceAreRefused() {
            String other = claims("https://login.example/token", CLIENT, Duration.ZERO, Duration.ofMinutes(10));
            assertThat(assertion(certificate.header("x5t", "SHA-1"), other)).contains("AADSTS700023: ");
        }

        @Test
        void ofAnotherClientAreRefused() {
            String header = certificate.header("x5t", "SHA-1");
            for (String name : List.of("iss", "sub")) {
                String own = "\"%s\":\"%s\"".formatted(name, CLIENT);
                String other = good.replace(own, own.replace(CLIENT, "somebody"));
                assertThat(assertion(header, other)).contains("AADSTS700021: ");
            }
        }

        @Test
        void outOfTimeAreRefused() {
            String header = certificate.header("x5t", "SHA-1");
            assertThat(assertion(header, claims(audience, CLIENT, Duration.ofHours(-2), Duration.ofHours(-1))))
                    .contains("AADSTS700024: ");
            assertThat(assertion(header, claims(audience, CLIENT, Duration.ofHours(1), Duration.ofHours(2))))
                    .contains("AADSTS700024: ");
            assertThat(assertion(
                            header,
                            "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\"}".formatted(audience, CLIENT, CLIENT)))
                    .contains("AADSTS700024: ");
        }

        @Test
        void withATimeThatNoClockShowsAreRefused() {
            String header = certificate.header("x5t", "SHA-1");
            for (String time : List.of("9223372036854775807", "-9223372036854775808")) {
                assertThat(assertion(header, good.replaceFirst("\"exp\":\\d+", "\"exp\":" + time)))
                        .contains("AADSTS50027: ");
            }
        }

        @Test
        void withAnotherAlgorithmAreRefused() {
            String none = certificate.header("x5t", "SHA-1").replace("RS256", "none");
            assertThat(assertion(none, good)).contains("AADSTS700027: ");
        }

        @Test
        void thatAreNoneAreRefused() {
            assertThat(Https.to(azure)
                            .token(
                                    azure.tenant(),
                                    "client_id=" + CLIENT + "&client_assertion=a.b.c&client_assertion_type="
                                            + ClientAssertion.TYPE))
                    .contains("AADSTS50027: ");
        }
    }

    @Nested
    class Secrets {
        @Test
        void openTheVaultUntilTheyExpire() {
            application.secret("s3cret", time.now().plus(Duration.ofDays(1)));
            assertWraps(secret("s3cret"));
            time.advance(Duration.ofDays(1));
            assertThat(refusal(secret("s3cret"))).startsWith("AADSTS7000222: The provided client secret keys for app");
        }

        @Test
        void thatAreWrongDoNot() {
            assertThat(refusal(secret("other"))).startsWith("AADSTS7000215: Invalid client secret provided.");
        }

        @Test
        void orCertificatesAreNeeded() {
            assertThat(Https.to(azure).token(azure.tenant(), "client_id=" + CLIENT))
                    .contains("AADSTS7000218: ");
        }
    }

    @Test
    void refusalsHaveTheFormOfEntra() {
        assertThat(Https.to(azure).token(azure.tenant(), "client_id=nobody"))
                .startsWith("400 {\"error\":\"unauthorized_client\",\"error_description\":\"AADSTS700016: ")
                .contains(
                        "Trace ID: ",
                        "Correlation ID: ",
                        "Timestamp: 2026-11-25 08:00:00Z",
                        "\"error_codes\":[700016]",
                        "\"error_uri\":\"https://login.microsoftonline.com/error?code=700016\"");
    }

    @Test
    void tokensAreForWhoTheyWereAskedForAndAnHour() {
        application.secret("s", time.now().plus(Duration.ofDays(1)));
        String answer = Https.to(azure).token(azure.tenant(), "client_id=" + CLIENT + "&client_secret=s");
        String token = answer.replaceAll("(?s).*\"access_token\":\"([^\"]+)\".*", "$1");
        String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8);

        assertThat(claims)
                .contains("\"aud\":\"https://vault.azure.net\"", "\"appid\":\"" + CLIENT + "\"")
                .contains("\"exp\":" + time.now().plus(Duration.ofHours(1)).getEpochSecond());
        keys(bearer(token)).getKey(key.name());
        time.advance(Duration.ofHours(1));
        assertThat(failure(() -> keys(bearer(token)).getKey(key.name()))).startsWith("401");
    }

    @Test
    void documentsLeadToTheTokenEndpoint() {
        Https https = Https.to(azure);
        String endpoint = azure.endpoint() + "/" + azure.tenant() + "/oauth2/v2.0/token";
        assertThat(https.send("GET", "/" + azure.tenant() + "/v2.0/.well-known/openid-configuration", new byte[0]))
                .startsWith("200 ")
                .contains(endpoint);
        assertThat(https.send("GET", "/common/discovery/instance?x=y", new byte[0]))
                .startsWith("200 ")
                .contains("tenant_discovery_endpoint", "localhost:" + azure.port());
        for (String tenant : List.of("/other", "")) {
            assertThat(https.send("GET", tenant + "/v2.0/.well-known/openid-configuration", new byte[0]))
                    .contains("AADSTS90002");
            assertThat(https.send("POST", tenant + "/oauth2/v2.0/token", new byte[0]))
                    .contains("AADSTS90002");
        }
    }

    @Test
    void theLogHasNeitherAssertionNorSecret() {
        application.secret("s3cret", time.now().plus(Duration.ofDays(1)));
        application.upload(certificate.certificate());
        assertWraps(secret("s3cret"));
        assertWraps(with(certificate));

        assertThat(azure.count("Token")).isEqualTo(2);
        assertThat(azure.events())
                .allSatisfy(event -> assertThat(event + event.toJson())
                        .doesNotContain("s3cret")
                        .doesNotContain("eyJ")
                        .doesNotContain("client_assertion"));
    }
}
