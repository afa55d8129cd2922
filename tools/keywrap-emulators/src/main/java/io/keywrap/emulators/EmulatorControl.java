package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person does in the portal, for other processes: paths that no vault has, without authentication.
 *
 * <p>{@code POST /emulator/applications/<client id>/certificates} with a certificate (PEM or DER) uploads it to an
 * application, which it registers if need be; {@code DELETE …/certificates/<thumbprint>} removes it.
 */
final class EmulatorControl {
    private static final String ROOT = "/emulator/";
    private static final Pattern CERTIFICATES =
            Pattern.compile("/emulator/applications/([A-Za-z0-9-]{1,64})/certificates(?:/([0-9A-Fa-f]{40}))?");

    private final EntraService entra;

    EmulatorControl(EntraService entra) {
        this.entra = entra;
    }

    static boolean isFor(AzureRequest request) {
        return request.path().startsWith(ROOT);
    }

    AzureAnswer answer(AzureRequest request) {
        Matcher path = CERTIFICATES.matcher(request.path());
        if (path.matches()) {
            String clientId = path.group(1);
            Optional<String> thumbprint = Optional.ofNullable(path.group(2));
            if (request.method().equals("POST") && thumbprint.isEmpty()) {
                return upload(clientId, request.body());
            }
            if (request.method().equals("DELETE") && thumbprint.isPresent()) {
                boolean removed = entra.find(clientId)
                        .filter(application -> application.remove(thumbprint.orElseThrow()))
                        .isPresent();
                return AzureAnswer.json(removed ? 204 : 404, "", Map.of(), Optional.empty());
            }
        }
        return error(404, "The emulator has no " + request.method() + " " + request.path());
    }

    private AzureAnswer upload(String clientId, byte[] body) {
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(body));
            JsonObject json = new JsonObject();
            json.addProperty("thumbprint", entra.register(clientId).upload(certificate));
            return AzureAnswer.json(201, json.toString(), Map.of(), Optional.empty());
        } catch (CertificateException e) {
            return error(400, "The body is not a certificate in PEM or DER.");
        }
    }

    private static AzureAnswer error(int status, String message) {
        return AzureAnswer.json(
                status, new AzureFailure(status, "EmulatorControl", "", message).body(), Map.of(), Optional.empty());
    }
}
