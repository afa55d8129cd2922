package io.keywrap.emulators;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.keywrap.TimeSource;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Access tokens: JSON web tokens (RFC 7519) under a key of this emulator (HS256, RFC 7518 §3.2). */
final class EntraTokens {
    private final byte[] secret = KeyMaterial.random(32);
    private final TimeSource time;
    private final String tenant;
    private final String resource;

    EntraTokens(TimeSource time, String tenant, String resource) {
        this.time = time;
        this.tenant = tenant;
        this.resource = resource;
    }

    /** The object id of an application in the tenant, the same at every call. */
    static String objectId(String clientId) {
        return UUID.nameUUIDFromBytes(("oid:" + clientId).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    String issue(String clientId, Duration lifetime) {
        return issue(clientId, tenant, resource, lifetime);
    }

    String issue(String clientId, String ofTenant, String audience, Duration lifetime) {
        Instant now = time.now();
        JsonObject header = new JsonObject();
        header.addProperty("alg", "HS256");
        header.addProperty("typ", "JWT");
        JsonObject claims = new JsonObject();
        claims.addProperty("aud", audience);
        claims.addProperty("iss", issuer(ofTenant));
        claims.addProperty("iat", now.getEpochSecond());
        claims.addProperty("nbf", now.getEpochSecond());
        claims.addProperty("exp", now.plus(lifetime).getEpochSecond());
        claims.addProperty("appid", clientId);
        claims.addProperty("oid", objectId(clientId));
        claims.addProperty("tid", ofTenant);
        claims.addProperty("ver", "1.0");
        String signed = part(header.toString()) + "." + part(claims.toString());
        return signed + "." + VaultCall.base64(mac(signed));
    }

    /** The client id in the {@code Authorization} header of a request. */
    String clientId(String authorization) {
        String token = authorization.startsWith("Bearer ") ? authorization.substring("Bearer ".length()) : "";
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            throw AzureFailure.unauthorized("AKV10000: Request is missing a Bearer or PoP token.");
        }
        JsonObject claims = claims(parts[1]);
        String issuer = VaultCall.text(claims, "iss");
        if (!issuer.equals(issuer(tenant))) {
            throw AzureFailure.unauthorized(
                    "AKV10032: Invalid issuer. Expected one of " + issuer(tenant) + ", found " + issuer + ".");
        }
        String audience = VaultCall.text(claims, "aud");
        if (!audience.equals(resource)) {
            throw AzureFailure.unauthorized(
                    "AKV10022: Invalid audience. Expected " + resource + ", found: " + audience + ".");
        }
        byte[] expected = mac(parts[0] + "." + parts[1]);
        if (!MessageDigest.isEqual(
                VaultCall.base64(expected).getBytes(StandardCharsets.US_ASCII),
                parts[2].getBytes(StandardCharsets.US_ASCII))) {
            throw AzureFailure.unauthorized("Error validating token: IDX10511");
        }
        if (!time.now().isBefore(Instant.ofEpochSecond(claims.get("exp").getAsLong()))) {
            throw AzureFailure.unauthorized("Error validating token: IDX10223");
        }
        return VaultCall.text(claims, "appid");
    }

    private static JsonObject claims(String part) {
        try {
            JsonElement json =
                    JsonParser.parseString(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (IllegalArgumentException | JsonParseException e) {
            // As for any other text that is no token.
        }
        throw AzureFailure.unauthorized("Error validating token: IDX12729");
    }

    private static String issuer(String ofTenant) {
        return "https://sts.windows.net/" + ofTenant + "/";
    }

    private static String part(String json) {
        return VaultCall.base64(json.getBytes(StandardCharsets.UTF_8));
    }

    private byte[] mac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HmacSHA256", e);
        }
    }
}
