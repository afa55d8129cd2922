package io.keywrap.emulators;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A self-signed certificate of an application, with its private key. Two are made for all tests. */
record TestCertificate(X509Certificate certificate, PrivateKey key) {
    private static final TestCertificate FIRST = make();
    private static final TestCertificate SECOND = make();

    static TestCertificate first() {
        return FIRST;
    }

    static TestCertificate second() {
        return SECOND;
    }

    private static TestCertificate make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair pair = generator.generateKeyPair();
            X500Principal name = new X500Principal("CN=keywrap test");
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(now.toEpochMilli()),
                    Date.from(now.minus(Duration.ofDays(1))),
                    Date.from(now.plus(Duration.ofDays(365))),
                    name,
                    pair.getPublic());
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
            return new TestCertificate(certificate, pair.getPrivate());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Private key and certificate, as a credential reads them. */
    String pem() {
        return block("PRIVATE KEY", key.getEncoded()) + certificatePem();
    }

    /** The certificate alone, as it is uploaded. */
    String certificatePem() {
        try {
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String block(String type, byte[] bytes) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    /** The header of an assertion that names the certificate by one of its hashes. */
    String header(String name, String hash) {
        return "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"%s\":\"%s\"}"
                .formatted(name, base64(ClientAssertion.digest(hash, certificate)));
    }

    /** An assertion, signed with RS256 whatever its header says. */
    String sign(String header, String claims) {
        try {
            String signed = base64(header.getBytes(StandardCharsets.UTF_8)) + "."
                    + base64(claims.getBytes(StandardCharsets.UTF_8));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
