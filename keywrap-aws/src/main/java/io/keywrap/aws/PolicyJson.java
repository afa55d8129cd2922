package io.keywrap.aws;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeVisitor;

/**
 * JSON as text that does not depend on how it was written: two spaces for each level, members in the order they have.
 *
 * <p>Values are maps, lists, strings, {@link Literal}s; whatever is read is written again.
 */
final class PolicyJson {
    private PolicyJson() {}

    /** A number, true, false or null, as it was written. */
    record Literal(String text) {}

    /** Reads an object; fails with an {@link IllegalArgumentException} that does not repeat it. */
    static Map<String, Object> readObject(String json) {
        long names = PolicyText.names(json);
        Object value;
        try {
            // As an item of a list, since the parser does not look at what stands behind a value.
            value = JsonNodeParser.create().parse("[" + json + "\n]").visit(new Plain());
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("the policy is not JSON");
        }
        if (!(value instanceof List<?> items) || items.size() != 1) {
            throw new IllegalArgumentException("the policy is not one JSON object");
        }
        if (PolicyText.names(items) != names) {
            throw new IllegalArgumentException("the policy has a name that stands twice in one object");
        }
        return object(items.get(0));
    }

    /** A value that has to be an object. */
    static Map<String, Object> object(Object value) {
        if (!(value instanceof Map<?, ?> members)) {
            throw new IllegalArgumentException("the policy is not a JSON object with statements that are objects");
        }
        Map<String, Object> object = new LinkedHashMap<>();
        members.forEach((name, member) -> object.put(String.valueOf(name), member));
        return object;
    }

    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, "\n", out);
        return out.append('\n').toString();
    }

    private static void write(Object value, String newLine, StringBuilder out) {
        if (value instanceof Map<?, ?> members) {
            String inner = newLine + "  ";
            String separator = "";
            out.append('{');
            for (Map.Entry<?, ?> member : members.entrySet()) {
                out.append(separator)
                        .append(inner)
                        .append(quoted(String.valueOf(member.getKey())))
                        .append(": ");
                write(member.getValue(), inner, out);
                separator = ",";
            }
            out.append(members.isEmpty() ? "}" : newLine + "}");
        } else if (value instanceof List<?> items) {
            String inner = newLine + "  ";
            String separator = "";
            out.append('[');
            for (Object item : items) {
                out.append(separator).append(inner);
                write(item, inner, out);
                separator = ",";
            }
            out.append(items.isEmpty() ? "]" : newLine + "]");
        } else {
            out.append(value instanceof Literal literal ? literal.text() : quoted(value.toString()));
        }
    }

    /** In one line, for commands. */
    static String writeCompact(Object value) {
        if (value instanceof Map<?, ?> members) {
            StringJoiner joined = new StringJoiner(",", "{", "}");
            members.forEach((name, member) -> joined.add(quoted(String.valueOf(name)) + ":" + writeCompact(member)));
            return joined.toString();
        }
        if (value instanceof List<?> items) {
            StringJoiner joined = new StringJoiner(",", "[", "]");
            items.forEach(item -> joined.add(writeCompact(item)));
            return joined.toString();
        }
        return value instanceof Literal literal ? literal.text() : quoted(value.toString());
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c > '~') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    /** Nodes of the SDK as values of the JDK. */
    private static final class Plain implements JsonNodeVisitor<Object> {
        @Override
        public Object visitNull() {
            return new Literal("null");
        }

        @Override
        public Object visitBoolean(boolean value) {
            return new Literal(String.valueOf(value));
        }

        @Override
        public Object visitNumber(String value) {
            return new Literal(value);
        }

        @Override
        public Object visitString(String value) {
            return value;
        }

        @Override
        public Object visitArray(List<JsonNode> items) {
            return items.stream().map(item -> item.visit(this)).toList();
        }

        @Override
        public Object visitObject(Map<String, JsonNode> members) {
            Map<String, Object> object = new LinkedHashMap<>();
            members.forEach((name, member) -> object.put(name, member.visit(this)));
            return object;
        }

        @Override
        public Object visitEmbeddedObject(Object value) {
            throw new IllegalArgumentException("no JSON");
        }
    }
}
