package io.keywrap.emulators;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * One condition of a statement.
 *
 * @param quantifier {@code ForAllValues}, {@code ForAnyValue}, or empty
 * @param operator such as {@code StringEquals}
 * @param ifExists whether it also holds for requests without the key
 * @param key such as {@code kms:encryptioncontext:tenant}, in lower case: the names of condition keys have no case
 * @param values of which one has to match, and with a negated operator none may
 */
record PolicyCondition(String quantifier, String operator, boolean ifExists, String key, List<String> values) {
    private static final Set<String> OPERATORS = Set.of(
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
            "Bool",
            "Null");
    private static final Set<String> KEYS = Set.of(
            "kms:encryptioncontextkeys",
            "kms:encryptionalgorithm",
            "kms:calleraccount",
            "kms:viaservice",
            "kms:grantisforawsresource",
            "kms:reencryptonsamekey",
            "kms:multiregion",
            "kms:keyspec",
            "kms:keyusage",
            "kms:keyorigin",
            "aws:principalarn",
            "aws:principalaccount",
            "aws:requestedregion",
            "aws:sourcearn",
            "aws:sourceaccount",
            "aws:securetransport");

    static PolicyCondition of(String expression, String key, List<String> values) {
        int colon = expression.indexOf(':');
        String quantifier = colon < 0 ? "" : expression.substring(0, colon);
        String rest = expression.substring(colon + 1);
        boolean ifExists = rest.endsWith("IfExists");
        String operator = ifExists ? rest.substring(0, rest.length() - "IfExists".length()) : rest;
        if (!OPERATORS.contains(operator)
                || !Set.of("", "ForAllValues", "ForAnyValue").contains(quantifier)) {
            throw KmsFailure.malformedPolicy("This emulator knows no condition operator " + expression);
        }
        String name = key.toLowerCase(Locale.ROOT);
        if (!KEYS.contains(name) && !name.startsWith("kms:encryptioncontext:")) {
            throw KmsFailure.malformedPolicy("This emulator knows no condition key " + key);
        }
        return new PolicyCondition(quantifier, operator, ifExists, name, values);
    }

    boolean holds(Map<String, List<String>> request) {
        List<String> actual = request.getOrDefault(key, List.of());
        if (operator.equals("Null")) {
            return values.contains(String.valueOf(actual.isEmpty()));
        }
        boolean negated = operator.contains("Not");
        BiPredicate<String, String> test = test();
        if (quantifier.equals("ForAllValues")) {
            return actual.stream().allMatch(value -> isOneOf(value, test) != negated);
        }
        if (actual.isEmpty()) {
            return quantifier.isEmpty() && (ifExists || negated);
        }
        return actual.stream().anyMatch(value -> isOneOf(value, test) != negated);
    }

    private boolean isOneOf(String actual, BiPredicate<String, String> test) {
        return values.stream().anyMatch(value -> test.test(value, actual));
    }

    private BiPredicate<String, String> test() {
        String positive = operator.replace("Not", "");
        return switch (positive) {
            case "StringLike", "ArnLike", "ArnEquals" -> PolicyStatement::matches;
            case "StringEqualsIgnoreCase", "Bool" -> String::equalsIgnoreCase;
            default -> String::equals;
        };
    }
}
