package io.keywrap.emulators;

import com.google.gson.JsonObject;
import io.keywrap.emulators.EventLog.Outcome;
import java.util.Optional;
import java.util.function.Supplier;

/** From a request on the wire to the answer for the wire: authentication, the fault that is due, the operation, the log. */
final class KmsService {
    private static final String JSON = "application/x-amz-json-1.1";
    private static final String XML = "text/xml";

    private final KmsStore store;
    private final Credentials credentials;
    private final Sts sts;
    private final KmsOperations operations;
    private final FaultRules<AwsFault> faults;
    private final EventLog log;

    KmsService(
            KmsStore store,
            Credentials credentials,
            Sts sts,
            KmsOperations operations,
            FaultRules<AwsFault> faults,
            EventLog log) {
        this.store = store;
        this.credentials = credentials;
        this.sts = sts;
        this.operations = operations;
        this.faults = faults;
        this.log = log;
    }

    Answer answer(WireRequest wire) {
        Optional<KmsRequest> request = Optional.empty();
        Optional<AwsFault> fault = Optional.empty();
        try {
            KmsRequest understood = understand(wire);
            request = Optional.of(understood);
            fault = faults.next(rule -> rule.matches(understood));
            return perform(wire, understood, fault);
        } catch (KmsFailure e) {
            log.add(
                    wire,
                    new Outcome(request, Optional.empty(), Optional.of(e.code()), Optional.ofNullable(e.getMessage())));
            return new Answer(e.status(), wire.query() ? XML : JSON, errorBody(wire, e), fault);
        }
    }

    private KmsRequest understand(WireRequest wire) {
        if (wire.authorization().isEmpty()) {
            throw KmsFailure.missingToken();
        }
        String accessKeyId = wire.accessKeyId().orElseThrow(KmsFailure::incompleteSignature);
        String region = wire.region().orElseThrow(KmsFailure::incompleteSignature);
        if (!wire.service().equals(Optional.of(wire.query() ? "sts" : "kms"))) {
            throw KmsFailure.wrongService();
        }
        Caller caller = credentials.find(accessKeyId, store.now());
        JsonObject body = wire.query() ? Sts.form(wire.body()) : KmsRequest.parse(wire.body());
        return new KmsRequest(wire.operation(), region, caller, body);
    }

    private Answer perform(WireRequest wire, KmsRequest request, Optional<AwsFault> fault) {
        AwsFault.Kind kind = fault.map(f -> f.kind).orElse(AwsFault.Kind.SLOW);
        if (kind == AwsFault.Kind.ERROR) {
            throw fault.map(f -> new KmsFailure(f.status, f.code, f.text.isEmpty() ? null : f.text))
                    .orElseThrow();
        }
        if (kind == AwsFault.Kind.ANSWER) {
            AwsFault instead = fault.orElseThrow();
            log.add(
                    wire,
                    new Outcome(
                            Optional.of(request),
                            Optional.empty(),
                            Optional.of("HTTP " + instead.status),
                            Optional.empty()));
            return new Answer(instead.status, JSON, instead.text, fault);
        }
        if (wire.query()) {
            String xml = guarded(() -> sts.perform(request, wire.requestId()));
            log.add(wire, new Outcome(Optional.of(request), Optional.empty(), Optional.empty(), Optional.empty()));
            return new Answer(200, XML, xml, fault);
        }
        JsonObject json = guarded(() -> operations.perform(request));
        log.add(wire, new Outcome(Optional.of(request), Optional.of(json), Optional.empty(), Optional.empty()));
        fault.filter(f -> f.kind == AwsFault.Kind.FIELD).ifPresent(f -> json.addProperty(f.code, f.text));
        return new Answer(200, JSON, json.size() == 0 ? "" : json.toString(), fault);
    }

    /** A parameter of the wrong type surfaces where it is used. */
    private static <T> T guarded(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (ClassCastException | IllegalStateException | UnsupportedOperationException e) {
            throw KmsFailure.serialization("A parameter has the wrong type");
        }
    }

    private static String errorBody(WireRequest wire, KmsFailure failure) {
        if (wire.query()) {
            return Sts.error(failure, wire.requestId());
        }
        JsonObject json = new JsonObject();
        json.addProperty("__type", failure.code());
        Optional.ofNullable(failure.getMessage()).ifPresent(text -> json.addProperty("message", text));
        return json.toString();
    }

    /**
     * What goes back, and what goes wrong on the way.
     *
     * @param status the HTTP code
     * @param contentType the type of the body
     * @param body the body; empty for none
     * @param fault what happens to it
     */
    record Answer(int status, String contentType, String body, Optional<AwsFault> fault) {
        boolean is(AwsFault.Kind kind) {
            return fault.filter(f -> f.kind == kind).isPresent();
        }
    }
}
