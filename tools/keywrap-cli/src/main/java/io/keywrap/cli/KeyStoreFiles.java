package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which file stands behind the name of a key store.
 *
 * @param byName the files
 */
record KeyStoreFiles(Map<String, Path> byName) {
    static final String VARIABLE = "KEYWRAP_KEYSTORES";

    /** Those of the options and, under names that the options leave free, those of the environment. */
    static KeyStoreFiles of(List<String> options, Map<String, String> environment) {
        Map<String, Path> files = new LinkedHashMap<>();
        for (String option : options) {
            try {
                put(files, option);
            } catch (IllegalArgumentException e) {
                throw new UsageException("--keystore: " + e.getMessage());
            }
        }
        Map<String, Path> inherited = new LinkedHashMap<>();
        for (String entry : environment.getOrDefault(VARIABLE, "").split(";", -1)) {
            try {
                if (!entry.isBlank()) {
                    put(inherited, entry);
                }
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(VARIABLE + ": " + e.getMessage());
            }
        }
        inherited.forEach(files::putIfAbsent);
        return new KeyStoreFiles(files);
    }

    /** Whether a KEK is in one of these key stores. */
    boolean hold(KekId kekId) {
        return kekId.scheme().equals(Keystores.SCHEME)
                && byName.keySet().stream()
                        .anyMatch(name -> kekId.uri().startsWith(Keystores.SCHEME + ":" + name + "#"));
    }

    /** Under which name a file is registered. */
    Optional<String> nameOf(Path file) {
        Path wanted = file.toAbsolutePath().normalize();
        return byName.entrySet().stream()
                .filter(entry -> entry.getValue().toAbsolutePath().normalize().equals(wanted))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The factory of their KEKs; the password of a key store is asked for by its name. */
    Keystores open(Function<String, char[]> passwords) {
        Keystores.Builder builder = Keystores.builder();
        byName.forEach((name, file) -> builder.pkcs12(name, file, () -> passwords.apply(name)));
        return builder.build();
    }

    private static void put(Map<String, Path> files, String mapping) {
        int equals = mapping.indexOf('=');
        if (equals < 1 || equals == mapping.length() - 1) {
            throw new IllegalArgumentException("expected NAME=FILE, not '" + mapping + "'");
        }
        String name = requireName(mapping.substring(0, equals));
        Path file;
        try {
            file = Path.of(mapping.substring(equals + 1));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a file name: '" + e.getInput() + "'", e);
        }
        if (files.putIfAbsent(name, file) != null) {
            throw new IllegalArgumentException("the name '" + name + "' stands twice");
        }
    }

    /** Checks a name by the library's own rule. */
    static String requireName(String name) {
        Keystores.builder().pkcs12(name, Path.of("any"), () -> new char[0]);
        return name;
    }
}
