package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts a keychain under other KEKs. */
@Command(
        name = "migrate",
        description = {
            "Records who holds the KEKs of a keychain from now on, --vendor-managed or --customer-managed, and makes new"
                    + " primary DEKs under the KEKs given.",
            "",
            "Only for keychains that were made with --migratable. Older DEKs stay under the KEKs that wrapped them:"
                    + " those are needed to decrypt what is there."
        },
        footer = {
            "",
            "Example:",
            "  keywrap keychain migrate --keystore main=main.p12 --store keychains --id tenant-42 \\",
            "      --kek keystore:main#tenant-42 --customer-managed"
        })
final class KeychainMigrateCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions options = new KeychainOptions();

    @Mixin
    private KeyManagementChoice choice = new KeyManagementChoice();

    @Option(
            names = "--kek",
            required = true,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A KEK in the place of all recipients so far. Repeatable: each of them must be usable, or the"
                    + " keychain is closed. Required.")
    private List<KekId> keks = List.of();

    KeychainMigrateCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        Keks.requireDistinct(keks);
        KeyManagement to = choice.value()
                .orElseThrow(
                        () -> new UsageException("say who holds the KEKs: --vendor-managed or --customer-managed"));
        try (Session session = Session.open(root)) {
            Keychain keychain = options.open(session);
            KeychainRecord before = keychain.record();
            if (!before.migratable()) {
                throw new UsageException("keychain '" + keychain.id() + "' is "
                        + KeyManagementChoice.text(before.keyManagement())
                        + " for good: it was not made with --migratable; to do: make another keychain, and encrypt"
                        + " with that one from now on");
            }
            migrate(keychain, to);
            report(keychain.record(), before.revision());
        }
        return ExitCode.DONE;
    }

    private void migrate(Keychain keychain, KeyManagement to) {
        try {
            keychain.changeKeyManagement(to, keks);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private void report(KeychainRecord record, long before) {
        List<KekId> needed = stillNeeded(record);
        root.done("keychain '" + record.keychainId() + "' was migrated, to revision " + record.revision());
        JsonObject result = new JsonObject();
        result.addProperty("keychain", record.keychainId());
        result.addProperty("revisionBefore", before);
        result.addProperty("revision", record.revision());
        result.addProperty("keyManagement", record.keyManagement().name());
        result.add("keks", Json.strings(keks));
        result.add("stillNeeded", Json.strings(needed));
        List<String> lines = new ArrayList<>(List.of(
                "keychain  " + record.keychainId() + ", " + KeyManagementChoice.text(record.keyManagement()),
                "revision  " + before + " before, " + record.revision() + " now",
                "KEK       " + Keks.text(keks)));
        if (!needed.isEmpty()) {
            lines.add("needed    " + Keks.text(needed) + ", for what was encrypted before");
        }
        root.result(result, lines.toArray(String[]::new));
    }

    /** The KEKs of older DEKs that the new ones are not wrapped under. */
    private List<KekId> stillNeeded(KeychainRecord record) {
        return record.deks().stream()
                .filter(entry -> entry.state() != State.DESTROYED)
                .flatMap(entry -> entry.wraps().stream())
                .map(wrap -> wrap.wrapped().kekId())
                .filter(kek -> !keks.contains(kek))
                .distinct()
                .toList();
    }
}
