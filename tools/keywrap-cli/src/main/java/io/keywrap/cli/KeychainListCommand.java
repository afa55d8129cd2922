package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists keychains. */
@Command(
        name = "list",
        description = "Lists the keychains of a store, or some of them, without any key: no seal is checked.",
        footer = {
            "",
            "Examples:",
            "  keywrap keychain list --store keychains",
            "  keywrap keychain list --store keychains --kek keystore:main#tenant-42"
        })
final class KeychainListCommand implements Callable<Integer> {
    private static final int PAGE = 1000;

    private final KeywrapCommand root;

    @Option(
            names = "--store",
            required = true,
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store: a folder or a database, see 'keywrap --help'. Required.")
    private StorePlace store = StorePlace.none();

    @Mixin
    private KeychainFilterOptions options = new KeychainFilterOptions();

    KeychainListCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        KeychainFilter filter = options.filter();
        List<String> ids = ids(store.existing(root), filter);
        JsonObject result = new JsonObject();
        result.addProperty("store", store.toString());
        result.add("keychains", Json.strings(ids));
        if (root.json() || !ids.isEmpty()) {
            root.result(result, ids.toArray(String[]::new));
        }
        return ExitCode.DONE;
    }

    private static List<String> ids(KeychainStore store, KeychainFilter filter) {
        List<String> ids = new ArrayList<>();
        List<String> page = store.list(filter, Optional.empty(), PAGE);
        ids.addAll(page);
        while (page.size() == PAGE) {
            page = store.list(filter, Optional.of(page.get(PAGE - 1)), PAGE);
            ids.addAll(page);
        }
        ids.sort(null);
        return ids;
    }
}
