package io.keywrap.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotState;
import io.keywrap.byok.SlotStatus;
import io.keywrap.store.KeychainStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which slot. */
final class SlotOptions {
    @Mixin
    private SlotPlaceOptions place = new SlotPlaceOptions();

    @Option(names = "--slot", required = true, paramLabel = "NAME", description = "The slot. Required.")
    private String slot = "";

    /** What a command does with the slots. */
    interface Work {
        SlotStatus on(ByokSlots slots, Session session) throws IOException;
    }

    String slot() {
        return slot;
    }

    /** The store, which must be there. */
    KeychainStore existingStore(KeywrapCommand root) {
        return place.place().store().existing(root);
    }

    /** Does the work, and prints how the slot stands then. */
    int run(KeywrapCommand root, Optional<String> done, Work work) throws IOException {
        return run(root, done, Optional.empty(), work);
    }

    /** The same, with keychains in another store. */
    int run(KeywrapCommand root, Optional<String> done, Optional<StorePlace> keychains, Work work) throws IOException {
        requireName();
        return place.run(root, keychains, (slots, session) -> {
            SlotStatus status = work.on(slots, session);
            done.ifPresent(root::done);
            root.result(toJson(status), lines(status).toArray(String[]::new));
            return ExitCode.DONE;
        });
    }

    private void requireName() {
        try {
            ByokKms.kekId(slot);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--slot: " + e.getMessage());
        }
    }

    static JsonObject toJson(SlotStatus status) {
        JsonObject result = new JsonObject();
        result.addProperty("slot", status.slot());
        result.addProperty("kek", status.kekId().uri());
        result.addProperty("revision", status.revision());
        result.addProperty("createdAt", status.createdAt().toString());
        result.add("seal", toJson(status.seal()));
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
            version.wrap().ifPresent(wrap -> one.add("wrap", toJson(wrap)));
            versions.add(one);
        }
        result.add("versions", versions);
        return result;
    }

    private static JsonObject toJson(SlotStatus.Wrap wrap) {
        JsonObject result = new JsonObject();
        result.addProperty("kek", wrap.kekId().uri());
        result.addProperty("kekVersion", wrap.kekVersion());
        return result;
    }

    static String text(SlotStatus.Wrap wrap) {
        return wrap.kekId() + (wrap.kekVersion().isEmpty() ? "" : ", version " + wrap.kekVersion());
    }

    private static List<String> lines(SlotStatus status) {
        List<String> lines = new ArrayList<>();
        lines.add("KEK      " + status.kekId() + ", revision " + status.revision());
        lines.add("seal     under " + text(status.seal()));
        for (SlotStatus.Version version : status.versions()) {
            String was = version.state() == SlotState.REVOKED ? ", was " + version.was() : "";
            String under = version.wrap().map(wrap -> ", under " + text(wrap)).orElse("");
            lines.add("version  %d %s since %s%s%s"
                    .formatted(version.number(), version.state(), version.since(), was, under));
        }
        if (status.versions().isEmpty()) {
            lines.add("version  none");
        }
        return lines;
    }
}
