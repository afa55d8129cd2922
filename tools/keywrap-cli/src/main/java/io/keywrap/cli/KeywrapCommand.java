package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of all commands, and the options that each of them takes. */
@Command(
        name = "keywrap",
        description = {
            "Encrypts files under keys that your customers hold.",
            "",
            "A KEK (the customer's root key) wraps DEKs (data keys); a keychain keeps the wrapped DEKs of one tenant;"
                    + " an envelope is one encrypted object. Begin with 'keywrap demo'.",
            "",
            "KEK URIs: keystore:NAME#ALIAS; aws-kms://ARN with endpoint and credentials from the settings of the AWS SDK;"
                    + " gcp-kms://projects/... with the application default credentials of Google Cloud, or without any"
                    + " at the emulator that KEYWRAP_GCP_KMS_ENDPOINT names (HOST:PORT of this machine);"
                    + " azure-kms://https://VAULT.vault.azure.net/keys/NAME with the credentials that azure-identity finds;"
                    + " byok://SLOT with --slot-store and --slot-kek.",
            "",
            "Stores: a folder; jdbc:postgresql://HOST[:PORT]/DATABASE with --store-user and --store-password-file, over TLS"
                    + " with sslmode=verify-full unless the host is this machine or the URL says otherwise;"
                    + " jdbc:sqlite:FILE."
        },
        exitCodeListHeading = "%nExit codes:%n",
        footer = {
            "",
            "Example:",
            "  keywrap keystore create main.p12 --alias tenant-42",
            "  keywrap keychain create --keystore main=main.p12 --store keychains --id tenant-42 \\",
            "      --kek keystore:main#tenant-42",
            "  keywrap encrypt --keystore main=main.p12 --store keychains --keychain tenant-42 \\",
            "      --context object=accounts accounts.csv accounts.csv.kwrp"
        })
final class KeywrapCommand implements Runnable {
    private final Host host;
    private Optional<String> done = Optional.empty();

    @Option(
            names = "--keystore",
            scope = ScopeType.INHERIT,
            paramLabel = "NAME=FILE",
            description = "The PKCS#12 file behind the key store NAME of KEK URIs keystore:NAME#ALIAS. Repeatable."
                    + " Default: those of KEYWRAP_KEYSTORES (NAME=FILE[;NAME=FILE]...); an option wins over them.")
    private List<String> keyStores = List.of();

    @Option(
            names = "--password-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "The first line of FILE is the password of the key stores. Default: the variable"
                    + " KEYWRAP_KEYSTORE_PASSWORD, else a prompt on the terminal.")
    private Optional<Path> passwordFile = Optional.empty();

    @Option(
            names = "--store-user",
            scope = ScopeType.INHERIT,
            paramLabel = "NAME",
            description = "The user of a store in PostgreSQL. Default: that of its URL, else the system's.")
    private Optional<String> storeUser = Optional.empty();

    @Option(
            names = "--store-password-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "The first line of FILE is the password of a store in PostgreSQL. Default: the variable"
                    + " KEYWRAP_STORE_PASSWORD, else none.")
    private Optional<Path> storePasswordFile = Optional.empty();

    @Option(
            names = "--slot-store",
            scope = ScopeType.INHERIT,
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description =
                    "The store of the slots behind KEK URIs byok://SLOT, with --slot-kek. Default: none; such a KEK cannot"
                            + " be used.")
    private Optional<StorePlace> slotStore = Optional.empty();

    @Option(
            names = "--slot-kek",
            scope = ScopeType.INHERIT,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description =
                    "The vendor's own KEK, which wraps what is uploaded to slots. Repeatable: those that follow the first are"
                            + " accepted too. Default: none.")
    private List<KekId> slotKeks = List.of();

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Print the result as JSON on standard output, an error as JSON on standard error."
                    + " Default: text for people.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show stack traces and debug messages. Default: one line for each problem.")
    private boolean verbose;

    KeywrapCommand(Host host) {
        this.host = host;
    }

    Host host() {
        return host;
    }

    boolean json() {
        return json;
    }

    boolean verbose() {
        return verbose;
    }

    KeyStoreFiles keyStoreFiles() {
        return KeyStoreFiles.of(keyStores, host.environment());
    }

    /** Refuses a malformed {@code --keystore}, also for commands that need no key. */
    void checkKeyStoreOptions() {
        KeyStoreFiles.of(keyStores, Map.of());
    }

    Optional<Path> passwordFile() {
        return passwordFile;
    }

    Optional<String> storeUser() {
        return storeUser;
    }

    Optional<Path> storePasswordFile() {
        return storePasswordFile;
    }

    /** Where slots of uploaded keys are; empty if no command line says so. */
    Optional<SlotPlace> slots() {
        if (slotStore.isPresent() == slotKeks.isEmpty()) {
            throw new UsageException("--slot-store and --slot-kek go together");
        }
        return slotStore.map(place -> new SlotPlace(place, slotKeks));
    }

    /** The same for a command that has options of its own for it. */
    void refuseSlots() {
        if (slotStore.isPresent() || !slotKeks.isEmpty()) {
            throw new UsageException(
                    "--slot-store and --slot-kek are for other commands: here --store and --vendor-kek say it");
        }
    }

    Passwords passwords() {
        return new Passwords(host, passwordFile);
    }

    /** Says what has been done for good: it stays so where the result cannot be printed. */
    void done(String text) {
        done = Optional.of(text);
    }

    /** What has been done for good. */
    Optional<String> done() {
        return done;
    }

    /** Prints the result of a command that has standard output to itself. */
    void result(JsonObject result, String... lines) {
        host.print(
                json ? Json.print(result) : Stream.of(lines).map(Host::visible).collect(Collectors.joining("\n")));
    }

    /** Says on standard error what somebody has to look at; in JSON it is part of the result. */
    void warn(String text) {
        if (!json) {
            host.err().println("keywrap: " + Host.visible(text));
        }
    }

    @Override
    public void run() {
        throw new UsageException("a command is missing");
    }
}
