package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.emulators.Authorizer.Access;
import java.time.Duration;
import java.util.Optional;

/** The operations of rotation. Automatic rotation is remembered; it is never carried out. */
final class RotationOperations {
    private static final int MAX_ON_DEMAND = 10;
    private static final int DEFAULT_PERIOD_DAYS = 365;
    private static final int MIN_PERIOD_DAYS = 90;
    private static final int MAX_PERIOD_DAYS = 2560;

    private final KmsStore store;
    private final KmsKeys keys;

    RotationOperations(KmsStore store, KmsKeys keys) {
        this.store = store;
        this.keys = keys;
    }

    JsonObject rotateKeyOnDemand(KmsRequest request) {
        KmsKey key = keys.owned(request);
        requireRotatable(key);
        if (key.state() == AwsKeyState.DISABLED) {
            throw KmsFailure.disabled(key.arn());
        }
        if (key.material.onDemandRotations() >= MAX_ON_DEMAND) {
            throw KmsFailure.tooManyRotations();
        }
        key.material.rotate(store.now());
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.keyId);
        return answer;
    }

    JsonObject enableKeyRotation(KmsRequest request) {
        int days = request.number("RotationPeriodInDays", MIN_PERIOD_DAYS, MAX_PERIOD_DAYS)
                .orElse(DEFAULT_PERIOD_DAYS);
        return automatic(request, Optional.of(days));
    }

    JsonObject disableKeyRotation(KmsRequest request) {
        return automatic(request, Optional.empty());
    }

    private JsonObject automatic(KmsRequest request, Optional<Integer> periodDays) {
        KmsKey key = keys.owned(request);
        requireRotatable(key);
        key.material.periodDays(periodDays);
        return new JsonObject();
    }

    JsonObject getKeyRotationStatus(KmsRequest request) {
        KmsKey key = keys.authorized(request, request.required("KeyId"), Access.manage("GetKeyRotationStatus"));
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("KeyRotationEnabled", key.material.periodDays().isPresent());
        key.material.periodDays().ifPresent(days -> {
            answer.addProperty("RotationPeriodInDays", days);
            answer.addProperty(
                    "NextRotationDate",
                    KeyMetadata.seconds(key.material.current().date.plus(Duration.ofDays(days))));
        });
        return answer;
    }

    JsonObject listKeyRotations(KmsRequest request) {
        KmsKey key = keys.owned(request);
        JsonArray list = new JsonArray();
        for (KeyMaterial.Version version : key.material.rotations()) {
            JsonObject entry = new JsonObject();
            entry.addProperty("KeyId", key.keyId);
            entry.addProperty("KeyMaterialId", version.id);
            entry.addProperty("RotationDate", KeyMetadata.seconds(version.date));
            entry.addProperty("RotationType", version.rotation);
            entry.addProperty("KeyMaterialState", version == key.material.current() ? "CURRENT" : "NON_CURRENT");
            list.add(entry);
        }
        return KeyOperations.wholeList("Rotations", list);
    }

    private static void requireRotatable(KmsKey key) {
        if (!key.spec.origin().equals("AWS_KMS") || !key.spec.spec().equals("SYMMETRIC_DEFAULT")) {
            throw KmsFailure.unsupported(
                    key.arn() + " origin is " + key.spec.origin() + " which is not valid for this operation.");
        }
        if (!key.primary) {
            throw KmsFailure.unsupported(key.arn() + " is a replica key; rotate the primary key");
        }
        key.requireManageable();
    }
}
