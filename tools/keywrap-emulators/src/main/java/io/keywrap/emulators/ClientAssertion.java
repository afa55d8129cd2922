package io.keywrap.emulators;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a client signs to prove that it has the private key of a certificate (RFC 7523). Whether it is too old goes by the
 * clock of this machine, since the client's does; whether the certificate is, by the emulator's.
 */
final class ClientAssertion {
    static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private static final Duration SKEW = Duration.ofMinutes(5);

    private final String signed;
    private final JsonObject header;
    private final JsonObject claims;
    private final byte[] signature;

    private ClientAssertion(String signed, JsonObject header, JsonObject claims, byte[] signature) {
        this.signed = signed;
        this.header = header;
        this.claims = claims;
        this.signature = signature;
    }

    static ClientAssertion parse(String jwt) {
        String[] parts = jwt.split("\\.", -1);
        if (parts.length == 3) {
            try {
                return new ClientAssertion(
                        parts[0] + "." + parts[1],
                        object(parts[0]),
                        object(parts[1]),
                        Base64.getUrlDecoder().decode(parts[2]));
            } catch (IllegalArgumentException | IllegalStateException | JsonParseException e) {
                // As for any other text that is no assertion.
            }
        }
        throw malformed();
    }

    private static EntraFailure malformed() {
        return EntraFailure.invalidRequest(50027, "JWT token is invalid or malformed.");
    }

    private static JsonObject object(String part) {
        return JsonParser.parseString(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8))
                .getAsJsonObject();
    }

    /** Throws unless one of the certificates signed it for this client and one of these audiences, and now. */
    void verify(
            String clientId, Set<String> audiences, Collection<X509Certificate> certificates, Instant certificateTime) {
        X509Certificate certificate = certificates.stream()
                .filter(this::names)
                .findFirst()
                .orElseThrow(() -> EntraFailure.badSignature("The key was not found.", thumbprint(), clientId));
        if (certificateTime.isAfter(certificate.getNotAfter().toInstant())) {
            throw EntraFailure.badSignature("The key used is expired.", thumbprint(), clientId);
        }
        if (!isSignedBy(certificate)) {
            throw EntraFailure.badSignature(
                    "The provided signature value did not match the expected signature value.", thumbprint(), clientId);
        }
        if (!text(claims, "iss").equalsIgnoreCase(clientId)
                || !text(claims, "sub").equalsIgnoreCase(clientId)) {
            throw EntraFailure.invalidClient(
                    700021,
                    "Client assertion application identifier doesn't match 'client_id' parameter. Client assertion"
                            + " application identifier is '" + text(claims, "iss") + "'.");
        }
        if (!audiences.contains(text(claims, "aud"))) {
            throw EntraFailure.invalidClient(
                    700023,
                    "Client assertion audience claim does not match Realm issuer. Found '" + text(claims, "aud")
                            + "'.");
        }
        requireNow();
    }

    private void requireNow() {
        Instant now = Instant.now();
        Instant from = time("nbf");
        Instant end = time("exp");
        if (now.plus(SKEW).isBefore(from) || !now.minus(SKEW).isBefore(end)) {
            throw EntraFailure.invalidClient(
                    700024,
                    "Client assertion is not within its valid time range. Current time: " + now
                            + ", assertion valid from " + from + ", expiry time of assertion " + end + ".");
        }
    }

    private boolean names(X509Certificate certificate) {
        byte[] sha256 = hash("x5t#S256");
        return sha256.length > 0
                ? MessageDigest.isEqual(sha256, digest("SHA-256", certificate))
                : MessageDigest.isEqual(hash("x5t"), digest("SHA-1", certificate));
    }

    /** A hash in the header. RFC 7515 wants base64url; the clients of Azure write plain base64 too, and are understood. */
    private byte[] hash(String name) {
        try {
            return Base64.getUrlDecoder()
                    .decode(text(header, name).replace('+', '-').replace('/', '_'));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private boolean isSignedBy(X509Certificate certificate) {
        String algorithm = text(header, "alg");
        try {
            Signature verifier;
            if (algorithm.equals("RS256")) {
                verifier = Signature.getInstance("SHA256withRSA");
            } else if (algorithm.equals("PS256")) {
                verifier = Signature.getInstance("RSASSA-PSS");
                verifier.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
            } else {
                return false;
            }
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(signed.getBytes(StandardCharsets.UTF_8));
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** In hexadecimal, as the portal shows it. */
    private String thumbprint() {
        byte[] shown = hash(text(header, "x5t").isEmpty() ? "x5t#S256" : "x5t");
        return HexFormat.of().formatHex(shown).toUpperCase(Locale.ROOT);
    }

    static byte[] digest(String algorithm, X509Certificate certificate) {
        try {
            return MessageDigest.getInstance(algorithm).digest(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a certificate that can be encoded", e);
        }
    }

    private static String text(JsonObject json, String name) {
        return Optional.ofNullable(json.get(name))
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsString)
                .orElse("");
    }

    private Instant time(String name) {
        JsonElement value = claims.get(name);
        try {
            return value != null
                            && value.isJsonPrimitive()
                            && value.getAsJsonPrimitive().isNumber()
                    ? Instant.ofEpochSecond(value.getAsLong())
                    : Instant.EPOCH;
        } catch (DateTimeException | NumberFormatException e) {
            throw malformed(); // No clock shows this.
        }
    }
}
