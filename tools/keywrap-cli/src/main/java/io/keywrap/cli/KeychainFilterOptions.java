package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.store.KeychainFilter;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which keychains of a store. */
final class KeychainFilterOptions {
    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            description = "Only keychains whose ids begin with TEXT. Default: all.")
    private String prefix = "";

    @Option(
            names = "--kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "Only keychains that depend on this KEK: it is a recipient, or a DEK is wrapped under it."
                    + " Default: all.")
    private Optional<KekId> kek = Optional.empty();

    @Mixin
    private KeyManagementChoice choice = new KeyManagementChoice();

    Optional<KekId> kek() {
        return kek;
    }

    KeychainFilter filter() {
        KeychainFilter byId = KeychainFilter.all().withIdPrefix(prefix);
        KeychainFilter filter = kek.map(byId::withKek).orElse(byId);
        return choice.value().map(filter::withKeyManagement).orElse(filter);
    }
}
