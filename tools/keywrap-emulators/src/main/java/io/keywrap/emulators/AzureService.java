package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** From a request to its answer: which server it is for, authentication, the fault that is due, permission, the operation. */
final class AzureService {
    private final VaultStore store;
    private final VaultOperations operations;
    private final EntraService entra;
    private final EntraTokens tokens;
    private final Names names;
    private final AzureAccess access;
    private final FaultRules<AzureFault> faults;
    private final RequestLog<AzureAuditEvent> log;
    private final List<AzureDenial> denials = new CopyOnWriteArrayList<>();

    AzureService(
            VaultStore store,
            EntraService entra,
            EntraTokens tokens,
            Names names,
            AzureAccess access,
            FaultRules<AzureFault> faults,
            RequestLog<AzureAuditEvent> log) {
        this.store = store;
        this.operations = new VaultOperations(store);
        this.entra = entra;
        this.tokens = tokens;
        this.names = names;
        this.access = access;
        this.faults = faults;
        this.log = log;
    }

    void deny(AzureDenial denial) {
        denials.add(denial);
    }

    void allow() {
        denials.clear();
    }

    AzureAnswer answer(AzureRequest request) {
        if (EmulatorControl.isFor(request)) {
            return new EmulatorControl(entra).answer(request);
        }
        if (EntraService.isDocument(request)) {
            return document(request);
        }
        Seen seen = new Seen();
        if (EntraService.isTokenRequest(request)) {
            return token(request, seen);
        }
        try {
            return vault(request, seen);
        } catch (AzureFailure e) {
            AzureFailure failure = e.status() == 401 ? e.challenging(challenge(request)) : e;
            log(request, seen, failure.status(), Optional.of(failure.code()), failure.inner());
            return AzureAnswer.json(failure.status(), failure.body(), failure.headers(), seen.fault);
        }
    }

    private AzureAnswer vault(AzureRequest request, Seen seen) {
        if (request.authorization().isEmpty()) {
            seen.operation = VaultOperation.AUTHENTICATION.logName;
            throw AzureFailure.unauthorized("AKV10000: Request is missing a Bearer or PoP token.");
        }
        VaultCall anonymous = VaultCall.of(request);
        seen.of(anonymous);
        VaultCall call = anonymous.by(tokens.clientId(request.authorization().orElseThrow()));
        seen.clientId = Optional.of(call.clientId());
        seen.fault = faults.next(due -> due.matches(call.operation(), call.key()));
        if (seen.fault.filter(AzureFault::instead).isPresent()) {
            return instead(request, seen);
        }
        requirePermitted(call);
        Optional<JsonObject> json = operations.perform(call);
        int status = json.isPresent() ? 200 : 204;
        log(request, seen, status, Optional.empty(), Optional.empty());
        return done(status, json, seen.fault);
    }

    private void requirePermitted(VaultCall call) {
        if (!call.request().hasQuery("api-version")) {
            throw AzureFailure.badParameter("api-version must be specified");
        }
        synchronized (store) {
            if (store.vaultDeleted) {
                throw new AzureFailure(404, "VaultNotFound", "", "The vault '" + names.vault() + "' was not found.");
            }
        }
        denials.stream().filter(denial -> denial.matches(call)).findFirst().ifPresent(denial -> {
            throw denial.failure(call, names.vault(), names.tenant());
        });
        Optional<AzureFailure> refusal = access.refusal(call);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    private AzureAnswer token(AzureRequest request, Seen seen) {
        seen.operation = VaultOperation.TOKEN.logName;
        try {
            seen.clientId = EntraService.clientId(request);
            seen.fault = faults.next(due -> due.matches(VaultOperation.TOKEN, Optional.empty()));
            if (seen.fault.filter(AzureFault::instead).isPresent()) {
                return instead(request, seen);
            }
            JsonObject json = entra.token(request);
            log(request, seen, 200, Optional.empty(), Optional.empty());
            return done(200, Optional.of(json), seen.fault);
        } catch (EntraFailure e) {
            log(request, seen, e.status(), Optional.of(e.code()), Optional.empty());
            return refused(request, e, seen.fault);
        }
    }

    private AzureAnswer document(AzureRequest request) {
        try {
            return done(200, Optional.of(entra.document(request)), Optional.empty());
        } catch (EntraFailure e) {
            return refused(request, e, Optional.empty());
        }
    }

    private AzureAnswer refused(AzureRequest request, EntraFailure failure, Optional<AzureFault> fault) {
        return AzureAnswer.json(failure.status(), failure.body(request.requestId(), store.now()), Map.of(), fault);
    }

    private AzureAnswer instead(AzureRequest request, Seen seen) {
        AzureFault fault = seen.fault.orElseThrow();
        log(request, seen, fault.status, Optional.empty(), Optional.empty());
        String type = fault.text.startsWith("<") ? "text/html" : AzureAnswer.JSON;
        return new AzureAnswer(fault.status, type, fault.headers, fault.text, seen.fault);
    }

    private static AzureAnswer done(int status, Optional<JsonObject> json, Optional<AzureFault> fault) {
        String body = json.map(answer -> fault.map(due -> due.spoil(answer)).orElseGet(answer::toString))
                .orElse("");
        Map<String, String> headers = fault.map(due -> due.headers).orElse(Map.of());
        return AzureAnswer.json(status, body, headers, fault);
    }

    /** Tells a client whom to ask for which token, as {@code KeyVaultCredentialPolicy} of the SDK reads it. */
    private String challenge(AzureRequest request) {
        return "Bearer authorization=\"" + request.base() + "/" + names.tenant() + "\", resource=\"" + names.resource()
                + "\"";
    }

    private void log(
            AzureRequest request, Seen seen, int status, Optional<String> errorCode, Optional<String> innerErrorCode) {
        log.add(new AzureAuditEvent(
                store.now(),
                seen.operation,
                request.method(),
                request.path(),
                seen.key,
                seen.version,
                seen.clientId,
                status,
                errorCode,
                innerErrorCode,
                request.requestId(),
                request.userAgent()));
    }

    /** What has been understood of a request so far. */
    private static final class Seen {
        String operation = "Unknown";
        Optional<String> key = Optional.empty();
        Optional<String> version = Optional.empty();
        Optional<String> clientId = Optional.empty();
        Optional<AzureFault> fault = Optional.empty();

        void of(VaultCall call) {
            operation = call.operation().logName;
            key = call.key();
            version = call.version();
        }
    }

    /**
     * What the emulator is called.
     *
     * @param vault the name of the vault
     * @param tenant the id of the tenant
     * @param resource whom tokens are for
     */
    record Names(String vault, String tenant, String resource) {}
}
