package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the wraps that DEKs lack. */
@Command(
        name = "repair",
        description = {
            "Wraps DEKs to recipients that have not wrapped them yet, because they were out of reach or are recipients since"
                    + " then. Wraps under earlier KEKs are dropped when their time is over.",
            "",
            "Only KEKs that are given here, and that the sealed record names, are wrapped to."
        },
        footer = {
            "",
            "Example:",
            "  keywrap keychain repair --keystore main=main.p12 --store keychains --id tenant-42 \\",
            "      --kek keystore:main#tenant-42-replica"
        })
final class KeychainRepairCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions options = new KeychainOptions();

    @Option(
            names = "--kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A recipient to make missing wraps for. Repeatable. Default: none.")
    private List<KekId> keks = List.of();

    KeychainRepairCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        Keks.requireDistinct(keks);
        try (Session session = Session.open(root)) {
            Keychain keychain = options.open(session);
            int repaired = repair(keychain);
            int left = keychain.record().incomplete().size();
            root.done("keychain '" + keychain.id() + "' was repaired, to revision "
                    + keychain.record().revision());
            JsonObject result = new JsonObject();
            result.addProperty("keychain", keychain.id());
            result.addProperty("revision", keychain.record().revision());
            result.addProperty("repaired", repaired);
            result.addProperty("incomplete", left);
            root.result(
                    result,
                    "keychain    " + keychain.id() + ", revision "
                            + keychain.record().revision(),
                    "repaired    " + repaired + " DEKs",
                    "incomplete  " + left + " DEKs");
        }
        return ExitCode.DONE;
    }

    private int repair(Keychain keychain) {
        try {
            return keychain.repair(Set.copyOf(keks));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
