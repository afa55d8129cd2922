package io.keywrap.cli;

import io.keywrap.Dek;
import io.keywrap.KekId;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotStatus;
import io.keywrap.byok.TransportKeys;
import io.keywrap.byok.Upload;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Validates an upload. */
@Command(
        name = "import",
        description = {
            "Decrypts what a customer has uploaded, proves that it is the key that was meant, and takes it in as PENDING. In a"
                    + " slot that is revoked it gives access back instead, if it is the key that was revoked.",
            "",
            "Either --secret and --digest, or --key-file and --passphrase. What is refused leaves nothing behind."
        },
        footer = {
            "",
            "Example:",
            "  keywrap byok import --keystore main=main.p12 --store keychains \\",
            "      --vendor-kek keystore:main#vendor --slot acme --transport-keys transport.kwrp --keychain transport \\",
            "      --region eu-west-1 --secret encrypted_secret.bin --digest secret_digest.txt"
        })
final class ByokImportCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotOptions options = new SlotOptions();

    @Option(
            names = "--transport-keys",
            required = true,
            paramLabel = "FILE",
            description = "The transport keys, as 'byok transport-key' keeps them. Required.")
    private Path transportKeys = Path.of("");

    @Option(
            names = "--keychain",
            required = true,
            paramLabel = "ID",
            converter = Converters.KeychainId.class,
            description = "The keychain that the transport keys are encrypted under. Required.")
    private String keychain = "";

    @Option(
            names = "--seal-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description =
                    "The KEK that must have wrapped the seal of that keychain. Default: the one that the record names,"
                            + " if it is in a key store named on this command.")
    private Optional<KekId> sealKek = Optional.empty();

    @Option(names = "--region", required = true, paramLabel = "NAME", description = "The customer's region. Required.")
    private String region = "";

    @Option(names = "--secret", paramLabel = "FILE", description = "encrypted_secret.bin. Default: none.")
    private Optional<Path> secret = Optional.empty();

    @Option(names = "--digest", paramLabel = "FILE", description = "secret_digest.txt, with --secret. Default: none.")
    private Optional<Path> digest = Optional.empty();

    @Option(names = "--key-file", paramLabel = "FILE", description = "encrypted_key.bin. Default: none.")
    private Optional<Path> keyFile = Optional.empty();

    @Option(
            names = "--passphrase",
            paramLabel = "FILE",
            description = "encrypted_passphrase.bin, with --key-file. Default: none.")
    private Optional<Path> passphrase = Optional.empty();

    ByokImportCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        boolean plain = secret.isPresent() && digest.isPresent();
        boolean passphrased = keyFile.isPresent() && passphrase.isPresent();
        boolean half = secret.isPresent() != digest.isPresent() || keyFile.isPresent() != passphrase.isPresent();
        if (plain == passphrased || half) {
            throw new UsageException("--secret and --digest go together, or --key-file and --passphrase");
        }
        Upload upload = plain
                ? Upload.ofSecret(read(secret.get()), new String(read(digest.get()), StandardCharsets.ISO_8859_1))
                : Upload.ofKeyFile(read(keyFile.orElseThrow()), read(passphrase.orElseThrow()));
        return options.run(root, Optional.of("the key was taken in"), (slots, session) -> take(upload, slots, session));
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Upload.read(in);
        }
    }

    private SlotStatus take(Upload upload, ByokSlots slots, Session session) throws IOException {
        Keychain opened = session.keychain(options.existingStore(root), keychain, sealKek);
        TransportKeys keys =
                ByokTransportKeyCommand.of(EnvelopeCipher.using(opened), region).open(transportKeys);
        boolean revoked =
                slots.status(options.slot()).filter(SlotStatus::isRevoked).isPresent();
        try (Dek key = upload.secret(keys)) {
            return revoked ? slots.restore(options.slot(), key) : slots.validate(options.slot(), key);
        }
    }
}
