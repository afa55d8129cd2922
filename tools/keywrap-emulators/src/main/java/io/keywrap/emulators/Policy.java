package io.keywrap.emulators;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A policy document: that of a key, or that of an identity (without principals).
 *
 * <p>What is not understood is refused when the policy is put, so that no policy silently says something else than it
 * would on AWS.
 *
 * @param statements its statements
 */
record Policy(List<PolicyStatement> statements) {
    private static final Set<String> MEMBERS = Set.of("Version", "Id", "Statement");

    /** What a policy says to one request. Of several allowances the strongest counts; a denial beats them all. */
    enum Decision {
        SILENT,
        /** The account may give its principals the right by its own policies. */
        ALLOW_ACCOUNT,
        ALLOW,
        DENY
    }

    /** Reads the policy of a key, every statement of which says whom it is for. */
    static Policy ofKey(String json) {
        return parse(json, true);
    }

    /** Reads the policy of an identity, which is for that one. */
    static Policy ofIdentity(String json) {
        return parse(json, false);
    }

    private static Policy parse(String json, boolean principals) {
        try {
            JsonObject document = JsonParser.parseString(json).getAsJsonObject();
            if (!MEMBERS.containsAll(document.keySet())) {
                throw KmsFailure.malformedPolicy("Unknown member in " + document.keySet());
            }
            List<PolicyStatement> statements = new ArrayList<>();
            for (JsonElement statement : elements(document.get("Statement"))) {
                if (statement.getAsJsonObject().has("Principal") != principals) {
                    throw KmsFailure.malformedPolicy(
                            "A statement of a key's policy has a Principal, and no other has one");
                }
                statements.add(PolicyStatement.parse(statement.getAsJsonObject()));
            }
            return new Policy(List.copyOf(statements));
        } catch (JsonParseException
                | ClassCastException
                | IllegalStateException
                | NullPointerException
                | UnsupportedOperationException e) {
            throw KmsFailure.malformedPolicy("The policy is not a policy document");
        }
    }

    static List<JsonElement> elements(JsonElement oneOrMore) {
        return oneOrMore.isJsonArray() ? oneOrMore.getAsJsonArray().asList() : List.of(oneOrMore);
    }

    static List<String> strings(JsonElement oneOrMore) {
        return elements(oneOrMore).stream().map(JsonElement::getAsString).toList();
    }

    /** The policy that a key has if nobody gives it one. */
    static String everythingFor(String account, String region) {
        return ("{\"Version\":\"2012-10-17\",\"Id\":\"key-default-1\",\"Statement\":[{\"Sid\":\"Enable IAM User Permissions\","
                        + "\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:%s:iam::%s:root\"},\"Action\":\"kms:*\","
                        + "\"Resource\":\"*\"}]}")
                .formatted(Arn.partition(region), account);
    }

    /** The policy of an identity that may do everything. */
    static Policy everything() {
        return ofIdentity("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}");
    }

    Decision ofKey(Caller caller, String action, String resource, Map<String, List<String>> conditionKeys) {
        Decision strongest = Decision.SILENT;
        for (PolicyStatement statement : statements) {
            Decision decision = statement.ofKey(caller, action, resource, conditionKeys);
            strongest = decision.compareTo(strongest) > 0 ? decision : strongest;
        }
        return strongest;
    }

    Decision ofIdentity(String action, String resource, Map<String, List<String>> conditionKeys) {
        Decision strongest = Decision.SILENT;
        for (PolicyStatement statement : statements) {
            Decision decision = statement.ofIdentity(action, resource, conditionKeys);
            strongest = decision.compareTo(strongest) > 0 ? decision : strongest;
        }
        return strongest;
    }
}
