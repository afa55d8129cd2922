package io.keywrap.cli;

/** The demonstration did not see what it should: exit code 1. */
final class ExpectationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExpectationException(String message) {
        super(message);
    }
}
