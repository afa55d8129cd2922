package io.keywrap.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Optional;

/** The password of a store in a database: from a file, else from the environment, else none. */
final class StorePassword {
    static final String VARIABLE = "KEYWRAP_STORE_PASSWORD";

    private StorePassword() {}

    /** As a text, since drivers take no other; empty where the database is to know its user without. */
    static Optional<String> of(KeywrapCommand root) {
        return root.storePasswordFile().isEmpty()
                ? Optional.ofNullable(root.host().environment().get(VARIABLE))
                : root.storePasswordFile().map(file -> {
                    try {
                        char[] line = PasswordFile.firstLine(file);
                        String password = new String(line);
                        Arrays.fill(line, '\0');
                        return password;
                    } catch (CharacterCodingException e) {
                        throw new ConfigurationException(
                                "the first line of the password file " + file + " is not UTF-8; to do: correct it");
                    } catch (IOException e) {
                        throw new ConfigurationException("the password file " + file + " cannot be read: "
                                + Failures.problem(e) + "; to do: check --store-password-file");
                    }
                });
    }
}
