package io.keywrap.azure;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.policy.HttpLogDetailLevel;
import com.azure.core.http.policy.HttpLogOptions;
import com.azure.identity.ClientCertificateCredentialBuilder;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The credential of azure-identity for one certificate.
 *
 * @param certificate the certificate
 * @param credential signs with its private key
 */
record CertificateCredential(ApplicationCertificate certificate, TokenCredential credential) {

    /** Hands the private key to azure-identity, in memory. */
    static CertificateCredential of(
            ApplicationCertificate certificate, byte[] key, Consumer<ClientCertificateCredentialBuilder> settings) {
        ClientCertificateCredentialBuilder builder = AzureKms.tune(new ClientCertificateCredentialBuilder());
        settings.accept(builder);
        byte[] pem = pem(certificate, key);
        try {
            return new CertificateCredential(
                    certificate,
                    builder.tenantId(certificate.tenantId())
                            .clientId(certificate.clientId())
                            .tokenCachePersistenceOptions(null)
                            .httpLogOptions(new HttpLogOptions().setLogLevel(HttpLogDetailLevel.NONE))
                            .pemCertificate(new ByteArrayInputStream(pem))
                            .build());
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
    }

    private static byte[] pem(ApplicationCertificate certificate, byte[] key) {
        byte[] privatePart = Pem.encode("PRIVATE KEY", key);
        byte[] publicPart = certificate.toPem().getBytes(StandardCharsets.US_ASCII);
        try {
            return ByteBuffer.allocate(privatePart.length + publicPart.length)
                    .put(privatePart)
                    .put(publicPart)
                    .array();
        } finally {
            Arrays.fill(privatePart, (byte) 0);
        }
    }

    AccessToken token(TokenRequestContext request) {
        return credential.getTokenSync(request);
    }

    /** Without the credential. */
    @Override
    public String toString() {
        return "CertificateCredential[" + certificate + "]";
    }
}
