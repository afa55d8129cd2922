package io.keywrap.azure;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/**
 * The public half of what an application proves itself with to Microsoft Entra: the certificate that a customer downloads from
 * the vendor, and uploads to the application. Its private key is in {@link ApplicationCertificates}.
 *
 * <p><b>Security:</b> nothing in it is secret. Whoever gets another certificate uploaded in its place gets tokens of the
 * application, so the customer should compare thumbprints.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * <p><b>Source:</b> X.509 version 3 (RFC 5280), self-signed, PEM as in RFC 7468.
 */
public final class ApplicationCertificate {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final long SECONDS_OF_A_DAY = Duration.ofDays(1).toSeconds();

    private final Application application;
    private final X509Certificate certificate;
    private final byte[] der;

    ApplicationCertificate(Application application, X509Certificate certificate) {
        this.application = application;
        this.certificate = certificate;
        try {
            this.der = certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate that cannot be encoded", e);
        }
    }

    /**
     * The tenant that the application is registered in.
     *
     * @return a UUID in lower case
     */
    public String tenantId() {
        return application.tenantId();
    }

    /**
     * The application, by its client id.
     *
     * @return a UUID in lower case
     */
    public String clientId() {
        return application.clientId();
    }

    /**
     * The certificate.
     *
     * @return the certificate, immutable
     */
    public X509Certificate x509() {
        return certificate;
    }

    /**
     * The certificate as text, which the Azure portal takes as a file that ends in {@code .pem}, {@code .cer} or {@code .crt}.
     *
     * @return one block {@code CERTIFICATE}, ASCII, with a line end behind it
     */
    public String toPem() {
        return new String(Pem.encode("CERTIFICATE", der), StandardCharsets.US_ASCII);
    }

    /**
     * The certificate in binary.
     *
     * @return its DER encoding, a new array
     */
    public byte[] toDer() {
        return der.clone();
    }

    /**
     * The thumbprint that the Azure portal shows beside the certificate.
     *
     * @return SHA-1 of the DER encoding, 40 hexadecimal digits in upper case
     */
    public String sha1Thumbprint() {
        return digest("SHA-1");
    }

    /**
     * The thumbprint that nobody can find a second certificate for. Entra names it in its errors.
     *
     * @return SHA-256 of the DER encoding, 64 hexadecimal digits in upper case
     */
    public String sha256Thumbprint() {
        return digest("SHA-256");
    }

    /**
     * From when on it is valid.
     *
     * @return the time, in whole seconds; some minutes before it was made
     */
    public Instant notBefore() {
        return certificate.getNotBefore().toInstant();
    }

    /**
     * Until when it is valid. Entra refuses it afterwards.
     *
     * @return the time, in whole seconds
     */
    public Instant expiresAt() {
        return certificate.getNotAfter().toInstant();
    }

    /**
     * How long it is still valid.
     *
     * @param now the time
     * @return whole days, rounded down; 0 on the last day, negative once it has expired
     */
    public long daysLeft(Instant now) {
        return Math.floorDiv(Duration.between(now, expiresAt()).toSeconds(), SECONDS_OF_A_DAY);
    }

    boolean isExpired(Instant now) {
        return now.isAfter(expiresAt());
    }

    Application application() {
        return application;
    }

    private String digest(String algorithm) {
        try {
            return HEX.formatHex(MessageDigest.getInstance(algorithm).digest(der));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is not available in this JVM", e);
        }
    }

    /**
     * Whether another object is the same certificate for the same application.
     *
     * @param other the other object
     * @return true if so
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof ApplicationCertificate that
                && application.equals(that.application)
                && MessageDigest.isEqual(der, that.der);
    }

    /**
     * A hash of the certificate.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        return certificate.hashCode();
    }

    /**
     * Which certificate.
     *
     * @return SHA-1 thumbprint, application and end
     */
    @Override
    public String toString() {
        return "ApplicationCertificate[" + sha1Thumbprint() + ", application " + application + ", expires "
                + expiresAt() + "]";
    }
}
