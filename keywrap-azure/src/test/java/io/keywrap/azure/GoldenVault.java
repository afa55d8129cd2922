package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import reactor.core.publisher.Mono;

/**
 * A vault at an address of Azure's, where no server can be, with one key that was written down. It asks for a token, and then
 * does nothing but unwrap by that key, its version and its algorithm.
 */
record GoldenVault(String algorithm, Path folder) implements HttpClient {
    static final String VERSION = "0123456789abcdef0123456789abcdef";
    private static final OAEPParameterSpec OAEP =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
    private static final Pattern FIELD = Pattern.compile("\"(alg|value)\" ?: ?\"([^\"]*)\"");

    @Override
    public Mono<HttpResponse> send(HttpRequest request) {
        String host = request.getUrl().getHost();
        HttpHeaders headers = new HttpHeaders().set(HttpHeaderName.CONTENT_TYPE, "application/json");
        if (request.getHeaders().getValue(HttpHeaderName.AUTHORIZATION) == null) {
            String resource = host.substring(host.indexOf('.') + 1);
            headers.set(
                    HttpHeaderName.WWW_AUTHENTICATE,
                    "Bearer authorization=\"https://login.microsoftonline.com/22222222-2222-4222-8222-222222222222\","
                            + " resource=\"https://" + resource + "\"");
            return Mono.just(new FixedResponse(request, 401, headers));
        }
        assertThat(request.getUrl().getPath()).isEqualTo("/keys/customer/" + VERSION + "/unwrapkey");
        return Mono.fromSupplier(() -> new FixedResponse(
                request,
                200,
                headers,
                answer(host, request.getBodyAsBinaryData().toString())));
    }

    private byte[] answer(String host, String body) {
        Matcher fields = FIELD.matcher(body);
        String wrapped = "";
        while (fields.find()) {
            if (fields.group(1).equals("alg")) {
                assertThat(fields.group(2)).isEqualTo(algorithm);
            } else {
                wrapped = fields.group(2);
            }
        }
        String key = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(unwrap(Base64.getUrlDecoder().decode(wrapped)));
        String kid = "https://" + host + "/keys/customer/" + VERSION;
        return ("{\"kid\": \"" + kid + "\", \"value\": \"" + key + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    private byte[] unwrap(byte[] wrapped) {
        try {
            if (algorithm.equals("A256KW")) {
                Cipher aes = Cipher.getInstance("AESWrap");
                aes.init(Cipher.UNWRAP_MODE, aesKey());
                return aes.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded();
            }
            Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
            rsa.init(Cipher.DECRYPT_MODE, privateKey(), OAEP);
            return rsa.doFinal(wrapped);
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static SecretKey aesKey() {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 42);
        return new SecretKeySpec(key, "AES");
    }

    private PrivateKey privateKey() throws GeneralSecurityException, IOException {
        byte[] encoded = Files.readAllBytes(folder.resolve("RSA-OAEP-256-key.p8"));
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }
}
