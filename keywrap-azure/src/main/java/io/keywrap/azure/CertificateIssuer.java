package io.keywrap.azure;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.function.Supplier;
import javax.security.auth.DestroyFailedException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes key pairs and self-signed certificates for them.
 *
 * <p>RSA, since Entra takes no other key for client assertions and azure-identity signs with {@code RS256} alone; 3,072 bits, since
 * that is the strength of 128 bits that AES-128 has (NIST SP 800-57 part 1, table 2), while 2,048 bits, the least that Entra
 * takes, are not to be used after 2030 (SP 800-131A). Keys, signatures and random numbers are those of the configured JCA;
 * Bouncy Castle composes the certificate.
 */
final class CertificateIssuer {
    static final int KEY_BITS = 3072;

    private static final String SIGNATURE = "SHA256withRSA";
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final int SERIAL_BITS = 159;

    private final Supplier<KeyPair> keyPairs;
    private final SecureRandom random = new SecureRandom();

    CertificateIssuer(Supplier<KeyPair> keyPairs) {
        this.keyPairs = keyPairs;
    }

    /** A certificate and its private key, in PKCS#8; whoever takes the key wipes it. */
    @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared.
    record Issued(ApplicationCertificate certificate, byte[] key) {
        /** Without the key. */
        @Override
        public String toString() {
            return "Issued[" + certificate + "]";
        }
    }

    /** Makes a key pair of the JVM. */
    static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("RSA is not available in this JVM", e);
        }
    }

    Issued issue(Application application, Instant now, Duration validity) {
        KeyPair pair = keyPairs.get();
        PrivateKey key = pair.getPrivate();
        byte[] pkcs8 = key.getEncoded();
        try {
            if (pkcs8 == null || !"PKCS#8".equals(key.getFormat())) {
                throw new IllegalStateException("the JVM's provider of RSA does not give its private keys out");
            }
            X509Certificate certificate = certificate(application, pair, now, validity);
            certificate.verify(pair.getPublic()); // Both halves belong together.
            return new Issued(new ApplicationCertificate(application, certificate), pkcs8);
        } catch (GeneralSecurityException | OperatorCreationException | IOException | RuntimeException e) {
            if (pkcs8 != null) {
                Arrays.fill(pkcs8, (byte) 0);
            }
            throw e instanceof IllegalStateException state
                    ? state
                    : new IllegalStateException(
                            "a certificate cannot be made: " + e.getClass().getSimpleName(), e);
        } finally {
            destroy(key);
        }
    }

    private X509Certificate certificate(Application application, KeyPair pair, Instant now, Duration validity)
            throws OperatorCreationException, IOException, GeneralSecurityException {
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, application.tenantId())
                .addRDN(BCStyle.CN, application.clientId())
                .build();
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                serial(),
                Date.from(second.minus(SKEW)),
                Date.from(second.plus(validity)),
                name,
                pair.getPublic());
        addExtensions(builder, pair.getPublic());
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(pair.getPrivate())));
    }

    private static void addExtensions(X509v3CertificateBuilder builder, PublicKey key)
            throws IOException, NoSuchAlgorithmException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(
                Extension.subjectKeyIdentifier, false, new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
    }

    /** Positive, and of 20 octets, the most that RFC 5280 allows (4.1.2.2). */
    private BigInteger serial() {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    private static void destroy(PrivateKey key) {
        try {
            key.destroy();
        } catch (DestroyFailedException e) {
            // The JDK's keys cannot be destroyed; this one is garbage from here on.
        }
    }
}
