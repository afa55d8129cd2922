package io.keywrap.cli;

import io.keywrap.KekId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Whom DEKs are wrapped to. */
final class RecipientOptions {
    @Option(
            names = "--kek",
            required = true,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A KEK of the customer. Repeatable: each of them must be usable, or the keychain is closed."
                    + " Required.")
    private List<KekId> keks = List.of();

    @Option(
            names = "--replica",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description =
                    "A KEK of the same owner elsewhere, for when a --kek is out of reach, never when it is revoked."
                            + " Repeatable. Default: none.")
    private List<KekId> replicas = List.of();

    @Option(
            names = "--write-quorum",
            paramLabel = "N",
            description = "How many of these must have wrapped a new DEK, every --kek among them. Default: all.")
    private Optional<Integer> writeQuorum = Optional.empty();

    List<KekId> keks() {
        return keks;
    }

    List<KekId> replicas() {
        return replicas;
    }

    Optional<Integer> writeQuorum() {
        return writeQuorum;
    }

    void requireDistinct() {
        Keks.requireDistinct(Stream.concat(keks.stream(), replicas.stream()).toList());
    }
}
