package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.TimeSource;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Entra ID as far as a confidential client needs it: the token endpoint, and the documents that lead to it. */
final class EntraService {
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final String TOKEN = "/oauth2/v2.0/token";
    private static final String CONFIGURATION = "/v2.0/.well-known/openid-configuration";
    private static final String DISCOVERY = "/common/discovery/instance";

    private final TimeSource time;
    private final String tenant;
    private final EntraTokens tokens;
    private final Map<String, AzureApplication> applications = new ConcurrentHashMap<>();

    EntraService(TimeSource time, String tenant, EntraTokens tokens) {
        this.time = time;
        this.tenant = tenant;
        this.tokens = tokens;
    }

    AzureApplication register(String clientId) {
        return applications.computeIfAbsent(clientId.toLowerCase(Locale.ROOT), id -> new AzureApplication(clientId));
    }

    Optional<AzureApplication> find(String clientId) {
        return Optional.ofNullable(applications.get(clientId.toLowerCase(Locale.ROOT)));
    }

    static boolean isTokenRequest(AzureRequest request) {
        return request.method().equals("POST") && request.path().endsWith(TOKEN);
    }

    static boolean isDocument(AzureRequest request) {
        return request.method().equals("GET")
                && (request.path().endsWith(CONFIGURATION) || request.path().equals(DISCOVERY));
    }

    JsonObject document(AzureRequest request) {
        String base = request.base() + "/";
        JsonObject json = new JsonObject();
        if (request.path().equals(DISCOVERY)) {
            json.addProperty("tenant_discovery_endpoint", base + tenant + CONFIGURATION);
            JsonArray aliases = new JsonArray();
            aliases.add(request.host());
            JsonObject metadata = new JsonObject();
            metadata.addProperty("preferred_network", request.host());
            metadata.addProperty("preferred_cache", request.host());
            metadata.add("aliases", aliases);
            JsonArray all = new JsonArray();
            all.add(metadata);
            json.add("metadata", all);
            return json;
        }
        requireTenant(before(CONFIGURATION, request));
        json.addProperty("token_endpoint", base + tenant + TOKEN);
        json.addProperty("authorization_endpoint", base + tenant + "/oauth2/v2.0/authorize");
        json.addProperty("issuer", base + tenant + "/v2.0");
        return json;
    }

    /** The client id that a request names, known or not; it is no secret. */
    static Optional<String> clientId(AzureRequest request) {
        return Optional.ofNullable(form(request.text()).get("client_id"));
    }

    JsonObject token(AzureRequest request) {
        requireTenant(before(TOKEN, request));
        Map<String, String> form = form(request.text());
        if (!form.getOrDefault("grant_type", "").equals("client_credentials")) {
            throw EntraFailure.invalidRequest(70003, "The app requested an unsupported grant type.");
        }
        String clientId = form.getOrDefault("client_id", "");
        AzureApplication application = find(clientId)
                .orElseThrow(() -> EntraFailure.unauthorizedClient(
                        700016,
                        "Application with identifier '" + clientId + "' was not found in the directory '" + tenant
                                + "'. This can happen if the application has not been installed by the administrator"
                                + " of the tenant or consented to by any user in the tenant. You may have sent your"
                                + " authentication request to the wrong tenant."));
        application.requireUsable(tenant);
        authenticate(request, form, application);
        JsonObject json = new JsonObject();
        json.addProperty("token_type", "Bearer");
        json.addProperty("expires_in", LIFETIME.toSeconds());
        json.addProperty("ext_expires_in", LIFETIME.toSeconds());
        json.addProperty("access_token", tokens.issue(application.clientId(), tenant, audience(form), LIFETIME));
        return json;
    }

    private void authenticate(AzureRequest request, Map<String, String> form, AzureApplication application) {
        Optional<String> assertion = Optional.ofNullable(form.get("client_assertion"));
        if (assertion.isPresent()
                && form.getOrDefault("client_assertion_type", "").equals(ClientAssertion.TYPE)) {
            String authority = request.base() + "/" + tenant;
            Set<String> audiences = Set.of(authority + TOKEN, authority + "/v2.0");
            ClientAssertion.parse(assertion.orElseThrow())
                    .verify(application.clientId(), audiences, application.certificates(), time.now());
        } else if (form.containsKey("client_secret")) {
            application.requireSecret(form.getOrDefault("client_secret", ""), time.now());
        } else {
            throw EntraFailure.invalidClient(
                    7000218,
                    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
        }
    }

    private static String audience(Map<String, String> form) {
        for (String scope : form.getOrDefault("scope", "").split(" ", -1)) {
            if (scope.endsWith("/.default")) {
                return scope.substring(0, scope.length() - "/.default".length());
            }
        }
        throw EntraFailure.invalidRequest(
                1002012,
                "The provided value for scope is not valid. Client credential flows must have a scope value with"
                        + " /.default suffixed to the resource identifier (application ID URI).");
    }

    /** What stands before the end of a path, without its slash; the path may be no longer than that end. */
    private static String before(String end, AzureRequest request) {
        String start = request.path().substring(0, request.path().length() - end.length());
        return start.startsWith("/") ? start.substring(1) : start;
    }

    private void requireTenant(String named) {
        if (!named.equalsIgnoreCase(tenant)) {
            throw EntraFailure.invalidRequest(
                    90002,
                    "Tenant '" + named
                            + "' not found. Check to make sure you have the correct tenant ID and are signing into the"
                            + " correct cloud. Check with your subscription administrator, this may happen if there"
                            + " are no active subscriptions for the tenant.");
        }
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                try {
                    form.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
                } catch (IllegalArgumentException e) {
                    throw EntraFailure.invalidRequest(900144, "The request body is not a form.");
                }
            }
        }
        return form;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
