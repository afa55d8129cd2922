package io.keywrap.emulators;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.keywrap.emulators.Policy.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One statement of a policy.
 *
 * @param deny whether it denies
 * @param principals whom it is for; empty in the policy of an identity
 * @param actions patterns of actions
 * @param resources patterns of ARNs
 * @param conditions all of which have to hold
 */
record PolicyStatement(
        boolean deny,
        List<String> principals,
        List<String> actions,
        List<String> resources,
        List<PolicyCondition> conditions) {
    private static final Set<String> MEMBERS = Set.of("Sid", "Effect", "Principal", "Action", "Resource", "Condition");

    static PolicyStatement parse(JsonObject json) {
        if (!MEMBERS.containsAll(json.keySet())) {
            throw KmsFailure.malformedPolicy("This emulator knows no statement with " + json.keySet());
        }
        String effect = json.get("Effect").getAsString();
        if (!effect.equals("Allow") && !effect.equals("Deny")) {
            throw KmsFailure.malformedPolicy("Effect is " + effect);
        }
        return new PolicyStatement(
                effect.equals("Deny"),
                json.has("Principal") ? principals(json.get("Principal")) : List.of(),
                Policy.strings(json.get("Action")),
                Policy.strings(json.get("Resource")),
                json.has("Condition") ? conditions(json.getAsJsonObject("Condition")) : List.of());
    }

    private static List<String> principals(JsonElement json) {
        if (json.isJsonPrimitive()) {
            return List.of(json.getAsString());
        }
        if (!json.getAsJsonObject().keySet().equals(Set.of("AWS"))) {
            throw KmsFailure.malformedPolicy("This emulator knows principals of AWS accounts only");
        }
        return Policy.strings(json.getAsJsonObject().get("AWS"));
    }

    private static List<PolicyCondition> conditions(JsonObject json) {
        List<PolicyCondition> conditions = new ArrayList<>();
        json.entrySet()
                .forEach(operator -> operator.getValue()
                        .getAsJsonObject()
                        .entrySet()
                        .forEach(key -> conditions.add(
                                PolicyCondition.of(operator.getKey(), key.getKey(), Policy.strings(key.getValue())))));
        return List.copyOf(conditions);
    }

    /** A key's policy can be for that key alone; what it says of others says nothing. */
    Decision ofKey(Caller caller, String action, String resource, Map<String, List<String>> conditionKeys) {
        boolean direct = principals.stream().anyMatch(principal -> principal.equals("*") || caller.isCalled(principal));
        boolean account = principals.stream().anyMatch(principal -> isAccount(principal, caller.account()));
        if (!(direct || account) || !applies(action, resource, conditionKeys)) {
            return Decision.SILENT;
        }
        if (deny) {
            return Decision.DENY;
        }
        return direct ? Decision.ALLOW : Decision.ALLOW_ACCOUNT;
    }

    Decision ofIdentity(String action, String resource, Map<String, List<String>> conditionKeys) {
        if (!applies(action, resource, conditionKeys)) {
            return Decision.SILENT;
        }
        return deny ? Decision.DENY : Decision.ALLOW;
    }

    private boolean applies(String action, String resource, Map<String, List<String>> conditionKeys) {
        return resources.stream().anyMatch(pattern -> matches(pattern, resource))
                && actions.stream().anyMatch(pattern -> matchesIgnoringCase(pattern, action))
                && conditions.stream().allMatch(condition -> condition.holds(conditionKeys));
    }

    private static boolean isAccount(String principal, String account) {
        return principal.equals(account) || principal.matches("arn:aws[a-z-]*:iam::" + account + ":root");
    }

    private static boolean matchesIgnoringCase(String pattern, String text) {
        return matches(pattern.toLowerCase(Locale.ROOT), text.toLowerCase(Locale.ROOT));
    }

    /**
     * Whether a text is what a pattern with {@code *} and {@code ?} stands for. Goes back to the last {@code *} alone, so that
     * no pattern takes long.
     */
    static boolean matches(String pattern, String text) {
        int at = 0;
        int star = -1;
        int behindStar = 0;
        for (int i = 0; i < text.length(); ) {
            char wanted = at < pattern.length() ? pattern.charAt(at) : 0;
            if (wanted == '*') {
                star = at++;
                behindStar = i;
            } else if (at < pattern.length() && (wanted == '?' || wanted == text.charAt(i))) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++behindStar;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
