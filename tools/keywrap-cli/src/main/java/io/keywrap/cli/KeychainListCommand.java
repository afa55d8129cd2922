package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists keychains. */
@Command(
        name = "list",
        description = "Lists the keychains of a store, without any key: no seal is checked.",
        footer = {"", "Example:", "  keywrap keychain list --store keychains"})
final class KeychainListCommand implements Callable<Integer> {
    private static final int PAGE = 1000;

    private final KeywrapCommand root;

    @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store. Required.")
    private Path store = Path.of("");

    KeychainListCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        List<String> ids = ids(Session.existingStore(store));
        JsonObject result = new JsonObject();
        result.addProperty("store", store.toString());
        result.add("keychains", Json.strings(ids));
        if (root.json() || !ids.isEmpty()) {
            root.result(result, ids.toArray(String[]::new));
        }
        return ExitCode.DONE;
    }

    private static List<String> ids(KeychainStore store) {
        List<String> ids = new ArrayList<>();
        List<String> page = store.list(KeychainFilter.all(), Optional.empty(), PAGE);
        ids.addAll(page);
        while (page.size() == PAGE) {
            page = store.list(KeychainFilter.all(), Optional.of(page.get(PAGE - 1)), PAGE);
            ids.addAll(page);
        }
        ids.sort(null);
        return ids;
    }
}
