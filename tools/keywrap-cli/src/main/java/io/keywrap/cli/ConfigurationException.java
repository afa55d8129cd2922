package io.keywrap.cli;

/** Something that the command needs is missing from its configuration: exit code 6. */
final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigurationException(String message) {
        super(message);
    }
}
