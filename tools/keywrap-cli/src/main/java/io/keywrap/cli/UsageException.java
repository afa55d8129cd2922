package io.keywrap.cli;

import org.jspecify.annotations.Nullable;

/** The command line asks for what cannot be: exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(@Nullable String message) {
        super(message);
    }
}
