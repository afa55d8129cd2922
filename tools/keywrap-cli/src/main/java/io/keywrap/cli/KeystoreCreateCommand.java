package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a KEK. */
@Command(
        name = "create",
        description = {
            "Adds a new random AES-256 KEK to a PKCS#12 file, which is made if it is missing, and prints its URI.",
            "",
            "Keep a copy of the file and of its password: what is encrypted under a lost KEK is lost."
        },
        footer = {"", "Example:", "  keywrap keystore create main.p12 --alias tenant-42 --password-file password.txt"})
final class KeystoreCreateCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Parameters(paramLabel = "FILE", description = "The PKCS#12 file, readable by its owner alone when it is made.")
    private Path file = Path.of("");

    @Option(names = "--alias", required = true, paramLabel = "A", description = "The alias of the new key. Required.")
    private String alias = "";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The name of the key store in the URI. Default: the name that --keystore or KEYWRAP_KEYSTORES"
                    + " gives FILE, else FILE's own name without its extension.")
    private Optional<String> name = Optional.empty();

    KeystoreCreateCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        String keyStore = name.or(() -> root.keyStoreFiles().nameOf(file)).orElseGet(this::baseName);
        KekId kekId = kekIn(keyStore);
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(String.valueOf(folder));
        }
        try (Passwords passwords = root.passwords()) {
            Keystores.createKek(file, kekId, () -> passwords.ofNew(keyStore));
        }
        root.done("KEK " + kekId + " was made");
        JsonObject result = new JsonObject();
        result.addProperty("kek", kekId.uri());
        result.addProperty("file", file.toString());
        result.addProperty("keystore", keyStore + "=" + file);
        root.result(
                result,
                "KEK     " + kekId,
                "use it  --keystore " + keyStore + "=" + file,
                "Keep a copy of the file and of its password: what is encrypted under a lost KEK is lost.");
        return ExitCode.DONE;
    }

    private KekId kekIn(String keyStore) {
        try {
            return KekId.of(Keystores.SCHEME + ":" + KeyStoreFiles.requireName(keyStore) + "#" + alias);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage() + "; to do: choose another --name or --alias");
        }
    }

    private String baseName() {
        Path last = file.getFileName();
        String full = last == null ? "" : last.toString();
        int dot = full.lastIndexOf('.');
        return dot > 0 ? full.substring(0, dot) : full;
    }
}
