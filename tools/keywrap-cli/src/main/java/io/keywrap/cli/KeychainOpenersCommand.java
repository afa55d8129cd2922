package io.keywrap.cli;

import com.google.gson.JsonParser;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Openers;
import io.keywrap.keychain.Openers.Opener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows who can still open a keychain. */
@Command(
        name = "openers",
        description = {
            "Shows who can still open what was encrypted under a keychain: every KEK in every role, with its owner, and until"
                    + " when; copies in envelopes; caches.",
            "",
            "It asks no customer's KMS. Copies of the store and of envelopes elsewhere are not known to it."
        },
        footer = {"", "Example:", "  keywrap keychain openers --keystore main=main.p12 --store keychains --id tenant-42"
        })
final class KeychainOpenersCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions options = new KeychainOptions();

    @Option(
            names = "--vendor-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description =
                    "A KEK that is the vendor's, beside that of the seal. Repeatable. Default: as the record says.")
    private List<KekId> vendorKeks = List.of();

    KeychainOpenersCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = Session.open(root)) {
            Keychain keychain = options.open(session, vendorKeks);
            Openers openers = keychain.whoCanStillOpen();
            root.result(
                    JsonParser.parseString(openers.toJson()).getAsJsonObject(),
                    lines(openers).toArray(String[]::new));
        }
        return ExitCode.DONE;
    }

    static List<String> lines(Openers openers) {
        List<String> lines = new ArrayList<>();
        lines.add("keychain   " + openers.keychainId() + (openers.portable() ? ", portable" : "")
                + (openers.destroyed() ? ", destroyed" : "") + ", revision " + openers.revision());
        openers.openers().forEach(opener -> lines.add(line(opener)));
        lines.add("seal       " + openers.sealKek() + ", opens nothing");
        lines.add("caches     until " + openers.cachesUntil() + ", in an outage " + openers.inFlightUntil());
        openers.elsewhere().forEach(place -> lines.add("elsewhere  " + place));
        openers.warnings().forEach(warning -> lines.add("WARNING    " + warning));
        return lines;
    }

    private static String line(Opener opener) {
        return String.format("%-9s  ", opener.role()) + opener.kekId() + ", " + opener.owner() + " (" + opener.known()
                + ")"
                + (opener.versions().isEmpty() ? "" : ", versions " + String.join(" ", opener.versions())) + ", "
                + opener.deks() + " DEKs"
                + (opener.inEnvelopes() ? ", and envelopes" : "")
                + opener.until().map(until -> ", until " + until).orElse("")
                + (opener.canOpen() ? "" : ", opens nothing");
    }
}
