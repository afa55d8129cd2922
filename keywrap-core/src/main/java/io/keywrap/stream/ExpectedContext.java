package io.keywrap.stream;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.EncryptionContext;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;

/**
 * Which object a reader expects.
 *
 * @param pairs the expected pairs
 * @param match how the envelope's pairs must match them
 */
record ExpectedContext(EncryptionContext pairs, ContextMatch match) {
    /** Refuses an envelope of another object, naming keys but no values. */
    void require(EncryptionContext actual) {
        boolean matches = switch (match) {
            case CONTAINS -> actual.contains(pairs) && (actual.isEmpty() || !pairs.isEmpty());
            case EXACT -> actual.equals(pairs);
            case ANY -> true;
        };
        if (!matches) {
            throw new AuthenticationFailedException(
                    Check.OBJECT_CONTEXT,
                    "the envelope is not the expected object: it has " + actual + ", expected is " + pairs
                            + " with its values (" + match
                            + "); to do: name the right object, or find out why another was presented");
        }
    }
}
