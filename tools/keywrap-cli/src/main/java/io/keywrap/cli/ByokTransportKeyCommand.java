package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.byok.TransportKey;
import io.keywrap.byok.TransportKeys;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes, renews and shows the key pairs that uploads are encrypted for. */
@Command(
        name = "transport-key",
        description = {
            "Shows the transport keys of a region, and prints the public key that customers encrypt uploads with: the next"
                    + " one, else the current one.",
            "",
            "The private keys are in FILE, encrypted under the keychain. --create makes it, --renew a next key beside the"
                    + " current one, and --activate makes that the current one; uploads under the one before still open, until"
                    + " --remove previous."
        },
        footer = {
            "",
            "Example:",
            "  keywrap byok transport-key --create --keystore main=main.p12 --store keychains --id transport \\",
            "      --region eu-west-1 --pem transport.pem transport.kwrp"
        })
final class ByokTransportKeyCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private KeychainOptions keychain = new KeychainOptions();

    @Option(
            names = "--region",
            required = true,
            paramLabel = "NAME",
            description = "Whose keys these are: small letters, digits and hyphens. Required.")
    private String region = "";

    @Option(names = "--create", description = "Make the first key. Default: no.")
    private boolean create;

    @Option(names = "--renew", description = "Make a next key. Default: no.")
    private boolean renew;

    @Option(names = "--activate", description = "Make the next key the current one. Default: no.")
    private boolean activate;

    @Option(
            names = "--remove",
            paramLabel = "WHICH",
            description =
                    "Take the previous or the next key away: what was encrypted under it opens no more. Default: no.")
    private Optional<Removable> remove = Optional.empty();

    @Option(
            names = "--pem",
            paramLabel = "OUT",
            description = "Also write the public key to this new file. Default: it is only printed.")
    private Optional<Path> pem = Optional.empty();

    @Parameters(paramLabel = "FILE", description = "The transport keys with their private keys, which are encrypted.")
    private Path file = Path.of("");

    /** What may go. */
    enum Removable {
        PREVIOUS,
        NEXT
    }

    ByokTransportKeyCommand(KeywrapCommand root) {
        this.root = root;
    }

    /** Those of a region, whose name may be none. */
    static TransportKeys.Builder of(EnvelopeCipher cipher, String region) {
        try {
            return TransportKeys.builder(cipher).region(region);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--region: " + e.getMessage());
        }
    }

    @Override
    public Integer call() throws IOException {
        long chosen = Stream.of(create, renew, activate, remove.isPresent())
                .filter(one -> one)
                .count();
        if (chosen > 1) {
            throw new UsageException("--create, --renew, --activate and --remove are one at a time");
        }
        refuseTargets();
        try (Session session = Session.open(root)) {
            TransportKeys.Builder builder = of(EnvelopeCipher.using(keychain.open(session)), region);
            TransportKeys keys = create ? builder.create() : changed(builder.open(file));
            if (chosen > 0) {
                keys.save(file);
                root.done("the transport keys in " + file + " have changed");
            }
            report(keys);
        }
        return ExitCode.DONE;
    }

    private void refuseTargets() throws IOException {
        Kept kept = Kept.of(root, Optional.of(keychain.store()));
        List<Path> fresh = new ArrayList<>(pem.stream().toList());
        if (create) {
            fresh.add(file);
        }
        for (Path out : fresh) {
            if (Files.exists(out)) {
                throw new FileAlreadyExistsException(out.toString());
            }
            kept.refuse(out);
        }
        if (create
                && pem.filter(out -> out.toAbsolutePath()
                                .normalize()
                                .equals(file.toAbsolutePath().normalize()))
                        .isPresent()) {
            throw new UsageException("FILE and --pem must be different files");
        }
    }

    /** There may be no next key, or one already, which is a matter of what is asked for. */
    private TransportKeys changed(TransportKeys keys) {
        try {
            if (remove.isPresent()) {
                return keys.without(removed(keys, remove.get()));
            }
            return renew ? keys.renew() : activate ? keys.activate() : keys;
        } catch (IllegalStateException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static TransportKey removed(TransportKeys keys, Removable which) {
        return (which == Removable.NEXT ? keys.next() : keys.previous())
                .orElseThrow(() -> new UsageException("there is no such transport key to remove"));
    }

    private void report(TransportKeys keys) throws IOException {
        TransportKey upload = keys.next().orElse(keys.current());
        if (pem.isPresent()) {
            Files.writeString(pem.get(), upload.toPem(), StandardOpenOption.CREATE_NEW);
        }
        JsonObject result = new JsonObject();
        result.addProperty("file", file.toString());
        result.addProperty("keychain", keychain.id());
        result.addProperty("region", keys.region());
        List<String> lines = new ArrayList<>();
        lines.add("region    " + keys.region());
        add(result, lines, "current", keys.current());
        keys.next().ifPresent(next -> add(result, lines, "next", next));
        keys.previous().ifPresent(previous -> add(result, lines, "previous", previous));
        upload.toPem().lines().forEach(lines::add);
        root.result(result, lines.toArray(String[]::new));
    }

    private static void add(JsonObject result, List<String> lines, String name, TransportKey key) {
        JsonObject one = new JsonObject();
        one.addProperty("created", key.created().toString());
        one.addProperty("fingerprint", key.fingerprint());
        one.addProperty("pem", key.toPem());
        result.add(name, one);
        lines.add("%-9s %s, made %s".formatted(name, key.fingerprint(), key.created()));
    }
}
