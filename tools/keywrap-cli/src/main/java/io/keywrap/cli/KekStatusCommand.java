package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.Drill;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks whether a KEK can be used. */
@Command(
        name = "status",
        description = {
            "Asks the KMS or key store whether the state of a KEK lets it be used now, and for its current version. Nothing"
                    + " is wrapped or unwrapped, so it does not tell whether you may.",
            "",
            "A KEK that cannot be used is a failure that says why and what to do, just as encrypt and decrypt say it. A"
                    + " cloud needs a permission for this alone: in AWS kms:DescribeKey, in Google Cloud"
                    + " cloudkms.cryptoKeys.get, in Azure get.",
            "",
            "With --store it also asks the KEK to unwrap one wrap of each version that the store has, shows the state of each,"
                    + " and how many keychains and DEKs depend on it. All of that is the result then, whatever it is, and"
                    + " the exit code that of the worst."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap kek status --keystore main=main.p12 keystore:main#tenant-42",
            "  keywrap kek status --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      keystore:main#tenant-42",
            "  keywrap kek status aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "  keywrap kek status gcp-kms://projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek",
            "  keywrap kek status azure-kms://https://acme.vault.azure.net/keys/tenant-42"
        })
final class KekStatusCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Parameters(paramLabel = "URI", converter = Converters.Kek.class, description = "The KEK.")
    private KekId kek = KekId.of("keystore:none#none");

    @Option(
            names = "--store",
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description =
                    "A store whose keychains may depend on it: a folder or a database, see 'keywrap --help'. Default:"
                            + " none.")
    private Optional<StorePlace> store = Optional.empty();

    @Option(
            names = "--seal-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description =
                    "The KEK that must have wrapped the seal of every record. Default: none; it must be given with"
                            + " --store, and means nothing without.")
    private Optional<KekId> sealKek = Optional.empty();

    KekStatusCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (store.isPresent() != sealKek.isPresent()) {
            throw new UsageException("--store and --seal-kek go together");
        }
        if (store.isPresent()) {
            return ofStore(store.get().existing(root));
        }
        try (Session session = Session.open(root)) {
            KeyProvider.Status status = session.status(kek);
            root.result(toJson(Optional.of(status)), lines(Optional.of(status)).toArray(String[]::new));
        }
        return ExitCode.DONE;
    }

    private int ofStore(KeychainStore keychains) {
        try (Session session = Session.open(root)) {
            KeyProviders providers = session.providers();
            Optional<KekException> failure = Optional.empty();
            Optional<KeyProvider.Status> status = Optional.empty();
            try {
                status = Optional.of(session.status(kek));
            } catch (KekException e) {
                failure = Optional.of(e);
            }
            KekReport report = KekReport.of(
                    Drill.builder(keychains, providers)
                            .seal(KeychainSeal.wrappedBy(sealKek.orElseThrow()))
                            .only(kek)
                            .build()
                            .run(),
                    providers.states(),
                    Optional.of(kek));
            int exitCode = report.exitCode() == ExitCode.DONE
                    ? failure.map(ExitCode::of).orElse(ExitCode.DONE)
                    : report.exitCode();
            JsonObject result = toJson(status);
            failure.ifPresent(e -> KekReport.addFailure(result, e));
            report.addTo(result);
            result.addProperty("exitCode", exitCode);
            List<String> lines = lines(status);
            failure.ifPresent(e -> lines.add("! " + Failures.message(e)));
            lines.addAll(report.lines());
            root.result(result, lines.toArray(String[]::new));
            return exitCode;
        }
    }

    private JsonObject toJson(Optional<KeyProvider.Status> status) {
        JsonObject result = new JsonObject();
        result.addProperty("kek", kek.uri());
        result.addProperty("usable", status.isPresent());
        status.flatMap(KeyProvider.Status::currentVersion)
                .ifPresent(version -> result.addProperty("currentVersion", version));
        return result;
    }

    private List<String> lines(Optional<KeyProvider.Status> status) {
        return new ArrayList<>(List.of(
                "KEK      " + kek,
                "state    " + (status.isPresent() ? "usable" : "NOT USABLE"),
                "version  " + status.flatMap(KeyProvider.Status::currentVersion).orElse("not told")));
    }
}
