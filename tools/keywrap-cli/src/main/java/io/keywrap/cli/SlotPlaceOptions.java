package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where slots are kept, and whose KEK wraps their keys. */
final class SlotPlaceOptions {
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

    @Option(
            names = "--accept-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description =
                    "Another KEK of the vendor's that slots may be wrapped by, while they are moved. Repeatable. Default:"
                            + " none.")
    private List<KekId> accepted = List.of();

    /** What a command does with the slots. */
    interface Work<R> {
        R on(ByokSlots slots, Session session) throws IOException;
    }

    SlotPlace place() {
        List<KekId> keks = new ArrayList<>(List.of(vendorKek.orElseThrow()));
        keks.addAll(accepted);
        return new SlotPlace(store, keks);
    }

    <R> R run(KeywrapCommand root, Work<R> work) throws IOException {
        return run(root, Optional.empty(), work);
    }

    /** The same, with keychains in another store. */
    <R> R run(KeywrapCommand root, Optional<StorePlace> keychains, Work<R> work) throws IOException {
        root.refuseSlots();
        try (ByokKms byok = place().open(root, keychains);
                Session session = Session.of(root, options -> options.register(byok))) {
            return work.on(byok.slots(session.providers()), session);
        }
    }
}
