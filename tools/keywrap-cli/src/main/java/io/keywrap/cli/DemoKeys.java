package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;

/** The keys of a demonstration: a vendor's and a customer's KEK, and keychains under them. */
final class DemoKeys implements AutoCloseable {
    static final KekId VENDOR = KekId.of("keystore:vendor#seal");
    static final KekId CUSTOMER = KekId.of("keystore:customer#backup");

    private final Path customerFile;
    private final char[] password;
    private final KeyProviders providers;
    private final Keychains keychains;

    private DemoKeys(Path folder, char[] password) throws IOException {
        this.password = password;
        this.customerFile = folder.resolve("customer.p12");
        Path vendorFile = folder.resolve("vendor.p12");
        Supplier<char[]> copies = password::clone;
        Keystores.createKek(vendorFile, VENDOR, copies);
        Keystores.createKek(customerFile, CUSTOMER, copies);
        this.providers = KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("vendor", vendorFile, copies)
                        .pkcs12("customer", customerFile, copies)
                        .build())
                .cacheDeadline(Duration.ZERO) // So that what happens to the KEK shows at once.
                .build();
        this.keychains = Keychains.builder(FileKeychainStore.open(folder.resolve("keychains")), providers)
                .seal(KeychainSeal.wrappedBy(VENDOR))
                .build();
    }

    static DemoKeys create(Path folder) throws IOException {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return new DemoKeys(folder, HexFormat.of().formatHex(random).toCharArray());
    }

    Keychain keychain(String id) {
        return keychains.create(id, spec -> spec.control(CUSTOMER).keyContext("tenant", id));
    }

    /** What a customer does to end it: the key is taken out of the key store. */
    void withdrawCustomerKek() throws IOException {
        Path without = customerFile.resolveSibling("without.p12");
        Keystores.createKek(without, KekId.of("keystore:customer#another"), password::clone);
        Files.move(without, customerFile, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Wipes the password. */
    @Override
    public void close() {
        providers.close();
        Arrays.fill(password, '\0');
    }
}
