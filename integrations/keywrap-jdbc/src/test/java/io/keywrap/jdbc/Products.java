package io.keywrap.jdbc;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A product with real KEKs in a PKCS#12 file. */
final class Products implements AutoCloseable {
    static final KekId CUSTOMER = KekId.of("keystore:main#customer");
    static final KekId OTHER = KekId.of("keystore:main#other");
    static final KekId VENDOR = KekId.of("keystore:main#vendor");

    final KeyProviders providers;

    private Products(KeyProviders providers) {
        this.providers = providers;
    }

    /** With the KEKs of a folder, which are made if they are missing. */
    static Products in(Path folder) throws IOException {
        Path file = folder.resolve("main.p12");
        if (!Files.exists(file)) {
            for (KekId kek : new KekId[] {CUSTOMER, OTHER, VENDOR}) {
                Keystores.createKek(file, kek, "password"::toCharArray);
            }
        }
        return new Products(KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("main", file, "password"::toCharArray)
                        .build())
                .build());
    }

    /** As a process that remembers nothing. */
    Keychains keychains(KeychainStore store) {
        return Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(VENDOR))
                .build();
    }

    @Override
    public void close() {
        providers.close();
    }
}
