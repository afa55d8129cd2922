package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the customer downloads. */
class ApplicationCertificateTest extends CertificateFixture {
    private static final int DIGITAL_SIGNATURE = 0;

    private ApplicationCertificate made() {
        return builder().create().current();
    }

    @Nested
    class TheCertificate {
        @Test
        void isSelfSignedForThisApplicationAndForSignaturesAlone() throws Exception {
            X509Certificate x509 = made().x509();
            x509.verify(x509.getPublicKey());
            assertThat(x509.getVersion()).isEqualTo(3);
            assertThat(x509.getSubjectX500Principal().getName()).isEqualTo("CN=" + CLIENT + ",O=" + tenant);
            assertThat(x509.getIssuerX500Principal()).isEqualTo(x509.getSubjectX500Principal());
            assertThat(x509.getSigAlgName()).isEqualTo("SHA256withRSA");
            assertThat(x509.getBasicConstraints()).as("no CA").isEqualTo(-1);
            boolean[] usage = x509.getKeyUsage();
            for (int i = 0; i < usage.length; i++) {
                assertThat(usage[i]).isEqualTo(i == DIGITAL_SIGNATURE);
            }
            assertThat(x509.getCriticalExtensionOIDs())
                    .containsExactlyInAnyOrder(Extension.keyUsage.getId(), Extension.basicConstraints.getId());
            assertThat(new X509CertificateHolder(x509.getEncoded())
                            .getExtension(Extension.subjectKeyIdentifier)
                            .getParsedValue())
                    .isEqualTo(new JcaX509ExtensionUtils().createSubjectKeyIdentifier(x509.getPublicKey()));
        }

        @Test
        void hasAKeyOf3072BitsOfTheJvm() {
            ApplicationCertificate certificate = ApplicationCertificates.builder(cipher())
                    .tenantId(tenant)
                    .clientId(CLIENT)
                    .create()
                    .current();
            RSAPublicKey key = (RSAPublicKey) certificate.x509().getPublicKey();
            assertThat(key.getModulus().bitLength()).isEqualTo(3072);
            assertThat(key.getPublicExponent()).isEqualTo(65537);
            assertThat(Security.getProvider("BC"))
                    .as("no provider is registered")
                    .isNull();
        }

        @Test
        void hasASerialNumberOfItsOwnThatEveryParserTakes() {
            Set<Object> serials = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                var serial = made().x509().getSerialNumber();
                assertThat(serial).isPositive();
                assertThat(serial.toByteArray()).hasSize(20);
                serials.add(serial);
            }
            assertThat(serials).hasSize(3);
        }

        @Test
        void isValidFromSomeMinutesAgoUntilAYearFromNow() {
            Instant now = vault.time.now();
            ApplicationCertificate certificate = made();
            assertThat(certificate.notBefore()).isEqualTo(now.minus(Duration.ofMinutes(5)));
            assertThat(certificate.expiresAt()).isEqualTo(now.plus(Duration.ofDays(365)));
            assertThat(builder().validityDays(1).create().current().expiresAt())
                    .isEqualTo(now.plus(Duration.ofDays(1)));
        }

        @Test
        void saysHowManyDaysAreLeft() {
            ApplicationCertificate certificate = made();
            Instant end = certificate.expiresAt();
            assertThat(certificate.daysLeft(vault.time.now())).isEqualTo(365);
            assertThat(certificate.daysLeft(end.minus(Duration.ofDays(1)))).isEqualTo(1);
            assertThat(certificate.daysLeft(end.minusSeconds(1))).isZero();
            assertThat(certificate.daysLeft(end)).isZero();
            assertThat(certificate.daysLeft(end.plusSeconds(1))).isEqualTo(-1);
        }

        @Test
        void isTheSameInEveryForm() throws Exception {
            ApplicationCertificate certificate = made();
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            assertThat(factory.generateCertificate(new ByteArrayInputStream(certificate.toDer())))
                    .isEqualTo(certificate.x509());
            assertThat(factory.generateCertificate(
                            new ByteArrayInputStream(certificate.toPem().getBytes(StandardCharsets.US_ASCII))))
                    .isEqualTo(certificate.x509());
            assertThat(certificate.toPem().lines()).allMatch(line -> line.length() <= 64);
            assertThat(application.upload(certificate.x509())).isEqualTo(certificate.sha1Thumbprint());
            assertThat(certificate.sha256Thumbprint()).matches("[0-9A-F]{64}");
            assertThat(certificate.tenantId()).isEqualTo(tenant);
            assertThat(certificate.clientId()).isEqualTo(CLIENT);
            assertThat(certificate).isEqualTo(certificate).isNotEqualTo(made()).hasSameHashCodeAs(certificate);
        }
    }

    @Nested
    class Openssl {
        @TempDir
        Path folder;

        @Test
        void readsTheCertificateAndAgreesOnTheThumbprints() throws Exception {
            ApplicationCertificate certificate = made();
            Path pem = Files.writeString(folder.resolve("app.pem"), certificate.toPem());
            Path der = Files.write(folder.resolve("app.der"), certificate.toDer());
            String text = openssl("x509", "-in", pem.toString(), "-noout", "-text");
            assertThat(text)
                    .contains("Version: 3 (0x2)", "Signature Algorithm: sha256WithRSAEncryption", CLIENT, tenant)
                    .contains("CA:FALSE", "Digital Signature", "X509v3 Subject Key Identifier")
                    .doesNotContain("Certificate Sign");
            assertThat(fingerprint("-sha1", pem, "PEM")).isEqualTo(certificate.sha1Thumbprint());
            assertThat(fingerprint("-sha256", pem, "PEM")).isEqualTo(certificate.sha256Thumbprint());
            assertThat(fingerprint("-sha256", der, "DER")).isEqualTo(certificate.sha256Thumbprint());
            assertThat(openssl("verify", "-CAfile", pem.toString(), "-no_check_time", pem.toString()))
                    .contains("OK");
        }

        private String fingerprint(String digest, Path file, String form) throws Exception {
            String line = openssl("x509", "-in", file.toString(), "-inform", form, "-noout", "-fingerprint", digest);
            return line.substring(line.indexOf('=') + 1).strip().replace(":", "");
        }

        private String openssl(String... arguments) throws Exception {
            String[] command = new String[arguments.length + 1];
            command[0] = "openssl";
            System.arraycopy(arguments, 0, command, 1, arguments.length);
            Process process;
            try {
                process = new ProcessBuilder(command).redirectErrorStream(true).start();
            } catch (IOException e) {
                throw Assumptions.<RuntimeException>abort(
                        "openssl is not installed, so it cannot read the certificate");
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        }
    }

    @Nested
    class WhatIsNoApplication {
        @Test
        void isRefused() {
            assertThatIllegalArgumentException().isThrownBy(() -> builder().tenantId("contoso.onmicrosoft.com"));
            assertThatIllegalArgumentException().isThrownBy(() -> builder().clientId(CLIENT + "/x"));
            assertThatIllegalArgumentException().isThrownBy(() -> builder().validityDays(0));
            assertThatIllegalArgumentException().isThrownBy(() -> builder().validityDays(731));
            assertThatIllegalStateException()
                    .isThrownBy(() -> ApplicationCertificates.builder(cipher())
                            .tenantId(tenant)
                            .create());
            assertThatIllegalStateException()
                    .isThrownBy(() -> ApplicationCertificates.builder(cipher())
                            .clientId(CLIENT)
                            .create());
        }

        @Test
        void butCapitalsAreTheSame() {
            assertThat(builder()
                            .clientId(CLIENT.toUpperCase(java.util.Locale.ROOT))
                            .create()
                            .current()
                            .clientId())
                    .isEqualTo(CLIENT);
        }
    }
}
