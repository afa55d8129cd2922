package io.keywrap.emulators;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An application in Entra ID, and its service principal in the tenant of the vault.
 *
 * <p>Every change holds from the next request for a token on; tokens that were given out stay good until they expire, as at
 * Azure.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AzureApplication {
    private final String clientId;
    private final Map<String, X509Certificate> certificates = new LinkedHashMap<>();
    private final Map<String, Instant> secrets = new LinkedHashMap<>();
    private boolean enabled = true;
    private boolean inTenant = true;

    AzureApplication(String clientId) {
        this.clientId = clientId;
    }

    /**
     * The application id.
     *
     * @return the client id
     */
    public String clientId() {
        return clientId;
    }

    /**
     * The object id of its service principal in the tenant, which roles and access policies name.
     *
     * @return a UUID, another one than the client id
     */
    public String objectId() {
        return EntraTokens.objectId(clientId);
    }

    /**
     * Adds a certificate, beside those that are there.
     *
     * @param certificate whose private key signs the client assertions
     * @return its thumbprint, the SHA-1 in hexadecimal digits and upper case
     */
    public synchronized String upload(X509Certificate certificate) {
        String thumbprint = HexFormat.of()
                .formatHex(ClientAssertion.digest("SHA-1", certificate))
                .toUpperCase(Locale.ROOT);
        certificates.put(thumbprint, certificate);
        return thumbprint;
    }

    /**
     * Removes a certificate.
     *
     * @param thumbprint its SHA-1 in hexadecimal digits
     * @return whether it was there
     */
    public synchronized boolean remove(String thumbprint) {
        return certificates.remove(thumbprint.toUpperCase(Locale.ROOT)) != null;
    }

    /**
     * The thumbprints of its certificates.
     *
     * @return a copy
     */
    public synchronized List<String> thumbprints() {
        return List.copyOf(certificates.keySet());
    }

    /**
     * Adds a client secret.
     *
     * @param secret the text
     * @param expiresAt from when on it is no longer accepted
     */
    public synchronized void secret(String secret, Instant expiresAt) {
        secrets.put(secret, expiresAt);
    }

    /** Switches the application off: {@code AADSTS7000112}. */
    public synchronized void disable() {
        enabled = false;
    }

    /** Switches the application on. */
    public synchronized void enable() {
        enabled = true;
    }

    /** Takes its service principal away, as a customer does who revokes the consent: {@code AADSTS7000229}. */
    public synchronized void removeFromTenant() {
        inTenant = false;
    }

    /** Brings its service principal back. */
    public synchronized void addToTenant() {
        inTenant = true;
    }

    synchronized void requireUsable(String tenant) {
        if (!inTenant) {
            throw EntraFailure.unauthorizedClient(
                    7000229,
                    "The client application " + clientId + " is missing service principal in the tenant " + tenant
                            + ". See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119");
        }
        if (!enabled) {
            throw EntraFailure.unauthorizedClient(7000112, "Application '" + clientId + "'(keywrap) is disabled.");
        }
    }

    synchronized List<X509Certificate> certificates() {
        return List.copyOf(certificates.values());
    }

    synchronized void requireSecret(String secret, Instant now) {
        Instant end = Optional.ofNullable(secrets.get(secret))
                .orElseThrow(() -> EntraFailure.invalidClient(
                        7000215,
                        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret"
                                + " value, not the client secret ID, for a secret added to app '" + clientId + "'."));
        if (!now.isBefore(end)) {
            throw EntraFailure.invalidClient(
                    7000222,
                    "The provided client secret keys for app '" + clientId
                            + "' are expired. Visit the Azure portal to create"
                            + " new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate"
                            + " credentials for added security: https://aka.ms/certCreds.");
        }
    }

    /**
     * Which application.
     *
     * @return the client id, and how many certificates it has
     */
    @Override
    public synchronized String toString() {
        return "AzureApplication[" + clientId + ", " + certificates.size() + " certificates]";
    }
}
