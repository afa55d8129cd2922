package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.cli.Transfer.Direction;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Decrypts a file, a tree or standard input. */
@Command(
        name = "decrypt",
        description = {
            "Decrypts IN to OUT with the DEKs of a keychain; or, without --store, portable envelopes with --kek.",
            "",
            "The envelope must hold every --context pair that is given; if none is given it must hold none. A folder is"
                    + " decrypted as the tree that encrypt makes: each file must end in .kwrp and hold the pair"
                    + " path=<relative path>.",
            "",
            "An OUT file appears whole and authenticated, or not at all. Standard output is different: segments that"
                    + " are authentic may have been written before a later one fails. If the exit code is not 0,"
                    + " throw away what was written."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap decrypt --keystore main=main.p12 --store keychains --keychain tenant-42 \\",
            "      --context object=accounts accounts.csv.kwrp accounts.csv",
            "  keywrap decrypt --keystore main=main.p12 --kek keystore:main#tenant-42 --keychain tenant-42 \\",
            "      --context object=accounts accounts.csv.kwrp accounts.csv"
        })
final class DecryptCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private ObjectOptions objects = new ObjectOptions();

    @Option(
            names = "--store",
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store of keychains. Default: none; then --kek opens portable envelopes.")
    private Optional<StorePlace> store = Optional.empty();

    @Option(
            names = "--keychain",
            paramLabel = "ID",
            converter = Converters.KeychainId.class,
            description = "The keychain; required with --store. Default without --store: envelopes of any keychain.")
    private Optional<String> keychainId = Optional.empty();

    @Option(
            names = "--kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A KEK that may open portable envelopes. Repeatable. Required without --store.")
    private List<KekId> keks = List.of();

    @Option(
            names = "--any-context",
            description = "Accept whatever object context an envelope has: nothing then says that it is the object you"
                    + " mean. Default: it must hold the --context pairs.")
    private boolean anyContext;

    @Option(
            names = "--exact-context",
            description = "The envelope must hold the --context pairs and no others. Default: it may hold more.")
    private boolean exactContext;

    DecryptCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        ContextMatch match = contextMatch();
        checkKeys();
        ObjectOptions.Prepared prepared = objects.prepare(Direction.DECRYPT, Kept.of(root, store));
        try (ProvenLeases leases = objects.provenLeases();
                Session session = Session.open(root, leases::options)) {
            prepared.run(root, cipher(session).withContextMatch(match), Direction.DECRYPT);
        }
        return ExitCode.DONE;
    }

    private void checkKeys() {
        if (store.isPresent() && keychainId.isEmpty()) {
            throw new UsageException("--store needs --keychain ID");
        }
        if (store.isPresent() && !keks.isEmpty()) {
            throw new UsageException("--kek is for portable envelopes, without --store");
        }
        if (store.isEmpty() && keks.isEmpty()) {
            throw new UsageException("give --store PLACE --keychain ID, or --kek URI for portable envelopes");
        }
        if (store.isEmpty() && objects.sealKek().isPresent()) {
            throw new UsageException("--seal-kek is for keychains, with --store");
        }
    }

    private ContextMatch contextMatch() {
        if (anyContext && (exactContext || objects.hasContext())) {
            throw new UsageException("--any-context excludes --exact-context and --context");
        }
        if (anyContext) {
            return ContextMatch.ANY;
        }
        return exactContext ? ContextMatch.EXACT : ContextMatch.CONTAINS;
    }

    private EnvelopeCipher cipher(Session session) {
        if (store.isPresent()) {
            return EnvelopeCipher.using(
                    session.keychain(store.get().existing(root), keychainId.orElseThrow(), objects.sealKek()));
        }
        EnvelopeCipher portable = EnvelopeCipher.portable(session.providers(), Set.copyOf(keks));
        return keychainId.map(portable::withExpectedKeychain).orElse(portable);
    }
}
