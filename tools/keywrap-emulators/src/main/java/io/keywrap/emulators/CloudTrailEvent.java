package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request as its owner finds it in CloudTrail. Neither plaintexts nor ciphertexts are in it; the encryption context is,
 * as it is at AWS.
 *
 * @param eventTime when it came
 * @param eventSource {@code kms.amazonaws.com} or {@code sts.amazonaws.com}
 * @param eventName the operation, such as {@code Decrypt}
 * @param awsRegion the Region that it was signed for
 * @param principalArn who signed it; empty if that could not be told
 * @param accessKeyId what it was signed with; empty if with nothing
 * @param keyId what the request named as its key, as it stands there; of a {@code ReEncrypt}, the source
 * @param destinationKeyId what a {@code ReEncrypt} named as its destination; of other operations empty
 * @param resources the ARNs of the keys that it was about
 * @param encryptionContext its encryption context; of a {@code ReEncrypt}, that of the source
 * @param destinationEncryptionContext that of the destination of a {@code ReEncrypt}
 * @param errorCode how it failed
 * @param errorMessage with which text
 * @param requestId the id in the answer
 * @param userAgent what the client says it is
 */
public record CloudTrailEvent(
        Instant eventTime,
        String eventSource,
        String eventName,
        String awsRegion,
        Optional<String> principalArn,
        Optional<String> accessKeyId,
        Optional<String> keyId,
        Optional<String> destinationKeyId,
        List<String> resources,
        Map<String, String> encryptionContext,
        Map<String, String> destinationEncryptionContext,
        Optional<String> errorCode,
        Optional<String> errorMessage,
        String requestId,
        String userAgent) {

    /**
     * The event in the form of CloudTrail.
     *
     * @return one line of JSON
     */
    public String toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("eventVersion", "1.08");
        json.add("userIdentity", userIdentity());
        json.addProperty("eventTime", eventTime.truncatedTo(ChronoUnit.SECONDS).toString());
        json.addProperty("eventSource", eventSource);
        json.addProperty("eventName", eventName);
        json.addProperty("awsRegion", awsRegion);
        json.addProperty("sourceIPAddress", "127.0.0.1");
        json.addProperty("userAgent", userAgent);
        errorCode.ifPresent(code -> json.addProperty("errorCode", code));
        errorMessage.ifPresent(message -> json.addProperty("errorMessage", message));
        json.add("requestParameters", parameters());
        json.add("responseElements", JsonNull.INSTANCE);
        json.addProperty("requestID", requestId);
        JsonArray list = new JsonArray();
        resources.forEach(arn -> list.add(resource(arn)));
        json.add("resources", list);
        json.addProperty("eventType", "AwsApiCall");
        return json.toString();
    }

    private JsonObject userIdentity() {
        JsonObject json = new JsonObject();
        principalArn.ifPresent(arn -> {
            json.addProperty("type", arn.contains(":assumed-role/") ? "AssumedRole" : "IAMUser");
            json.addProperty("arn", arn);
            json.addProperty("accountId", Arn.accountOf(arn));
        });
        accessKeyId.ifPresent(id -> json.addProperty("accessKeyId", id));
        return json;
    }

    private JsonObject parameters() {
        boolean twice = eventName.equals("ReEncrypt");
        JsonObject json = new JsonObject();
        keyId.ifPresent(id -> json.addProperty(twice ? "sourceKeyId" : "keyId", id));
        destinationKeyId.ifPresent(id -> json.addProperty("destinationKeyId", id));
        add(json, twice ? "sourceEncryptionContext" : "encryptionContext", encryptionContext);
        add(json, "destinationEncryptionContext", destinationEncryptionContext);
        return json;
    }

    private static void add(JsonObject json, String name, Map<String, String> pairs) {
        if (!pairs.isEmpty()) {
            JsonObject object = new JsonObject();
            pairs.forEach(object::addProperty);
            json.add(name, object);
        }
    }

    private static JsonObject resource(String arn) {
        JsonObject json = new JsonObject();
        json.addProperty("accountId", Arn.accountOf(arn));
        json.addProperty("type", "AWS::KMS::Key");
        json.addProperty("ARN", arn);
        return json;
    }
}
