package io.keywrap.cli;

import io.keywrap.cli.Transfer.Direction;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Encrypts a file, a tree or standard input. */
@Command(
        name = "encrypt",
        description = {
            "Encrypts IN to OUT with the primary DEK of a keychain.",
            "",
            "A folder is encrypted as a tree: each of its files becomes <relative path>.kwrp under OUT, with the pair"
                    + " path=<relative path> in its object context; empty folders are kept."
        },
        footer = {
            "",
            "Example:",
            "  keywrap encrypt --keystore main=main.p12 --store keychains --keychain tenant-42 \\",
            "      --context object=accounts accounts.csv accounts.csv.kwrp"
        })
final class EncryptCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private ObjectOptions objects = new ObjectOptions();

    @Option(
            names = "--store",
            required = true,
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store: a folder or a database, see 'keywrap --help'. Required.")
    private StorePlace store = StorePlace.none();

    @Option(
            names = "--keychain",
            required = true,
            paramLabel = "ID",
            converter = Converters.KeychainId.class,
            description = "The keychain. Required.")
    private String keychainId = "";

    @Option(
            names = "--segment-length",
            paramLabel = "BYTES",
            defaultValue = "65536",
            description = "Encrypted segment length: 65536, 262144 or 1048576. Default: ${DEFAULT-VALUE}.")
    private int segmentLength;

    EncryptCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        ObjectOptions.Prepared prepared = objects.prepare(Direction.ENCRYPT, Kept.of(root, Optional.of(store)));
        try (ProvenLeases leases = objects.provenLeases();
                Session session = Session.open(root, leases::options)) {
            Keychain keychain = session.keychain(store.existing(root), keychainId, objects.sealKek());
            prepared.run(root, cipher(keychain), Direction.ENCRYPT);
        }
        return ExitCode.DONE;
    }

    private EnvelopeCipher cipher(Keychain keychain) {
        try {
            return EnvelopeCipher.using(keychain).withSegmentLength(segmentLength);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--segment-length: " + e.getMessage());
        }
    }
}
