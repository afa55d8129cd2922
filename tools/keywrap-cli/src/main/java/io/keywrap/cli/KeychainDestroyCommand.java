package io.keywrap.cli;

import com.google.gson.JsonParser;
import io.keywrap.DekId;
import io.keywrap.keychain.Erasure;
import io.keywrap.keychain.Keychain;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Destroys a keychain, or one of its DEKs. */
@Command(
        name = "destroy",
        description = {
            "Destroys a keychain with all of its DEKs, or one DEK, for good: what was encrypted under them cannot be read"
                    + " through this store any more.",
            "",
            "The result is the evidence, with --json in full: keep it. It says what survives elsewhere."
        },
        footer = {
            "",
            "Example:",
            "  keywrap keychain destroy --json --keystore main=main.p12 --store keychains --id tenant-42 \\",
            "      --confirm tenant-42 --requested-by 'ticket 4711' > erasure.json"
        })
final class KeychainDestroyCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions options = new KeychainOptions();

    @Option(
            names = "--dek",
            paramLabel = "HEX",
            description = "The one DEK to destroy. Default: all, with the keychain.")
    private Optional<String> dek = Optional.empty();

    @Option(
            names = "--confirm",
            required = true,
            paramLabel = "ID",
            description = "The id of the keychain, or the DEK with --dek, once more. Required.")
    private String confirmed = "";

    @Option(
            names = "--requested-by",
            paramLabel = "TEXT",
            description = "Who asked for it, for the evidence. Default: nobody is named.")
    private Optional<String> requestedBy = Optional.empty();

    KeychainDestroyCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (!confirmed.equals(dek.orElse(options.id()))) {
            throw new UsageException("--confirm does not name what is to be destroyed: nothing was done");
        }
        try (Session session = Session.open(root)) {
            Erasure erasure = destroy(options.open(session));
            root.done((erasure.whole() ? "keychain '" + erasure.keychainId() + "'" : "DEK " + dek.orElse(""))
                    + " was destroyed");
            root.result(
                    JsonParser.parseString(erasure.toJson()).getAsJsonObject(),
                    lines(erasure).toArray(String[]::new));
        }
        return ExitCode.DONE;
    }

    private Erasure destroy(Keychain keychain) {
        try {
            return dek.map(DekId::of)
                    .map(id -> keychain.destroyDek(id, requestedBy))
                    .orElseGet(() -> keychain.destroy(requestedBy));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static List<String> lines(Erasure erasure) {
        List<String> lines = new ArrayList<>();
        lines.add((erasure.whole() ? "destroyed  keychain " : "destroyed  of keychain ") + erasure.keychainId()
                + ", revision " + erasure.revision());
        erasure.deks().forEach(id -> lines.add("DEK        " + id + ", " + Erasure.CLAIM));
        lines.add("at         " + erasure.at());
        lines.add("call       " + (erasure.confirmed() ? Erasure.CONFIRMED : Erasure.NOT_KNOWN));
        erasure.survives().forEach(one -> lines.add("survives   " + one));
        return lines;
    }
}
