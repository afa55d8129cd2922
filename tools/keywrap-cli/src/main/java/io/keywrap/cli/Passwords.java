package io.keywrap.cli;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The passwords of key stores: from a file, else from the environment, else from the person at the terminal. Each is
 * asked for once, when it is first needed, and wiped by {@link #close()}.
 *
 * <p>Never from an argument: other users of the machine see arguments.
 */
final class Passwords implements AutoCloseable {
    static final String VARIABLE = "KEYWRAP_KEYSTORE_PASSWORD";

    private final Host host;
    private final Optional<Path> file;
    private final Map<String, char[]> asked = new HashMap<>();

    Passwords(Host host, Optional<Path> file) {
        this.host = host;
        this.file = file;
    }

    /** The password of a key store that exists, as a new array. */
    char[] of(String keyStore) {
        return remembered(keyStore, false);
    }

    /** The password for a key store to be made, as a new array; a person types it twice. */
    char[] ofNew(String keyStore) {
        return remembered(keyStore, true);
    }

    private char[] remembered(String keyStore, boolean twice) {
        char[] password = asked.get(keyStore);
        if (password == null) {
            password = find(keyStore, twice);
            asked.put(keyStore, password);
        }
        return password.clone();
    }

    private char[] find(String keyStore, boolean twice) {
        String variable = host.environment().get(VARIABLE);
        char[] password;
        String action;
        if (file.isPresent()) {
            password = firstLine(keyStore, file.get());
            action = "correct the first line of the password file " + file.get();
        } else if (variable != null) {
            password = variable.toCharArray();
            action = "correct " + VARIABLE;
        } else {
            password = ask(keyStore, twice);
            action = "try again, and type another";
        }
        if (password.length == 0) {
            throw refused(keyStore, "the password is empty", action);
        }
        if (!CharBuffer.wrap(password).chars().allMatch(c -> c >= ' ' && c <= '~')) {
            Arrays.fill(password, '\0');
            throw refused(
                    keyStore,
                    "the password has other than printable ASCII characters, which Java's PKCS#12 refuses",
                    action);
        }
        return password;
    }

    private char[] ask(String keyStore, boolean twice) {
        char[] first = host.prompt().ask("Password of key store " + keyStore + ": ");
        if (first == null) {
            throw refused(
                    keyStore,
                    "there is no password, and no terminal to ask for it",
                    "give --password-file FILE, set " + VARIABLE + ", or run on a terminal");
        }
        if (twice) {
            char @Nullable [] second = host.prompt().ask("The same password again: ");
            boolean same = Arrays.equals(first, second);
            if (second != null) {
                Arrays.fill(second, '\0');
            }
            if (!same) {
                Arrays.fill(first, '\0');
                throw refused(keyStore, "the two passwords differ", "try again, and type the same twice");
            }
        }
        return first;
    }

    /** Passwords are asked for in the middle of a provider's work, which lets only failures of KEKs through. */
    private static KekConfigurationException refused(String keyStore, String what, String action) {
        return new KekConfigurationException(
                Failure.ofUnknownKek(what + "; key store " + keyStore).operatorAction(action));
    }

    private static char[] firstLine(String keyStore, Path file) {
        try {
            return PasswordFile.firstLine(file);
        } catch (CharacterCodingException e) {
            throw refused(keyStore, "the first line of the password file " + file + " is not UTF-8", "correct it");
        } catch (IOException e) {
            throw refused(
                    keyStore,
                    "the password file " + file + " cannot be read: " + Failures.problem(e),
                    "check --password-file");
        }
    }

    /** Wipes the passwords. */
    @Override
    public void close() {
        asked.values().forEach(password -> Arrays.fill(password, '\0'));
        asked.clear();
    }
}
