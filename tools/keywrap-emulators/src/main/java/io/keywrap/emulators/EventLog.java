package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What CloudTrail keeps of each request. */
final class EventLog {
    private final KmsStore store;
    private final KmsKeys keys;
    private final RequestLog<CloudTrailEvent> log;

    EventLog(KmsStore store, KmsKeys keys, Consumer<CloudTrailEvent> observer) {
        this.store = store;
        this.keys = keys;
        this.log = new RequestLog<>(observer);
    }

    List<CloudTrailEvent> events() {
        return log.events();
    }

    void clear() {
        log.clear();
    }

    void add(WireRequest wire, Outcome outcome) {
        Optional<KmsRequest> request = outcome.request();
        boolean twice = wire.operation().equals("ReEncrypt");
        CloudTrailEvent event = new CloudTrailEvent(
                store.now(),
                wire.query() ? "sts.amazonaws.com" : "kms.amazonaws.com",
                wire.operation(),
                wire.region().orElse("unknown"),
                request.map(r -> r.caller().arn()),
                wire.accessKeyId(),
                request.flatMap(r -> text(r, twice ? "SourceKeyId" : "KeyId")),
                request.flatMap(r -> text(r, "DestinationKeyId")),
                request.map(r -> resources(r, outcome.answer())).orElse(List.of()),
                request.map(r -> context(r, twice ? "SourceEncryptionContext" : "EncryptionContext"))
                        .orElse(Map.of()),
                request.map(r -> context(r, "DestinationEncryptionContext")).orElse(Map.of()),
                outcome.errorCode(),
                outcome.errorMessage(),
                wire.requestId(),
                wire.userAgent());
        log.add(event);
    }

    /** The keys in the answer; of a request that failed, those that it names. */
    private List<String> resources(KmsRequest request, Optional<JsonObject> answer) {
        Set<String> arns = new LinkedHashSet<>();
        for (String name : List.of("SourceKeyId", "KeyId")) {
            answer.flatMap(json -> Optional.ofNullable(json.get(name)))
                    .map(value -> value.getAsString())
                    .filter(arn -> arn.startsWith("arn:"))
                    .ifPresent(arns::add);
        }
        if (arns.isEmpty()) {
            for (String name : List.of("SourceKeyId", "KeyId", "DestinationKeyId", "TargetKeyId")) {
                text(request, name).flatMap(id -> find(request, id)).ifPresent(arns::add);
            }
        }
        return List.copyOf(arns);
    }

    private Optional<String> find(KmsRequest request, String keyId) {
        synchronized (store) {
            return keys.peek(request, keyId).map(KmsKey::arn);
        }
    }

    private static Optional<String> text(KmsRequest request, String name) {
        try {
            return request.text(name);
        } catch (KmsFailure e) {
            return Optional.empty();
        }
    }

    private static Map<String, String> context(KmsRequest request, String name) {
        try {
            return Map.copyOf(request.pairs(name));
        } catch (KmsFailure e) {
            return Map.of();
        }
    }

    /**
     * What became of a request.
     *
     * @param request what was understood of it
     * @param answer the answer, if it was done
     * @param errorCode the code of its failure
     * @param errorMessage the text of its failure
     */
    record Outcome(
            Optional<KmsRequest> request,
            Optional<JsonObject> answer,
            Optional<String> errorCode,
            Optional<String> errorMessage) {}
}
