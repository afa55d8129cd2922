package io.keywrap.cli;

import io.keywrap.KekException;
import io.keywrap.KeychainException;
import java.util.List;

/** Some files of a tree failed. The exit code is that of the first. */
final class TreeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Failure> failures;

    TreeException(String message, List<Failure> failures) {
        super(message);
        this.failures = List.copyOf(failures);
    }

    List<Failure> failures() {
        return failures;
    }

    /**
     * One file that failed.
     *
     * @param path its path in the tree
     * @param cause why
     */
    record Failure(String path, Exception cause) {
        /** Whether every other file would fail the same way. */
        boolean endsTheTree() {
            return cause instanceof KekException || cause instanceof KeychainException;
        }
    }
}
