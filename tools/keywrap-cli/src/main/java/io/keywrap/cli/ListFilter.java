package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which keychains of a store are meant: what {@link KeychainFilter} asks, as options. */
final class ListFilter {
    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            description = "Only keychains whose ids begin with TEXT. Default: all.")
    private String prefix = "";

    @Option(
            names = "--key-context",
            paramLabel = "KEY=VALUE",
            description =
                    "Only keychains whose key context has this pair, such as tenant=acme. Repeatable: each of them."
                            + " Default: all.")
    private List<String> keyContext = List.of();

    @Option(
            names = "--kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "Only keychains that depend on this KEK: it is a recipient, or a DEK is wrapped under it."
                    + " Default: all.")
    private Optional<KekId> kek = Optional.empty();

    @Option(
            names = "--kek-version",
            paramLabel = "TEXT",
            description =
                    "Only keychains with a DEK that is wrapped under this version of a KEK, of --kek if it is given."
                            + " Default: all.")
    private Optional<String> kekVersion = Optional.empty();

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description = "Only keychains with a recipient or wrap in this role, CONTROL, REPLICA or RETAINED: the same"
                    + " that --kek and --kek-version are of. Default: all.")
    private Optional<Role> role = Optional.empty();

    @Option(
            names = "--dek-state",
            paramLabel = "STATE",
            description = "Only keychains with a DEK in this state, PRIMARY, DECRYPT_ONLY or DESTROYED. Default: all.")
    private Optional<State> dekState = Optional.empty();

    @Option(
            names = "--dek-made-before",
            paramLabel = "TIME",
            description =
                    "Only keychains with a DEK that was made before a time such as 2026-01-01T00:00:00Z, the same that"
                            + " --dek-state is of. Default: all.")
    private Optional<String> dekMadeBefore = Optional.empty();

    @Mixin
    private KeyManagementChoice choice = new KeyManagementChoice();

    Optional<KekId> kek() {
        return kek;
    }

    /** As stores take it. */
    KeychainFilter value() {
        KeychainFilter filter = KeychainFilter.all().withIdPrefix(prefix);
        for (var pair : Contexts.parse("--key-context", keyContext).asMap().entrySet()) {
            filter = filter.withKeyContext(pair.getKey(), pair.getValue());
        }
        filter = kek.map(filter::withKek).orElse(filter);
        filter = kekVersion.map(filter::withKekVersion).orElse(filter);
        filter = role.map(filter::withRole).orElse(filter);
        filter = dekState.map(filter::withDekState).orElse(filter);
        filter = dekMadeBefore
                .map(ListFilter::instant)
                .map(filter::withDekMadeBefore)
                .orElse(filter);
        return choice.value().map(filter::withKeyManagement).orElse(filter);
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new UsageException("--dek-made-before is a time such as 2026-01-01T00:00:00Z");
        }
    }
}
