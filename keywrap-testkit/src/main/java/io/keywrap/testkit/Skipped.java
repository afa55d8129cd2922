package io.keywrap.testkit;

import org.opentest4j.TestAbortedException;

/** Ends a test that a KMS or a store cannot be put to. */
final class Skipped {
    private Skipped() {}

    /** JUnit's sign of it; where there is no JUnit, the failure that says the same. */
    static RuntimeException because(String reason) {
        try {
            return Sign.of(reason);
        } catch (NoClassDefFoundError e) {
            return new UnsupportedOperationException(reason);
        }
    }

    /** A class of its own, so that all else works without JUnit. */
    private static final class Sign {
        static RuntimeException of(String reason) {
            return new TestAbortedException(reason);
        }
    }
}
