package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import java.util.List;

/** Reads the pairs of a context. Messages name keys, never values. */
final class Contexts {
    private Contexts() {}

    /**
     * Splits each pair at its first equals sign.
     *
     * @param option the option they come from, for messages
     * @param pairs such as {@code object=accounts.csv}
     * @return the context
     */
    static EncryptionContext parse(String option, List<String> pairs) {
        EncryptionContext context = EncryptionContext.empty();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new UsageException(option + ": expected KEY=VALUE with a key");
            }
            try {
                context = context.with(pair.substring(0, equals), pair.substring(equals + 1));
            } catch (IllegalArgumentException e) {
                throw new UsageException(option + ": " + e.getMessage());
            }
        }
        return context;
    }
}
