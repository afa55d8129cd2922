package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** As much of the token service as a client of KMS needs: the query protocol of {@code AssumeRole}. */
final class Sts {
    private static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
    private static final int DEFAULT_SECONDS = 3600;
    private static final int MIN_SECONDS = 900;
    private static final int MAX_SECONDS = 43_200;

    private final Credentials credentials;
    private final KmsStore store;
    private final Map<String, AwsRole> roles = new ConcurrentHashMap<>();

    Sts(Credentials credentials, KmsStore store) {
        this.credentials = credentials;
        this.store = store;
    }

    void put(AwsRole role) {
        roles.put(role.arn(), role);
    }

    /** The parameters of a form. */
    static JsonObject form(String body) {
        JsonObject form = new JsonObject();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                form.addProperty(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return form;
    }

    static String action(String body) {
        JsonObject form = form(body);
        return form.has("Action") ? form.get("Action").getAsString() : "";
    }

    /** A percent sign that begins nothing stands for itself. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** The answer in XML. */
    String perform(KmsRequest request, String requestId) {
        return switch (request.operation()) {
            case "AssumeRole" -> assumeRole(request, requestId);
            case "GetCallerIdentity" -> callerIdentity(request.caller(), requestId);
            default -> throw new KmsFailure(400, "InvalidAction", "This emulator has no action " + request.operation());
        };
    }

    private String assumeRole(KmsRequest request, String requestId) {
        String arn = request.required("RoleArn");
        String name = request.required("RoleSessionName");
        AwsRole role = Optional.ofNullable(roles.get(arn))
                .filter(known -> isTrusted(request, known))
                .orElseThrow(() -> new KmsFailure(
                        403,
                        "AccessDenied",
                        "User: " + request.caller().arn()
                                + " is not authorized to perform: sts:AssumeRole on resource: " + arn));
        int seconds =
                request.number("DurationSeconds", MIN_SECONDS, MAX_SECONDS).orElse(DEFAULT_SECONDS);
        Instant expiry = store.now().plus(Duration.ofSeconds(seconds)).truncatedTo(ChronoUnit.SECONDS);
        String sessionArn = role.arn().replace(":iam::", ":sts::").replace(":role/", ":assumed-role/") + "/" + name;
        AwsPrincipal session = credentials.session(role.arn(), sessionArn, expiry);
        String result = element(
                        "AssumedRoleUser",
                        element("AssumedRoleId", "AROAEMULATED:" + escape(name)) + element("Arn", escape(sessionArn)))
                + element(
                        "Credentials",
                        element("AccessKeyId", session.accessKeyId())
                                + element("SecretAccessKey", session.secretAccessKey())
                                + element("SessionToken", "token-of-" + session.accessKeyId())
                                + element("Expiration", expiry.toString()));
        return answer("AssumeRole", result, requestId);
    }

    private static boolean isTrusted(KmsRequest request, AwsRole role) {
        Caller caller = request.caller();
        boolean trusted = role.trusted().stream()
                .anyMatch(principal ->
                        caller.isCalled(principal) || principal.endsWith(":" + caller.account() + ":root"));
        return trusted
                && role.externalId()
                        .map(id -> request.text("ExternalId").equals(Optional.of(id)))
                        .orElse(true);
    }

    private static String callerIdentity(Caller caller, String requestId) {
        String result = element("Arn", escape(caller.arn()))
                + element("UserId", "AIDAEMULATED")
                + element("Account", caller.account());
        return answer("GetCallerIdentity", result, requestId);
    }

    static String error(KmsFailure failure, String requestId) {
        String message = failure.getMessage();
        String error = element("Type", "Sender")
                + element("Code", escape(failure.code()))
                + element("Message", escape(message == null ? "" : message));
        return "<ErrorResponse xmlns=\"" + NAMESPACE + "\">" + element("Error", error) + element("RequestId", requestId)
                + "</ErrorResponse>";
    }

    private static String answer(String action, String result, String requestId) {
        return "<" + action + "Response xmlns=\"" + NAMESPACE + "\">" + element(action + "Result", result)
                + element("ResponseMetadata", element("RequestId", requestId)) + "</" + action + "Response>";
    }

    private static String element(String name, String content) {
        return "<" + name + ">" + content + "</" + name + ">";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
