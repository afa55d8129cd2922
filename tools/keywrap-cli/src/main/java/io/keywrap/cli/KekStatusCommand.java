package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Asks whether a KEK can be used. */
@Command(
        name = "status",
        description = {
            "Asks the KMS or key store whether the state of a KEK lets it be used now, and for its current version. Nothing"
                    + " is wrapped or unwrapped, so it does not tell whether you may.",
            "",
            "A KEK that cannot be used is a failure that says why and what to do, just as encrypt and decrypt say it. A"
                    + " cloud needs a permission for this alone: in AWS kms:DescribeKey, in Azure get."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap kek status --keystore main=main.p12 keystore:main#tenant-42",
            "  keywrap kek status aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "  keywrap kek status azure-kms://https://acme.vault.azure.net/keys/tenant-42"
        })
final class KekStatusCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Parameters(paramLabel = "URI", converter = Converters.Kek.class, description = "The KEK.")
    private KekId kek = KekId.of("keystore:none#none");

    KekStatusCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = Session.open(root)) {
            report(session.status(kek));
        }
        return ExitCode.DONE;
    }

    private void report(KeyProvider.Status status) {
        JsonObject result = new JsonObject();
        result.addProperty("kek", kek.uri());
        result.addProperty("usable", true);
        status.currentVersion().ifPresent(version -> result.addProperty("currentVersion", version));
        root.result(
                result,
                "KEK      " + kek,
                "state    usable",
                "version  " + status.currentVersion().orElse("not told"));
    }
}
