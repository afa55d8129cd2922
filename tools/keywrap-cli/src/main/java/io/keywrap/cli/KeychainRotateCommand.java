package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.DekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Usage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Gives a keychain new primaries. */
@Command(
        name = "rotate",
        description = {
            "Makes a new primary DEK for every use of a keychain: what is encrypted from now on is under it.",
            "",
            "Older DEKs stay and decrypt what is there; nothing is re-encrypted."
        },
        footer = {"", "Example:", "  keywrap keychain rotate --keystore main=main.p12 --store keychains --id tenant-42"
        })
final class KeychainRotateCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions options = new KeychainOptions();

    KeychainRotateCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = Session.open(root)) {
            Keychain keychain = options.open(session);
            long before = keychain.record().revision();
            keychain.rotate();
            if (keychain.record().primary(Usage.ENVELOPES).isEmpty()) {
                // Rebuilt from its envelopes, it had none to replace.
                keychain.primary(Usage.ENVELOPES).close();
            }
            report(keychain, before);
        }
        return ExitCode.DONE;
    }

    private void report(Keychain keychain, long before) {
        DekId primary =
                keychain.record().primary(Usage.ENVELOPES).map(DekEntry::id).orElseThrow();
        root.done("keychain '" + keychain.id() + "' was rotated, to revision "
                + keychain.record().revision());
        JsonObject result = new JsonObject();
        result.addProperty("keychain", keychain.id());
        result.addProperty("revisionBefore", before);
        result.addProperty("revision", keychain.record().revision());
        result.addProperty("primary", primary.hex());
        root.result(
                result,
                "keychain  " + keychain.id(),
                "revision  " + before + " before, " + keychain.record().revision() + " now",
                "primary   DEK " + primary);
    }
}
