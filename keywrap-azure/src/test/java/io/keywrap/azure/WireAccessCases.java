package io.keywrap.azure;

import static io.keywrap.azure.WireCase.error;
import static io.keywrap.azure.WireCase.ours;
import static io.keywrap.azure.WireCase.outage;
import static io.keywrap.azure.WireCase.revoked;
import static io.keywrap.azure.WireCase.throttled;
import static io.keywrap.azure.WireCase.working;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.identity.CredentialUnavailableException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.azure.WireCase.Change;
import io.keywrap.emulators.AzureApplication;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureFault;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** The cases in which the caller, the vault, the network or the service is the matter. */
final class WireAccessCases {
    private WireAccessCases() {}

    static Stream<WireCase> all() {
        return Stream.of(denials(), vaults(), tokens(), throttling(), faults(), credentials(), silence(), unknown())
                .flatMap(List::stream);
    }

    private static WireCase denied(WireRow row, String code, Supplier<AzureDenial> denial) {
        return revoked(row, code, Reason.DENIED, code, w -> w.emulator.deny(denial.get()));
    }

    private static List<WireCase> denials() {
        return List.of(
                denied(WireRow.RBAC, "ForbiddenByRbac", AzureDenial::rbac),
                denied(WireRow.ACCESS_POLICY, "ForbiddenByPolicy", AzureDenial::policy),
                denied(WireRow.ACCESS_POLICY, "AccessDenied", AzureDenial::oldPolicy),
                denied(WireRow.MANAGED_HSM, "AccessDenied", AzureDenial::managedHsm),
                denied(WireRow.NETWORK, "ForbiddenByFirewall", AzureDenial::firewall),
                denied(WireRow.NETWORK, "ForbiddenByConnection", AzureDenial::connection),
                working(WireRow.RBAC, "and allowed again", w -> {
                    w.emulator.deny(AzureDenial.rbac());
                    w.emulator.allow();
                }));
    }

    private static List<WireCase> vaults() {
        return List.of(
                revoked(
                        WireRow.VAULT_GONE,
                        "deleted",
                        Reason.DENIED,
                        "VaultNotFound",
                        w -> w.emulator.vaultDeleted(true)),
                revoked(
                        WireRow.VAULT_GONE,
                        "404 without a body",
                        Reason.DENIED,
                        null,
                        w -> w.emulator.injectAlways(AzureFault.answer(404, ""))));
    }

    private static List<WireCase> tokens() {
        return List.of(
                ours(
                        WireRow.TOKEN,
                        "of another tenant",
                        "Unauthorized",
                        w -> w.callBy(token(w.emulator.tokenOfTenant(WireWorld.OTHER_TENANT)))),
                ours(
                        WireRow.TOKEN,
                        "for another service",
                        "Unauthorized",
                        w -> w.callBy(token(w.emulator.tokenFor("https://management.azure.com")))),
                ours(WireRow.TOKEN, "expired", "Unauthorized", w -> {
                    String token = w.emulator.token(WireWorld.APPLICATION, Duration.ofSeconds(1));
                    w.time.advance(Duration.ofSeconds(2));
                    w.callBy(token(token));
                }),
                ours(WireRow.TOKEN, "that is none", "Unauthorized", w -> w.callBy(token("nonsense"))));
    }

    private static TokenCredential token(String text) {
        return request -> Mono.just(new AccessToken(text, OffsetDateTime.now().plusDays(1)));
    }

    private static List<WireCase> throttling() {
        return List.of(
                throttled(
                        WireRow.THROTTLED,
                        "without a date",
                        "Throttled",
                        w -> w.emulator.injectAlways(AzureFault.throttling())),
                throttled(
                        WireRow.THROTTLED,
                        "for an hour",
                        "Throttled",
                        w -> w.emulator.injectAlways(AzureFault.throttling().header("Retry-After", "3600"))),
                throttled(
                        WireRow.THROTTLED,
                        "429 without a body",
                        null,
                        w -> w.emulator.injectAlways(AzureFault.answer(429, ""))),
                throttled(WireRow.EXTERNAL_KEY, "throttled", "New", error(429, "New", "", "external key manager")),
                outage(WireRow.EXTERNAL_KEY, "too slow", "New", error(408, "New", "", "external key manager")),
                outage(WireRow.EXTERNAL_KEY, "not reached", "New", error(502, "New", "", "external key manager")),
                outage(WireRow.EXTERNAL_KEY, "unavailable", "New", error(503, "New", "", "external key manager")));
    }

    private static List<WireCase> faults() {
        return List.of(
                outage(WireRow.SERVICE_FAULT, "500", "InternalError", error(500, "InternalError", "", "x")),
                outage(
                        WireRow.SERVICE_FAULT,
                        "503 for an hour",
                        "Busy",
                        w -> w.emulator.injectAlways(
                                AzureFault.error(503, "Busy", "", "x").header("Retry-After", "3600"))),
                outage(
                        WireRow.SERVICE_FAULT,
                        "502 of a proxy",
                        null,
                        w -> w.emulator.injectAlways(AzureFault.answer(502, "<html>bad gateway</html>"))),
                outage(
                        WireRow.SERVICE_FAULT,
                        "504 without a body",
                        null,
                        w -> w.emulator.injectAlways(AzureFault.answer(504, ""))));
    }

    private static List<WireCase> credentials() {
        return List.of(
                revoked(
                        WireRow.CREDENTIAL,
                        "application not in the tenant",
                        Reason.DENIED,
                        "AADSTS7000229",
                        by(AzureApplication::removeFromTenant)),
                revoked(
                        WireRow.CREDENTIAL,
                        "application disabled",
                        Reason.DENIED,
                        "AADSTS7000112",
                        by(AzureApplication::disable)),
                revoked(
                        WireRow.CREDENTIAL,
                        "application not registered",
                        Reason.DENIED,
                        "AADSTS700016",
                        w -> w.callBy(w.secret("known", w.emulator.tenant()))),
                ours(WireRow.CREDENTIAL, "secret expired", "AADSTS7000222", w -> {
                    by(application -> {}).in(w);
                    w.time.advance(Duration.ofDays(1));
                }),
                ours(WireRow.CREDENTIAL, "certificate not known", "AADSTS700027", w -> {
                    by(application -> {}).in(w);
                    w.emulator.injectAlways(AzureFault.aadsts(401, "invalid_client", 700027, "invalid signature"));
                }),
                ours(WireRow.CREDENTIAL, "a wrong clock", "AADSTS700024", w -> {
                    by(application -> {}).in(w);
                    w.emulator.injectAlways(AzureFault.aadsts(
                            401, "invalid_client", 700024, "Client assertion is not within its valid time range"));
                }),
                ours(WireRow.CREDENTIAL, "secret wrong", "AADSTS7000215", w -> {
                    w.application();
                    w.callBy(w.secret("unknown", w.emulator.tenant()));
                }),
                outage(WireRow.CREDENTIAL, "Entra ID out of order", null, w -> {
                    by(application -> {}).in(w);
                    w.emulator.injectAlways(AzureFault.answer(503, "").on("Token"));
                }),
                // MSAL by itself reads it for ever.
                outage(WireRow.CREDENTIAL, "an array for a token", null, w -> {
                    by(application -> {}).in(w);
                    w.emulator.injectAlways(
                            AzureFault.answer(200, "{\"access_token\":[]}").on("Token"));
                }),
                ours(
                        WireRow.CREDENTIAL,
                        "no credentials",
                        null,
                        w -> w.callBy(
                                request -> Mono.error(new CredentialUnavailableException("nothing is configured")))),
                working(WireRow.CREDENTIAL, "as it should be", by(application -> {})),
                ours(WireRow.TENANT, "tenant not allowed", null, w -> {
                    w.application();
                    w.callBy(w.secret("known", WireWorld.OTHER_TENANT));
                }),
                working(WireRow.TENANT, "allowed with all others", w -> {
                    w.application();
                    w.callBy(w.secret("known", WireWorld.OTHER_TENANT, "*"));
                }));
    }

    /** Calls by an application that was good, and then changed. */
    private static Change by(Consumer<AzureApplication> change) {
        return w -> {
            AzureApplication application = w.application();
            w.callBy(w.secret("known", w.emulator.tenant()));
            change.accept(application);
        };
    }

    private static List<WireCase> silence() {
        return List.of(
                outage(WireRow.NO_ANSWER, "nobody listens", null, w -> w.emulator.close()),
                outage(WireRow.NO_ANSWER, "cut", null, w -> w.emulator.injectAlways(AzureFault.cut())),
                outage(WireRow.NO_ANSWER, "truncated", null, w -> w.emulator.injectAlways(AzureFault.truncated())),
                outage(WireRow.NO_ANSWER, "late", null, w -> {
                    w.budget = Duration.ofMillis(300);
                    w.emulator.injectAlways(AzureFault.slow(Duration.ofSeconds(20)));
                }),
                outage(WireRow.NO_ANSWER, "a credential that hangs", null, w -> {
                    w.budget = Duration.ofMillis(300);
                    w.callBy(request -> Mono.never());
                }),
                outage(
                        WireRow.NO_ANSWER,
                        "a page of a proxy",
                        null,
                        w -> w.emulator.injectAlways(AzureFault.answer(200, "<html>sign in</html>"))));
    }

    private static List<WireCase> unknown() {
        return List.of(
                revoked(
                        WireRow.UNKNOWN,
                        "looks like a denial",
                        Reason.DENIED,
                        "New",
                        error(403, "Forbidden", "New", "x")),
                outage(WireRow.UNKNOWN, "looks like an outage", "New", error(599, "New", "", "x")),
                ours(WireRow.UNKNOWN, "looks like nothing", "New", error(418, "New", "", "x")),
                ours(
                        WireRow.UNKNOWN,
                        "403 of a proxy",
                        null,
                        w -> w.emulator.injectAlways(AzureFault.answer(403, "<html>blocked</html>"))));
    }
}
