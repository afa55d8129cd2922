package io.keywrap.cli;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

    private static final int MAX_BYTES = 64 * 1024;

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
        if (file.isPresent()) {
            password = firstLine(file.get());
        } else if (variable != null) {
            password = variable.toCharArray();
        } else {
            password = ask(keyStore, twice);
        }
        if (password.length == 0) {
            throw none(keyStore, "the password is empty", "give one that is not");
        }
        if (!CharBuffer.wrap(password).chars().allMatch(c -> c >= ' ' && c <= '~')) {
            Arrays.fill(password, '\0');
            throw none(
                    keyStore,
                    "the password has other than printable ASCII characters, which Java's PKCS#12 refuses",
                    "choose another one");
        }
        return password;
    }

    private char[] ask(String keyStore, boolean twice) {
        char[] first = host.prompt().ask("Password of key store " + keyStore + ": ");
        if (first == null) {
            throw none(
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
                throw none(keyStore, "the two passwords differ", "type the same one twice");
            }
        }
        return first;
    }

    private static KekConfigurationException none(String keyStore, String what, String action) {
        return new KekConfigurationException(
                Failure.ofUnknownKek(what + "; key store " + keyStore).operatorAction(action));
    }

    /** A failure of a KEK, since it is found out on the way to one, where others would be taken for the provider's. */
    private static KekConfigurationException unreadable(String what) {
        return new KekConfigurationException(Failure.ofUnknownKek(what).operatorAction("give another --password-file"));
    }

    private static char[] firstLine(Path file) {
        byte[] bytes = new byte[0];
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
            CharBuffer line = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, lineEnd(bytes)));
            char[] password = new char[line.remaining()];
            line.get(password);
            Arrays.fill(line.array(), '\0');
            return password;
        } catch (CharacterCodingException e) {
            throw unreadable("the first line of the password file " + file + " is not UTF-8");
        } catch (IOException e) {
            throw unreadable("the password file " + file + " cannot be read: " + Failures.message(e));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static int lineEnd(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return end > 0 && bytes[end - 1] == '\r' ? end - 1 : end;
    }

    /** Wipes the passwords. */
    @Override
    public void close() {
        asked.values().forEach(password -> Arrays.fill(password, '\0'));
        asked.clear();
    }
}
