package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.store.KeyManagement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a keychain. */
@Command(
        name = "create",
        description = "Makes a keychain with its first DEK, wrapped under every KEK that is given.",
        footer = {
            "",
            "Examples:",
            "  keywrap keychain create --keystore main=main.p12 --store keychains --id tenant-42 \\",
            "      --kek keystore:main#tenant-42 --key-context tenant=acme",
            "  keywrap keychain create --keystore main=main.p12 --store keychains --id tenant-42 \\",
            "      --kek aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab \\",
            "      --seal-kek keystore:main#seal"
        })
final class KeychainCreateCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Option(
            names = "--store",
            required = true,
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store, made if it is missing: a folder or a database, see 'keywrap --help'. Required.")
    private StorePlace store = StorePlace.none();

    @Option(
            names = "--id",
            required = true,
            paramLabel = "ID",
            converter = Converters.KeychainId.class,
            description = "The id of the new keychain. Required.")
    private String id = "";

    @Mixin
    private RecipientOptions recipients = new RecipientOptions();

    @Option(
            names = "--seal-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The KEK that wraps the seal of the record: your own. Default: the first --kek.")
    private Optional<KekId> sealKek = Optional.empty();

    @Option(
            names = "--key-context",
            paramLabel = "KEY=VALUE",
            description = "A pair that every wrap is bound to; not secret. Repeatable. Default: none.")
    private List<String> keyContext = List.of();

    @Option(
            names = "--portable",
            description = "For good: envelopes carry their wraps, and open with a KEK alone. Default: they do not.")
    private boolean portable;

    @Option(
            names = "--vendor-managed",
            description = "Record that the vendor holds the KEKs, by the tenant's choice. Default: the customer does.")
    private boolean vendorManaged;

    @Option(
            names = "--migratable",
            description = "Let 'keychain migrate' change later who holds the KEKs. Default: it is so for good.")
    private boolean migratable;

    KeychainCreateCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        EncryptionContext pairs = Contexts.parse("--key-context", keyContext);
        recipients.requireDistinct();
        KekId seal = sealKek.orElse(recipients.keks().get(0));
        try (Session session = Session.open(root)) {
            Keychain keychain = create(session.keychains(store.existingOrNew(root), seal), pairs);
            report(keychain, seal);
        }
        return ExitCode.DONE;
    }

    private Keychain create(Keychains keychains, EncryptionContext pairs) {
        try {
            return keychains.create(id, spec -> {
                recipients.keks().forEach(spec::control);
                recipients.replicas().forEach(spec::replica);
                recipients.writeQuorum().ifPresent(spec::writeQuorum);
                pairs.asMap().forEach(spec::keyContext);
                spec.keyManagement(vendorManaged ? KeyManagement.VENDOR : KeyManagement.CUSTOMER);
                if (portable) {
                    spec.portable();
                }
                if (migratable) {
                    spec.migratable();
                }
            });
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private void report(Keychain keychain, KekId seal) {
        root.done("keychain '" + keychain.id() + "' was made");
        JsonObject result = new JsonObject();
        result.addProperty("keychain", keychain.id());
        result.addProperty("store", store.toString());
        result.addProperty("revision", keychain.record().revision());
        result.addProperty("portable", portable);
        result.addProperty("keyManagement", keychain.record().keyManagement().name());
        result.addProperty("migratable", migratable);
        result.add("keks", Json.strings(recipients.keks()));
        result.add("replicas", Json.strings(recipients.replicas()));
        result.addProperty("sealKek", seal.uri());
        root.result(
                result,
                "keychain  " + keychain.id() + " in " + store + (portable ? ", portable" : "")
                        + (vendorManaged ? ", vendor-managed" : "") + (migratable ? ", migratable" : ""),
                "KEK       " + Keks.text(recipients.keks())
                        + (recipients.replicas().isEmpty() ? "" : ", replicas " + Keks.text(recipients.replicas())),
                "seal      " + seal);
    }
}
