package io.keywrap.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.KekException;
import io.keywrap.byok.SlotStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows all slots. */
@Command(
        name = "list",
        description = {
            "Shows every slot of the store after checking its seal, which takes a call of the vendor's KEK for each, and names what"
                    + " cannot be believed: then the exit code is that of the first failure."
        },
        footer = {
            "",
            "Example:",
            "  keywrap byok list --keystore main=main.p12 --store keychains --vendor-kek keystore:main#vendor"
        })
final class ByokListCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotPlaceOptions options = new SlotPlaceOptions();

    ByokListCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        return options.run(root, (slots, session) -> {
            JsonArray believed = new JsonArray();
            JsonArray refused = new JsonArray();
            Table table = new Table(List.of("SLOT", "VERSIONS", "SEAL"));
            List<String> problems = new ArrayList<>();
            List<KekException> failures = new ArrayList<>();
            slots.scan(
                    status -> {
                        believed.add(SlotOptions.toJson(status));
                        table.add(List.of(status.slot(), versions(status), SlotOptions.text(status.seal())));
                    },
                    (place, failure) -> {
                        JsonObject one = new JsonObject();
                        one.addProperty("place", place);
                        one.addProperty("reason", Failures.message(failure));
                        refused.add(one);
                        failures.add(failure);
                        problems.add("! " + place + ": " + Failures.message(failure));
                    });
            JsonObject result = new JsonObject();
            result.addProperty("store", options.place().store().toString());
            result.add("slots", believed);
            result.add("refused", refused);
            List<String> lines = new ArrayList<>(table.isEmpty() ? List.of("no slots") : table.lines());
            lines.addAll(problems);
            root.result(result, lines.toArray(String[]::new));
            return failures.isEmpty() ? ExitCode.DONE : ExitCode.of(failures.get(0));
        });
    }

    private static String versions(SlotStatus status) {
        return status.versions().isEmpty()
                ? "none"
                : status.versions().stream()
                        .map(version -> version.number() + " " + version.state())
                        .collect(Collectors.joining(", "));
    }
}
