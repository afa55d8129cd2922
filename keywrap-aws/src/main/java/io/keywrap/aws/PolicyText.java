package io.keywrap.aws;

import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;

/**
 * What the parser of the SDK lets pass in the text of a policy and must not pass here: comments, which JSON (RFC 8259) does not
 * have; a name that stands twice in one object, of which one would be lost; what follows the end; escapes with a letter of
 * another alphabet, which it takes for the hexadecimal digit of the same last byte; and any depth, which takes stack to read
 * and, with every line indented, much room to write.
 */
final class PolicyText {
    /** More than twice what any policy of AWS has. */
    private static final int MAX_DEPTH = 16;

    private PolicyText() {}

    /** How many names a text has; fails with an {@link IllegalArgumentException} where the parser would err. */
    static long names(String json) {
        long names = 0;
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    requireEscape(json, ++i);
                }
                quoted = c != '"';
                continue;
            }
            switch (c) {
                case '"' -> quoted = true;
                case ':' -> names++;
                case '{', '[' -> depth++;
                case '}', ']' -> depth -= ended(json, i, depth);
                case '/' -> throw new IllegalArgumentException("the policy is not JSON, which has no comments");
                default -> {
                    // Of the rest the parser decides.
                }
            }
            if (depth > MAX_DEPTH) {
                throw new IllegalArgumentException("the policy is nested more than " + MAX_DEPTH + " deep");
            }
        }
        return names;
    }

    /** Looks at the digits of a code; what else may be escaped the parser knows. */
    private static void requireEscape(String json, int at) {
        if (json.startsWith("u", at)
                && !json.substring(at + 1, Math.min(at + 5, json.length()))
                        .chars()
                        .allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException(
                    "the policy is not JSON, since an escape has no four hexadecimal digits");
        }
    }

    /** One level less; where that is none, nothing may follow. */
    private static int ended(String json, int at, int depth) {
        if (depth <= 1 && !json.substring(at + 1).isBlank()) {
            throw new IllegalArgumentException("the policy is not one JSON object, since something follows its end");
        }
        return 1;
    }

    /** How many names what was read of a text has. */
    static long names(Object value) {
        if (value instanceof Map<?, ?> members) {
            return members.size() + names(members.values());
        }
        return value instanceof Collection<?> items
                ? items.stream().mapToLong(PolicyText::names).sum()
                : 0;
    }
}
