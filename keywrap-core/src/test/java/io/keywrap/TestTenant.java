package io.keywrap;

import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A vendor and a customer with real KEKs in a real PKCS#12 file, and a real store, in a folder of the test's.
 *
 * <p>The file's password hashing is set to one round, since every call opens the key anew.
 */
public final class TestTenant {
    public static final KekId VENDOR = KekId.of("keystore:main#vendor");
    public static final KekId CUSTOMER = KekId.of("keystore:main#customer");
    public static final KekId OTHER_CUSTOMER = KekId.of("keystore:main#other-customer");

    static {
        System.setProperty("keystore.pkcs12.keyPbeIterationCount", "1");
        System.setProperty("keystore.pkcs12.macIterationCount", "1");
        System.setProperty("keystore.pkcs12.certPbeIterationCount", "1");
    }

    private final Path folder;
    private final RevocableKeks keks;
    private final KeyProviders providers;
    private final FileKeychainStore store;
    private final Keychains keychains;

    private TestTenant(Path folder, UnaryOperator<KeyProviders.Builder> options) {
        this.folder = folder;
        this.keks = new RevocableKeks(Keystores.builder()
                .pkcs12("main", keyStore(), TestTenant::password)
                .build());
        this.providers = options.apply(KeyProviders.builder().register(keks)).build();
        this.store = FileKeychainStore.open(storeFolder());
        this.keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(VENDOR))
                .build();
    }

    /** Makes the KEKs unless they are there. */
    public static TestTenant in(Path folder) {
        return in(folder, options -> options);
    }

    /** The same, of a product that asks for every lease anew. */
    public static TestTenant withoutCache(Path folder) {
        return in(folder, options -> options.cacheDeadline(Duration.ZERO));
    }

    /** The same, of a product with options of its own. */
    public static TestTenant in(Path folder, UnaryOperator<KeyProviders.Builder> options) {
        TestTenant tenant = new TestTenant(folder, options);
        if (!Files.exists(tenant.keyStore())) {
            tenant.addKek(VENDOR);
            tenant.addKek(CUSTOMER);
            tenant.addKek(OTHER_CUSTOMER);
        }
        return tenant;
    }

    public static char[] password() {
        return "correct horse".toCharArray();
    }

    public void addKek(KekId kekId) {
        try {
            Keystores.createKek(keyStore(), kekId, TestTenant::password);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Keychain keychain(String id) {
        return keychain(id, spec -> spec.keyContext("tenant", "acme"));
    }

    public Keychain keychain(String id, Consumer<Keychains.Spec> more) {
        return keychains.create(id, spec -> more.accept(spec.control(CUSTOMER)));
    }

    /** The KEKs, which can be disabled. */
    public RevocableKeks keks() {
        return keks;
    }

    public Path keyStore() {
        return folder.resolve("kek.p12");
    }

    public Path storeFolder() {
        return folder.resolve("store");
    }

    public KeyProviders providers() {
        return providers;
    }

    public FileKeychainStore store() {
        return store;
    }

    public Keychains keychains() {
        return keychains;
    }
}
