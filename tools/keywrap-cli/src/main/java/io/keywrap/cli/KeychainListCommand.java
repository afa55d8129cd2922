package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.KeychainStore.Unreadable;
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
        description = {
            "Lists the keychains of a store, or some of them, without any key: no seal is checked.",
            "",
            "The whole store is read, also where only some are asked for, since a record that somebody has edited is"
                    + " not found by what it was. If there is any that cannot be read, it is named on standard error,"
                    + " and the exit code is 3."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap keychain list --store keychains",
            "  keywrap keychain list --store keychains --kek keystore:main#tenant-42",
            "  keywrap keychain list --store keychains --dek-state PRIMARY --dek-made-before 2026-01-01T00:00:00Z"
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
    private ListFilter options = new ListFilter();

    KeychainListCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        KeychainFilter filter = options.value();
        KeychainStore keychains = store.existing(root);
        List<String> ids = ids(keychains, filter.leavingOutUnreadable());
        List<Unreadable> unreadable = keychains.unreadable();
        JsonObject result = new JsonObject();
        result.addProperty("store", store.toString());
        result.addProperty("complete", unreadable.isEmpty());
        result.add("keychains", Json.strings(ids));
        result.add("unreadable", Json.objects(unreadable, KeychainListCommand::toJson));
        if (root.json() || !ids.isEmpty()) {
            root.result(result, ids.toArray(String[]::new));
        }
        unreadable.forEach(one -> root.warn(one.place() + ": " + one.reason()));
        if (unreadable.isEmpty()) {
            return ExitCode.DONE;
        }
        root.warn(
                "INCOMPLETE: " + Sizes.counted(unreadable.size(), "record")
                        + " of the store cannot be read, and may be among those that are asked for; to do: 'keywrap store check'");
        return ExitCode.DATA;
    }

    private static JsonObject toJson(Unreadable unreadable) {
        JsonObject one = new JsonObject();
        one.addProperty("place", unreadable.place());
        one.addProperty("reason", unreadable.reason());
        return one;
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
