package io.keywrap.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotState;
import io.keywrap.byok.SlotStatus;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which slot, where it is kept, and whose KEK wraps its keys. */
final class SlotOptions {
    @Option(
            names = "--store",
            required = true,
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store: a folder or a database, see 'keywrap --help'. Required.")
    private StorePlace store = StorePlace.none();

    @Option(
            names = "--vendor-kek",
            required = true,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The vendor's own KEK, which wraps uploaded keys and seals slots. Required.")
    private Optional<KekId> vendorKek = Optional.empty();

    @Option(names = "--slot", required = true, paramLabel = "NAME", description = "The slot. Required.")
    private String slot = "";

    /** What a command does with the slots. */
    interface Work {
        SlotStatus on(ByokSlots slots, Session session) throws IOException;
    }

    String slot() {
        return slot;
    }

    KekId vendorKek() {
        return vendorKek.orElseThrow();
    }

    /** The store, which must be there. */
    KeychainStore existingStore(KeywrapCommand root) {
        return store.existing(root);
    }

    /** Does the work, and prints how the slot stands then. */
    int run(KeywrapCommand root, Optional<String> done, Work work) throws IOException {
        requireName();
        if (!(existingStore(root) instanceof StoreNotes notes)) {
            throw new ConfigurationException(
                    "the store has no notes, in which slots are kept; to do: use another store");
        }
        ByokKms byok = byok(notes);
        try (Session session = Session.open(root, options -> options.register(byok))) {
            SlotStatus status = work.on(byok.slots(session.providers()), session);
            done.ifPresent(root::done);
            root.result(toJson(status), lines(status).toArray(String[]::new));
            return ExitCode.DONE;
        } finally {
            byok.close();
        }
    }

    private void requireName() {
        try {
            ByokKms.kekId(slot);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--slot: " + e.getMessage());
        }
    }

    private ByokKms byok(StoreNotes notes) {
        try {
            return ByokKms.builder(notes, vendorKek()).build();
        } catch (IllegalArgumentException e) {
            throw new UsageException("--vendor-kek: " + e.getMessage());
        }
    }

    private static JsonObject toJson(SlotStatus status) {
        JsonObject result = new JsonObject();
        result.addProperty("slot", status.slot());
        result.addProperty("kek", status.kekId().uri());
        result.addProperty("revision", status.revision());
        result.addProperty("createdAt", status.createdAt().toString());
        JsonArray versions = new JsonArray();
        for (SlotStatus.Version version : status.versions()) {
            JsonObject one = new JsonObject();
            one.addProperty("version", version.number());
            one.addProperty("state", version.state().name());
            if (version.state() == SlotState.REVOKED) {
                one.addProperty("was", version.was().name());
            }
            one.addProperty("uploadedAt", version.uploadedAt().toString());
            one.addProperty("since", version.since().toString());
            versions.add(one);
        }
        result.add("versions", versions);
        return result;
    }

    private static List<String> lines(SlotStatus status) {
        List<String> lines = new ArrayList<>();
        lines.add("KEK      " + status.kekId() + ", revision " + status.revision());
        for (SlotStatus.Version version : status.versions()) {
            String was = version.state() == SlotState.REVOKED ? ", was " + version.was() : "";
            lines.add("version  %d %s since %s%s".formatted(version.number(), version.state(), version.since(), was));
        }
        if (status.versions().isEmpty()) {
            lines.add("version  none");
        }
        return lines;
    }
}
