package io.keywrap.codec;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes JSON (RFC 8259) of maps, lists, texts, numbers and truth values. An empty {@link Optional} is {@code null}. */
public final class Json {
    private final StringBuilder out = new StringBuilder();

    private Json() {}

    /**
     * One object.
     *
     * @param content its names and values, in order
     * @return the text, over several lines, with a line feed at the end
     */
    public static String of(Map<String, ?> content) {
        Json json = new Json();
        json.object(content, "");
        return json.out.append('\n').toString();
    }

    private void value(Object value, String indent) {
        if (value instanceof Optional<?> optional) {
            if (optional.isPresent()) {
                value(optional.get(), indent);
            } else {
                out.append("null");
            }
        } else if (value instanceof Map<?, ?> map) {
            object(map, indent);
        } else if (value instanceof List<?> list) {
            array(list, indent);
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            text(value.toString());
        }
    }

    private void object(Map<?, ?> content, String indent) {
        String inner = indent + "  ";
        String before = "{\n";
        for (Map.Entry<?, ?> pair : content.entrySet()) {
            out.append(before).append(inner);
            text(pair.getKey().toString());
            out.append(": ");
            value(pair.getValue(), inner);
            before = ",\n";
        }
        out.append(content.isEmpty() ? "{}" : "\n" + indent + "}");
    }

    private void array(List<?> values, String indent) {
        String inner = indent + "  ";
        String before = "[\n";
        for (Object value : values) {
            out.append(before).append(inner);
            value(value, inner);
            before = ",\n";
        }
        out.append(values.isEmpty() ? "[]" : "\n" + indent + "]");
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c == '\u2028' || c == '\u2029') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
