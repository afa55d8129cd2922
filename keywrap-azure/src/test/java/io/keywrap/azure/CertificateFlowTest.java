package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ClientCertificateCredential;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.AzureKey;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a certificate to a wrapped DEK, over https: the real credential of azure-identity signs, Entra's endpoint verifies with what
 * was uploaded, and the vault takes its token.
 */
class CertificateFlowTest extends CertificateFixture {
    @TempDir
    Path folder;

    private final AzureKey key = vault.emulator.createKey();
    private final DekId id = DekId.random();
    private final EncryptionContext context = EncryptionContext.ofDek("keychain", id, EncryptionContext.empty());

    /** Wraps and unwraps with a provider that has no token yet. */
    private void useVault(TokenCredential credential) {
        try (KeyProvider provider = EmulatedVault.builder(vault.emulator, vault.time)
                        .credential(credential)
                        .build()
                        .create(EmulatedVault.kekId(key));
                Dek dek = Dek.random(id)) {
            WrappedDek wrapped = provider.wrap(dek, context, deadline());
            try (Dek back = provider.unwrap(wrapped, context, deadline())) {
                assertThat(back.<byte[]>withBytes(byte[]::clone)).isEqualTo(dek.withBytes(byte[]::clone));
            }
        }
    }

    private Deadline deadline() {
        return Deadline.after(Duration.ofSeconds(10), vault.time);
    }

    private KekException refusal(TokenCredential credential) {
        return catchThrowableOfType(KekException.class, () -> useVault(credential));
    }

    @Nested
    class ACertificate {
        private final ApplicationCertificates made = builder().create();
        private final TokenCredential credential = made.credential(CertificateFlowTest.this::settings);

        @Test
        void wrapsAndUnwrapsOnceItIsUploaded() throws IOException {
            Path file = folder.resolve("app.kwrp");
            made.save(file);
            application.upload(made.current().x509());
            useVault(builder().open(file).credential(CertificateFlowTest.this::settings));
            assertThat(tokenRequests()).containsOnly(200);
            assertThat(vault.emulator.events())
                    .filteredOn(event -> event.operationName().equals("KeyUnwrap"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.clientId()).hasValue(CLIENT));
        }

        @Test
        void isShownToEntraByTheCredentialOfAzureIdentityItself() {
            assertThat(made.credentials(CertificateFlowTest.this::settings))
                    .singleElement()
                    .satisfies(one -> assertThat(one.credential()).isInstanceOf(ClientCertificateCredential.class));
        }

        @Test
        void isRefusedUntilItIsUploadedWithWhatToDo() {
            KekException refused = refusal(credential);
            assertThat(refused).isInstanceOf(KekConfigurationException.class);
            assertThat(refused.rawCode()).contains("AADSTS700027");
            assertThat(refused.operatorAction()).contains("upload");
            assertThat(refused.retryable()).isFalse();
            application.upload(made.current().x509());
            useVault(credential);
        }

        @Test
        void isRefusedOnceItHasExpired() {
            application.upload(made.current().x509());
            vault.time.advance(Duration.ofDays(366));
            assertThat(refusal(credential))
                    .isInstanceOf(KekConfigurationException.class)
                    .hasMessageContaining("expired");
        }

        @Test
        void isRefusedOnceItWasRemoved() {
            String thumbprint = application.upload(made.current().x509());
            useVault(credential);
            application.remove(thumbprint);
            assertThatThrownBy(() -> freshToken(credential)).hasStackTraceContaining("AADSTS700027");
            assertThat(refusal(made.credential(CertificateFlowTest.this::settings)))
                    .isInstanceOf(KekConfigurationException.class);
        }

        @Test
        void doesNotHelpWhereTheCustomerHasWithdrawnTheApplication() {
            application.upload(made.current().x509());
            application.removeFromTenant();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> useVault(credential))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
        }

        @Test
        void getsTokensOfItsOwnTenantAlone() {
            application.upload(made.current().x509());
            TokenRequestContext elsewhere = new TokenRequestContext()
                    .addScopes("https://vault.azure.net/.default")
                    .setTenantId("99999999-9999-4999-8999-999999999999");
            assertThatThrownBy(() -> credential.getTokenSync(elsewhere))
                    .hasStackTraceContaining("AdditionallyAllowedTenants");
            assertThat(tokenRequests()).isEmpty();
        }

        @Test
        void servesThoseWhoDoNotWaitToo() {
            application.upload(made.current().x509());
            assertThat(credential
                            .getToken(new TokenRequestContext().addScopes(vault.emulator.resource() + "/.default"))
                            .block(Duration.ofSeconds(10))
                            .getToken())
                    .isNotEmpty();
        }
    }

    @Nested
    class ARenewal {
        private final ApplicationCertificates first = builder().create();
        private Path file = Path.of("");
        private final Callable<ApplicationCertificates> source = () -> builder().open(file);
        private final TokenCredential running =
                ApplicationCertificates.credential(source, CertificateFlowTest.this::settings);

        @BeforeEach
        void save() throws IOException {
            file = folder.resolve("app.kwrp");
            first.save(file);
            application.upload(first.current().x509());
            freshToken(running);
        }

        private ApplicationCertificates renewed() throws Exception {
            ApplicationCertificates renewed = source.call().renew();
            renewed.save(file);
            return renewed;
        }

        @Test
        void changesNothingUntilTheOldCertificateIsGone() throws Exception {
            ApplicationCertificates renewed = renewed();
            freshToken(running);
            application.upload(renewed.next().orElseThrow().x509());
            freshToken(running);
            useVault(ApplicationCertificates.credential(source, CertificateFlowTest.this::settings));
            assertThat(tokenRequests())
                    .as("no refused sign-in in the customer's log")
                    .containsOnly(200);
        }

        @Test
        void isFoundByACredentialThatWasThereBefore() throws Exception {
            ApplicationCertificates renewed = renewed();
            application.upload(renewed.next().orElseThrow().x509());
            application.remove(first.current().sha1Thumbprint());
            freshToken(running);
            freshToken(running);
            assertThat(tokenRequests())
                    .as("one refusal, and then the new one first")
                    .containsExactly(200, 401, 200, 200);
            useVault(running);
        }

        @Test
        void takesOverWhenTheOldCertificateExpires() throws Exception {
            vault.time.advance(Duration.ofDays(300));
            application.upload(renewed().next().orElseThrow().x509());
            vault.time.advance(Duration.ofDays(100));
            freshToken(running);
            assertThat(tokenRequests()).endsWith(401, 200);
        }

        @Test
        void locksNobodyOutThatActivatesTooEarly() throws Exception {
            renewed().activate().save(file);
            TokenCredential restarted = ApplicationCertificates.credential(source, CertificateFlowTest.this::settings);
            freshToken(restarted);
            freshToken(restarted);
            assertThat(tokenRequests()).containsExactly(200, 401, 200, 200);
        }

        @Test
        void thatWasNotUploadedInTimeSaysSoAndIsTakenOnceItIs() throws Exception {
            ApplicationCertificates renewed = renewed();
            application.remove(first.current().sha1Thumbprint());
            assertThat(refusal(running))
                    .isInstanceOf(KekConfigurationException.class)
                    .hasMessageContaining("AADSTS700027")
                    .hasMessageContaining("upload");
            application.upload(renewed.next().orElseThrow().x509());
            useVault(running);
        }

        @Test
        void dropsTheCertificateThatWasTakenAway() throws Exception {
            ApplicationCertificates activated = renewed().activate();
            application.upload(activated.current().x509());
            activated.save(file);
            activated.without(first.current()).save(file);
            application.remove(first.current().sha1Thumbprint());
            freshToken(running);
            application.upload(first.current().x509());
            application.remove(activated.current().sha1Thumbprint());
            assertThatThrownBy(() -> freshToken(running)).hasStackTraceContaining("AADSTS700027");
        }
    }

    @Nested
    class Trouble {
        private final ApplicationCertificates made = builder().create().renew();

        @Test
        void ofEntraIsNoRefusalSoNoOtherCertificateIsTried() {
            application.upload(made.current().x509());
            TokenCredential credential = made.credential(CertificateFlowTest.this::settings);
            vault.emulator.injectAlways(AzureFault.answer(503, ""));
            assertThat(refusal(credential)).isInstanceOf(KekUnreachableException.class);
            vault.emulator.recover();
            useVault(credential);
            assertThat(tokenRequests()).doesNotContain(401);
        }

        /** By the log: msal4j itself holds back what is asked again so soon. */
        @Test
        void ofEntraIsLoggedAsNoRefusal() {
            TokenCredential credential = made.credential(CertificateFlowTest.this::settings);
            vault.emulator.injectAlways(
                    AzureFault.answer(
                            503,
                            "{\"error\":\"temporarily_unavailable\",\"error_description\":\"AADSTS90033: A transient error.\"}"));
            String logged = CapturedLog.of(
                    () -> assertThatThrownBy(() -> freshToken(credential)).isInstanceOf(RuntimeException.class));
            assertThat(tokenRequests()).isNotEmpty().containsOnly(503);
            assertThat(logged).contains("ClientCertificateCredential").doesNotContain("refuses certificate");
        }

        @Test
        void ofTheFileIsToldAsWhatItIs() {
            assertThat(refusal(ApplicationCertificates.credential(
                            () -> builder().open(folder.resolve("missing")), CertificateFlowTest.this::settings)))
                    .isInstanceOf(KekConfigurationException.class)
                    .hasMessageContaining("a file of the credential cannot be read");
            assertThat(refusal(ApplicationCertificates.credential(
                            () -> builder().open(new byte[] {1}), CertificateFlowTest.this::settings)))
                    .isInstanceOf(KekConfigurationException.class)
                    .hasMessageContaining("cannot be opened");
        }

        @Test
        void ofTheVendorsOwnKekIsToldAsWhatItIs() {
            byte[] sealed = made.toBytes();
            TokenCredential credential = ApplicationCertificates.credential(
                    () -> builder().open(sealed), CertificateFlowTest.this::settings);
            keywrap.kek().unreachable();
            keywrap.time().advance(Duration.ofDays(2));
            assertThat(refusal(credential)).isInstanceOf(KekUnreachableException.class);
            keywrap.kek().recover();
            keywrap.kek().disable();
            keywrap.time().advance(Duration.ofDays(2));
            assertThat(refusal(credential))
                    .isInstanceOf(KekConfigurationException.class)
                    .hasMessageContaining("cannot be opened");
        }

        @Test
        void aheadIsLoggedOnceADay() {
            application.upload(made.current().x509());
            application.upload(made.next().orElseThrow().x509());
            TokenCredential credential = made.credential(CertificateFlowTest.this::settings);
            assertThat(warnings(credential)).isZero();
            vault.time.advance(Duration.ofDays(336));
            assertThat(warnings(credential)).isEqualTo(1);
            assertThat(warnings(credential)).isZero();
            vault.time.advance(Duration.ofDays(2));
            assertThat(warnings(credential)).isEqualTo(1);
        }

        private long warnings(TokenCredential credential) {
            return CapturedLog.of(() -> freshToken(credential))
                    .lines()
                    .filter(line -> line.contains("expires in") && line.contains("to do: renew"))
                    .count();
        }
    }
}
