package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.aws.AwsKms;
import io.keywrap.byok.ByokKms;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The KEKs and passwords of one run of the command. Closing wipes the passwords. */
final class Session implements AutoCloseable {
    private final KeywrapCommand root;
    private final KeyStoreFiles keyStores;
    private final Passwords passwords;
    private final GcpKeks gcp;
    private final Optional<ByokKms> byok;
    private final List<KeyProvider.Factory> factories;
    private final KeyProviders providers;

    private Session(KeywrapCommand root, UnaryOperator<KeyProviders.Builder> options, Optional<ByokKms> byok) {
        Map<String, String> environment = root.host().environment();
        this.root = root;
        this.keyStores = root.keyStoreFiles();
        this.passwords = root.passwords();
        this.gcp = new GcpKeks(environment);
        WorkTime time = new WorkTime(TimeSource.system());
        this.byok = byok;
        this.factories = new ArrayList<>(List.of(
                keyStores.open(name -> time.leaveOut(() -> passwords.of(name))),
                AwsKms.factory(),
                gcp.factory(),
                new AzureKeks(environment)));
        byok.ifPresent(factories::add);
        KeyProviders.Builder builder = KeyProviders.builder().time(time);
        factories.forEach(builder::register);
        this.providers = options.apply(builder).build();
        byok.ifPresent(slots -> slots.slots(providers));
    }

    static Session open(KeywrapCommand root) {
        return open(root, options -> options);
    }

    /** The same, with more options of the providers. */
    static Session open(KeywrapCommand root, UnaryOperator<KeyProviders.Builder> options) {
        return new Session(root, options, root.slots().map(place -> place.open(root)));
    }

    /** The same, for a command that has slots of its own. */
    static Session of(KeywrapCommand root, UnaryOperator<KeyProviders.Builder> options) {
        return new Session(root, options, Optional.empty());
    }

    /** The command that it is for. */
    KeywrapCommand root() {
        return root;
    }

    KeyProviders providers() {
        return providers;
    }

    /** What makes the provider of a KEK, for those who do not want to have its answers kept. */
    KeyProvider.Factory factory(KekId kek) {
        return factories.stream()
                .filter(one -> one.scheme().equals(kek.scheme()))
                .findFirst()
                .orElseThrow(() -> new ConfigurationException("no provider is registered for the scheme of " + kek
                        + "; to do: "
                        + (kek.scheme().equals(ByokKms.SCHEME)
                                ? "give --slot-store and --slot-kek"
                                : "check the id of the KEK")));
    }

    /** What is known of a KEK that can be used. */
    KeyProvider.Status status(KekId kek) {
        return providers.provider(kek).status(providers.foregroundDeadline());
    }

    /** Keychains whose records are sealed under a KEK that is given. */
    Keychains keychains(KeychainStore store, KekId sealKek) {
        return keychains(store, KeychainSeal.wrappedBy(sealKek));
    }

    /** Opens a keychain, its seal checked as {@link SealRule} says. */
    Keychain keychain(KeychainStore store, String id, Optional<KekId> sealKek) {
        return keychain(store, id, sealKek, List.of());
    }

    /** The same, with KEKs that are known to be the vendor's. */
    Keychain keychain(KeychainStore store, String id, Optional<KekId> sealKek, List<KekId> vendorKeks) {
        return Keychains.builder(store, providers)
                .seal(new SealRule(keyStores, sealKek).sealOf(store, id))
                .vendorKeks(vendorKeks::contains)
                .build()
                .open(id);
    }

    /** Opens a store that must be there: reading from a mistyped folder must not make it. */
    static KeychainStore existingStore(Path folder) {
        requireFolders(folder);
        if (!holdsStore(folder)) {
            throw new ConfigurationException(
                    "there is no store in " + folder + "; to do: check --store, or make a keychain first");
        }
        return FileKeychainStore.open(folder);
    }

    /** Refuses a place where no store can be: trying again would not help. */
    static void requireFolders(Path folder) {
        for (Path part = folder.resolve("records").toAbsolutePath(); part != null; part = part.getParent()) {
            if (Files.exists(part, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(part)) {
                throw new ConfigurationException(
                        "there can be no store in " + folder + ": " + part + " is no folder; to do: check --store");
            }
        }
    }

    /** Whether there is a store in a folder. */
    static boolean holdsStore(Path folder) {
        return Files.isDirectory(folder.resolve("records"));
    }

    private Keychains keychains(KeychainStore store, KeychainSeal seal) {
        return Keychains.builder(store, providers).seal(seal).build();
    }

    /** Wipes the passwords. */
    @Override
    public void close() {
        byok.ifPresent(ByokKms::close);
        providers.close();
        gcp.close();
        passwords.close();
    }
}
