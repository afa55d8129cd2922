package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Recipients;
import io.keywrap.store.KeychainRecord;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Changes whom the DEKs of a keychain are wrapped to. */
@Command(
        name = "recipients",
        description = {
            "Names all KEKs of a keychain and their roles anew, in the place of those so far.",
            "",
            "Where KEKs come or go there are new primary DEKs. Older DEKs stay under the KEKs that wrapped them until"
                    + " 'keychain repair'."
        },
        footer = {
            "",
            "Example:",
            "  keywrap keychain recipients --keystore main=main.p12 --store keychains --id tenant-42 \\",
            "      --kek keystore:main#new --retain keystore:main#tenant-42=2027-01-01T00:00:00Z"
        })
final class KeychainRecipientsCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions options = new KeychainOptions();

    @Mixin
    private RecipientOptions recipients = new RecipientOptions();

    @Option(
            names = "--retain",
            paramLabel = "URI[=TIME]",
            description =
                    "An earlier KEK whose wraps are kept, until a time such as 2027-01-01T00:00:00Z, and never used by"
                            + " themselves. Repeatable. Default: wraps of KEKs that are not named are kept without an end.")
    private List<String> retained = List.of();

    KeychainRecipientsCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        recipients.requireDistinct();
        Map<KekId, Optional<Instant>> kept = kept();
        try (Session session = Session.open(root)) {
            Keychain keychain = options.open(session);
            try {
                keychain.changeRecipients(to -> name(to, kept));
            } catch (IllegalArgumentException e) {
                throw new UsageException(e.getMessage());
            }
            report(keychain.record());
        }
        return ExitCode.DONE;
    }

    private void name(Recipients to, Map<KekId, Optional<Instant>> kept) {
        recipients.keks().forEach(to::control);
        recipients.replicas().forEach(to::replica);
        kept.forEach((kek, until) -> until.ifPresentOrElse(time -> to.retained(kek, time), () -> to.retained(kek)));
        recipients.writeQuorum().ifPresent(to::writeQuorum);
    }

    private Map<KekId, Optional<Instant>> kept() {
        Map<KekId, Optional<Instant>> kept = new LinkedHashMap<>();
        for (String one : retained) {
            int end = one.lastIndexOf('=');
            try {
                kept.put(
                        KekId.of(end < 0 ? one : one.substring(0, end)),
                        end < 0 ? Optional.empty() : Optional.of(Instant.parse(one.substring(end + 1))));
            } catch (IllegalArgumentException | DateTimeParseException e) {
                throw new UsageException(
                        "--retain is a KEK, or a KEK=TIME such as keystore:main#old=2027-01-01T00:00:00Z");
            }
        }
        return kept;
    }

    private void report(KeychainRecord record) {
        root.done("keychain '" + record.keychainId() + "' has new recipients, revision " + record.revision());
        JsonObject result = new JsonObject();
        result.addProperty("keychain", record.keychainId());
        result.addProperty("revision", record.revision());
        result.add("recipients", Json.objects(record.recipients(), KeychainShowCommand::recipient));
        result.addProperty("writeQuorum", record.writeQuorum());
        result.addProperty("incomplete", record.incomplete().size());
        List<String> lines = new ArrayList<>();
        lines.add("keychain   " + record.keychainId() + ", revision " + record.revision());
        record.recipients().forEach(r -> lines.add(KeychainShowCommand.line(r)));
        if (!record.incomplete().isEmpty()) {
            lines.add("to repair  " + record.incomplete().size() + " DEKs: keywrap keychain repair");
        }
        root.result(result, lines.toArray(String[]::new));
    }
}
