package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what is stored of a keychain. */
@Command(
        name = "show",
        description = "Shows what is stored of a keychain, its key context included, after checking its seal.",
        footer = {"", "Example:", "  keywrap keychain show --keystore main=main.p12 --store keychains --id tenant-42"})
final class KeychainShowCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions options = new KeychainOptions();

    @Option(
            names = "--unverified",
            description = "Show it without any key, the seal unchecked: believe nothing of it. Default: the seal is"
                    + " checked.")
    private boolean unverified;

    KeychainShowCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (unverified && options.sealKek().isPresent()) {
            throw new UsageException("--unverified checks no seal, so --seal-kek makes no sense with it");
        }
        KeychainStore store = options.existingStore(root);
        KeychainRecord record = unverified ? stored(store) : sealed();
        root.result(toJson(record), lines(record).toArray(String[]::new));
        return ExitCode.DONE;
    }

    private KeychainRecord stored(KeychainStore store) {
        return store.load(options.id()).orElseThrow(() -> new KeychainNotFoundException(options.id()));
    }

    private KeychainRecord sealed() {
        try (Session session = Session.open(root)) {
            return options.open(session).record();
        }
    }

    private JsonObject toJson(KeychainRecord record) {
        JsonObject result = new JsonObject();
        result.addProperty("keychain", record.keychainId());
        result.addProperty("sealChecked", !unverified);
        result.addProperty("revision", record.revision());
        result.addProperty("createdAt", record.createdAt().toString());
        result.addProperty("portable", record.portable());
        result.addProperty("keyManagement", record.keyManagement().name());
        result.addProperty("migratable", record.migratable());
        result.add("keyContext", Json.context(record.keyContext()));
        result.add("recipients", Json.objects(record.recipients(), KeychainShowCommand::recipient));
        result.addProperty("writeQuorum", record.writeQuorum());
        result.addProperty("destroyed", record.destroyed());
        result.add("sealKey", Json.wrap(record.sealKey()));
        result.add("deks", Json.objects(record.deks(), entry -> dek(record, entry)));
        return result;
    }

    static JsonObject recipient(Recipient recipient) {
        JsonObject one = new JsonObject();
        one.addProperty("role", recipient.role().name());
        one.addProperty("kek", recipient.kekId().uri());
        recipient.until().ifPresent(until -> one.addProperty("until", until.toString()));
        return one;
    }

    static String line(Recipient recipient) {
        return "recipient    " + recipient.role() + " " + recipient.kekId()
                + recipient.until().map(until -> ", until " + until).orElse("");
    }

    private static boolean incomplete(KeychainRecord record, DekEntry entry) {
        return entry.state() != State.DESTROYED && !record.missing(entry).isEmpty();
    }

    private static JsonObject dek(KeychainRecord record, DekEntry entry) {
        JsonObject one = new JsonObject();
        one.addProperty("dek", entry.id().hex());
        one.addProperty("usage", entry.usage().name());
        one.addProperty("state", entry.state().name());
        one.addProperty("createdAt", entry.createdAt().toString());
        one.addProperty("incomplete", incomplete(record, entry));
        one.add("wraps", Json.objects(entry.wraps(), wrap -> {
            JsonObject wrapped = Json.wrap(wrap.wrapped());
            wrapped.addProperty("role", wrap.role().name());
            return wrapped;
        }));
        return one;
    }

    private List<String> lines(KeychainRecord record) {
        List<String> lines = new ArrayList<>();
        lines.add("keychain     " + record.keychainId() + (record.portable() ? ", portable" : ""));
        lines.add("seal         " + (unverified ? "NOT CHECKED" : "checked") + ", under "
                + record.sealKey().kekId());
        lines.add("revision     " + record.revision() + ", made " + record.createdAt());
        lines.add("KEKs         " + KeyManagementChoice.text(record.keyManagement())
                + (record.migratable() ? ", migratable" : ", for good"));
        lines.add("key context  "
                + record.keyContext().asMap().entrySet().stream()
                        .map(pair -> pair.getKey() + "=" + pair.getValue())
                        .collect(Collectors.joining(", ")));
        record.recipients().forEach(r -> lines.add(line(r)));
        record.deks()
                .forEach(d -> lines.add("DEK          " + d.id() + " " + d.state() + " for " + d.usage() + ", made "
                        + d.createdAt() + ", " + d.wraps().size() + " wraps"
                        + (incomplete(record, d) ? ", incomplete" : "")));
        return lines;
    }
}
