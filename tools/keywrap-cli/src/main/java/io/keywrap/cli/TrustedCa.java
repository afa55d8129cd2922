package io.keywrap.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS that trusts the certificates in one file, and nobody else. */
final class TrustedCa {
    private TrustedCa() {}

    /** Reads certificates in PEM; fails with a {@link ConfigurationException} if there are none. */
    static SSLContext in(Path file) {
        try (InputStream pem = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("ca" + trusted.size(), one);
            }
            if (trusted.size() == 0) {
                throw new ConfigurationException(file + " has no certificate in PEM");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, managers.getTrustManagers(), null);
            return tls;
        } catch (IOException e) {
            throw new ConfigurationException(file + ": " + Failures.problem(e));
        } catch (GeneralSecurityException e) {
            throw new ConfigurationException(file + " has no certificate in PEM");
        }
    }
}
