package io.keywrap.aws;

import io.keywrap.onboarding.KekOperation;
import io.keywrap.onboarding.PolicyRole;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The statements for one key and the context of one tenant. */
final class PolicyStatements {
    private static final String CONTEXT = "kms:EncryptionContext:";
    private static final Map<KekOperation, List<String>> ACTIONS = Map.of(
            KekOperation.WRAP, List.of("Encrypt"),
            KekOperation.GENERATE, List.of("GenerateDataKey"),
            KekOperation.UNWRAP, List.of("Decrypt"),
            KekOperation.REWRAP, List.of("ReEncryptFrom", "ReEncryptTo"),
            KekOperation.STATUS, List.of("DescribeKey", "GetKeyRotationStatus"));

    /** No grant can allow this, and none needs it to use a key. */
    private static final String NOT_GRANTED = "GetKeyRotationStatus";

    private final AwsKeyArn key;
    private final SortedMap<String, String> pairs;

    PolicyStatements(AwsKeyArn key, SortedMap<String, String> pairs) {
        this.key = key;
        this.pairs = pairs;
        Set<String> names = new HashSet<>(List.of("kw:alias", "kw:dek", "kw:keychain"));
        pairs.forEach((name, value) -> {
            if (!names.add(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("two context keys differ in upper and lower case alone, '" + name
                        + "' and another; a condition of AWS cannot tell them apart");
            }
            if (name.contains("${") || value.contains("${")) {
                throw new IllegalArgumentException("the context key '" + name
                        + "' or its value has ${, which begins a variable in a policy of AWS");
            }
        });
    }

    static boolean usesContext(Set<KekOperation> operations) {
        return operations.stream().anyMatch(operation -> operation != KekOperation.STATUS);
    }

    static List<String> grantOperations(Set<KekOperation> operations) {
        Set<String> names = new TreeSet<>();
        operations.forEach(operation -> names.addAll(actions(operation)));
        names.remove(NOT_GRANTED);
        return List.copyOf(names);
    }

    static String lowerCase(PolicyRole role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    List<Map<String, Object>> ofKey(PolicyRole role, Set<KekOperation> operations, List<String> principals) {
        return statements(role, operations, principals);
    }

    List<Map<String, Object>> ofIdentity(PolicyRole role, Set<KekOperation> operations) {
        return statements(role, operations, null);
    }

    private List<Map<String, Object>> statements(
            PolicyRole role, Set<KekOperation> operations, @Nullable List<String> principals) {
        String sid = "Keywrap" + role.name().charAt(0) + lowerCase(role).substring(1);
        Set<String> uses = new TreeSet<>();
        operations.stream()
                .filter(operation -> operation != KekOperation.STATUS)
                .forEach(operation -> actions(operation).forEach(action -> uses.add("kms:" + action)));
        List<Map<String, Object>> statements = new ArrayList<>();
        if (!uses.isEmpty()) {
            Map<String, Object> use = statement(sid, principals, List.copyOf(uses));
            use.put("Condition", condition());
            statements.add(use);
        }
        if (operations.contains(KekOperation.STATUS)) {
            List<String> reads = actions(KekOperation.STATUS).stream()
                    .map(action -> "kms:" + action)
                    .toList();
            statements.add(statement(sid + "Status", principals, reads));
        }
        return statements;
    }

    private Map<String, Object> statement(String sid, @Nullable List<String> principals, List<String> actions) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Sid", sid);
        statement.put("Effect", "Allow");
        if (principals != null) {
            statement.put("Principal", Map.of("AWS", principals));
        }
        statement.put("Action", actions);
        statement.put("Resource", principals == null ? resource() : "*");
        return statement;
    }

    /** In the policy of an identity an alias stands for no key, so there it is any key of the customer. */
    private String resource() {
        return key.isAlias()
                ? "arn:" + key.partition() + ":kms:" + key.region() + ":" + key.account() + ":key/*"
                : key.toString();
    }

    /**
     * The pairs of the tenant with their values, both of keywrap's own pairs, and no other key. {@code ForAllValues} alone
     * would let a request without any context pass, and names of condition keys alone would not tell upper from lower case.
     */
    private Map<String, Object> condition() {
        Set<String> allowed = new TreeSet<>(pairs.keySet());
        Map<String, Object> present = new TreeMap<>();
        for (String own : List.of("kw:dek", "kw:keychain")) {
            allowed.add(own);
            present.put(CONTEXT + own, "false");
        }
        if (key.isAlias()) {
            allowed.add("kw:alias");
        }
        Map<String, Object> condition = new LinkedHashMap<>();
        condition.put("ForAllValues:StringEquals", Map.of("kms:EncryptionContextKeys", List.copyOf(allowed)));
        condition.put("Null", present);
        if (!pairs.isEmpty()) {
            Map<String, Object> equal = new TreeMap<>();
            pairs.forEach((name, value) -> equal.put(CONTEXT + name, value));
            condition.put("StringEquals", equal);
        }
        return condition;
    }

    private static List<String> actions(KekOperation operation) {
        return ACTIONS.getOrDefault(operation, List.of());
    }
}
