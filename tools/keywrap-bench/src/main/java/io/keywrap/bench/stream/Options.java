package io.keywrap.bench.stream;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A word, and options with a value each. Plain, since a fresh JVM is measured from here on. */
final class Options {
    private final String word;
    private final Map<String, String> values = new HashMap<>();

    Options(String... arguments) {
        if (arguments.length % 2 != 1) {
            throw new IllegalArgumentException("what to measure, and then options with a value each");
        }
        word = arguments[0];
        for (int i = 1; i < arguments.length; i += 2) {
            if (!arguments[i].startsWith("--")) {
                throw new IllegalArgumentException("an option begins with --: " + arguments[i]);
            }
            values.put(arguments[i].substring(2), arguments[i + 1]);
        }
    }

    String word() {
        return word;
    }

    Optional<String> find(String option) {
        return Optional.ofNullable(values.get(option));
    }

    String need(String option) {
        String value = values.get(option);
        if (value == null) {
            throw new IllegalArgumentException(String.join("", "--", option, " is missing"));
        }
        return value;
    }

    int number(String option, int otherwise) {
        String value = values.get(option);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    long bytes(long otherwise) {
        String value = values.get("bytes");
        return value == null ? otherwise : Long.parseLong(value);
    }
}
