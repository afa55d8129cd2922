package io.keywrap.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.KekId;
import io.keywrap.rewrap.Dependents;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.store.KeychainStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells what still depends on a KEK. */
@Command(
        name = "dependents",
        description = {
            "Tells what still depends on a KEK, or on one version of it: whether it is safe to delete.",
            "",
            "Every record of the store is read, and its seal checked, which takes a call of the KEK of the seal for each. The KEK"
                    + " itself may be disabled or gone; only where a version is given, its current version is asked for. What"
                    + " cannot be read or believed makes the answer no. A key in AWS KMS is given by the ARN of the key, which"
                    + " finds what was wrapped by way of its aliases too.",
            "",
            "Slots of uploaded keys are read too: those of the store, sealed by --seal-kek; or those that --slot-store and --slot-kek"
                    + " name.",
            "",
            "The exit code is 0 if nothing depends on it, 1 if something does, and 3 if that cannot be known, since a record or an"
                    + " envelope cannot be read or believed. Backups and exports of the store are not looked at: keep the KEK as"
                    + " long as you may have to go back to one."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap kek dependents --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      keystore:main#old",
            "  keywrap kek dependents --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      --kek-version 3 gcp-kms://projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek"
        })
final class KekDependentsCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Parameters(paramLabel = "URI", converter = Converters.Kek.class, description = "The KEK.")
    private KekId kek = KekId.of("keystore:none#none");

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--kek-version",
            paramLabel = "TEXT",
            description = "This version of the KEK, as 'keywrap kek list' or the cloud shows it. Default: all of them.")
    private Optional<String> version = Optional.empty();

    @Option(
            names = "--envelopes",
            arity = "1..*",
            paramLabel = "PATH",
            description =
                    "Files, and folders with every regular file in them, that may be portable envelopes with wraps of the"
                            + " KEK; only headers are read. Default: none.")
    private List<Path> envelopes = List.of();

    @Option(
            names = "--no-other-envelopes",
            description =
                    "There are no portable envelopes but those of --envelopes. Default: there may be, so a portable"
                            + " keychain that names the KEK makes the answer no.")
    private boolean noOthers;

    KekDependentsCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        if (version.filter(String::isBlank).isPresent()) {
            throw new UsageException("--kek-version is not blank");
        }
        JsonObject result = new JsonObject();
        Envelopes files = Envelopes.in(envelopes).withLinks(envelopes);
        files.reportSkipped(root, result);
        KeychainStore store = options.store().existing(root);
        Dependents dependents;
        try (Session session = Session.open(root);
                Progress progress = Progress.ofFiles(root, "dependents")) {
            Dependents.Question question = Dependents.of(kek);
            version.ifPresent(question::version);
            root.slots()
                    .ifPresent(slots -> question.slots(
                            slots.notes(root), slots.vendorKek(), slots.others().toArray(KekId[]::new)));
            question.envelopes(files.watchedBy(progress));
            if (noOthers) {
                question.noOtherEnvelopes();
            }
            dependents = question.read(store, session.providers(), options.seal());
        }
        result.addProperty("store", options.store().toString());
        JsonParser.parseString(dependents.toJson())
                .getAsJsonObject()
                .entrySet()
                .forEach(member -> result.add(member.getKey(), member.getValue()));
        int exitCode = exitCode(dependents);
        result.addProperty("exitCode", exitCode);
        root.result(result, lines(dependents).toArray(String[]::new));
        return exitCode;
    }

    static int exitCode(Dependents dependents) {
        if (dependents.safeToDelete()) {
            return ExitCode.DONE;
        }
        return dependents.unknown().isEmpty() ? ExitCode.OTHER : ExitCode.DATA;
    }

    private List<String> lines(Dependents dependents) {
        List<String> lines = new ArrayList<>();
        lines.add("KEK       " + kek);
        lines.add("version   " + version.orElse("any"));
        if (!dependents.versions().isEmpty()) {
            lines.add("versions  " + String.join(", ", dependents.versions()) + " have wraps");
        }
        Table table = new Table(List.of("KEYCHAIN", "NEEDS", "UNTIL"));
        dependents.keychains().forEach(one -> table.add(row(one)));
        if (!table.isEmpty()) {
            lines.addAll(table.lines());
        }
        int more = dependents.keychainCount() - dependents.keychains().size();
        if (more > 0) {
            lines.add("and " + more + " more keychains");
        }
        dependents.slots().forEach(one -> lines.add("slot      " + one.slot() + " " + needs(one)));
        int others = dependents.slotCount() - dependents.slots().size();
        if (others > 0) {
            lines.add("and " + others + " more slots");
        }
        dependents.envelopes().forEach(one -> lines.add("envelope  " + one));
        dependents.unknown().forEach(one -> lines.add("! " + one.place() + ": " + one.reason()));
        dependents.reasons().forEach(reason -> lines.add("- " + reason));
        dependents.warnings().forEach(warning -> lines.add("note: " + warning));
        lines.add(dependents.safeToDelete() ? "safe to delete, as far as this store tells" : "NOT SAFE TO DELETE");
        return lines;
    }

    private static String needs(Dependents.Slot one) {
        String keys = one.keys() == 0 ? "" : Sizes.counted(one.keys(), "uploaded key");
        return keys + (keys.isEmpty() || !one.seal() ? "" : ", ") + (one.seal() ? "SEAL" : "");
    }

    private static List<String> row(Dependent one) {
        String needs = one.needs().entrySet().stream()
                .map(need -> need.getKey() + (need.getValue() == 0 ? "" : " " + Sizes.counted(need.getValue(), "DEK")))
                .collect(Collectors.joining(", "));
        String until =
                one.until().map(Object::toString).orElse(one.needs().containsKey(Need.RETAINED) ? "no end" : "-");
        return List.of(one.keychainId(), needs, until);
    }
}
