package io.keywrap.stream;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.EncryptionContext;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which object a reader expects.
 *
 * @param pairs the expected pairs
 * @param match how the envelope's pairs must match them
 */
record ExpectedContext(EncryptionContext pairs, ContextMatch match) {
    /** Refuses an envelope of another object, naming keys but no values. */
    void require(EncryptionContext actual) {
        // Equal pairs match by every rule, and are what most readers expect.
        if (!actual.equals(pairs) && !matches(actual)) {
            throw new AuthenticationFailedException(
                    Check.OBJECT_CONTEXT,
                    "the envelope is not the expected object: it has " + actual + ", expected is " + pairs + " ("
                            + match + "); these have other values: "
                            + withOtherValues(actual)
                            + "; to do: name the right object, or find out why another was presented");
        }
    }

    /** The expected pairs whose value is another one, to be named by their keys. */
    private EncryptionContext withOtherValues(EncryptionContext actual) {
        Map<String, String> differing = new TreeMap<>(pairs.asMap());
        differing.entrySet().removeAll(actual.asMap().entrySet());
        differing.keySet().retainAll(actual.asMap().keySet());
        return EncryptionContext.of(differing);
    }

    private boolean matches(EncryptionContext actual) {
        return switch (match) {
            case CONTAINS -> actual.contains(pairs) && (actual.isEmpty() || !pairs.isEmpty());
            case EXACT -> false;
            case ANY -> true;
        };
    }
}
