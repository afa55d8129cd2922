package io.keywrap.jdbc;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainStore;
import io.keywrap.testkit.InMemoryKms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A product with real KEKs in a PKCS#12 file. */
final class Products implements AutoCloseable {
    static final KekId CUSTOMER = KekId.of("keystore:main#customer");
    static final KekId OTHER = KekId.of("keystore:main#other");
    static final KekId VENDOR = KekId.of("keystore:main#vendor");

    /** The customer's too, elsewhere. */
    static final KekId REPLICA = KekId.of("keystore:spare#replica");

    static final KekId FAST_CUSTOMER = KekId.of("memory:customer");
    static final KekId FAST_OTHER = KekId.of("memory:other");
    static final KekId FAST_VENDOR = KekId.of("memory:vendor");

    final KeyProviders providers;
    private final KekId seal;

    private Products(KeyProviders providers, KekId seal) {
        this.providers = providers;
        this.seal = seal;
    }

    /** With the KEKs of a folder, which are made if they are missing. */
    static Products in(Path folder) throws IOException {
        return new Products(KeyProviders.builder().register(keks(folder)).build(), VENDOR);
    }

    /** The same, where one of them is out of reach. */
    static Products without(KekId lost, Path folder) throws IOException {
        return new Products(
                KeyProviders.builder().register(new CutOff(keks(folder), lost)).build(), VENDOR);
    }

    private static Keystores keks(Path folder) throws IOException {
        Path file = folder.resolve("main.p12");
        Path spare = folder.resolve("spare.p12");
        if (!Files.exists(spare)) {
            for (KekId kek : new KekId[] {CUSTOMER, OTHER, VENDOR}) {
                Keystores.createKek(file, kek, "password"::toCharArray);
            }
            Keystores.createKek(spare, REPLICA, "password"::toCharArray);
        }
        return Keystores.builder()
                .pkcs12("main", file, "password"::toCharArray)
                .pkcs12("spare", spare, "password"::toCharArray)
                .build();
    }

    /** With those of a KMS that is some way off; nothing that they have unwrapped is kept. */
    static Products distant(Duration latency) {
        return distant(new DistantKms(latency));
    }

    /** The same without a delay, where one of them is out of reach. */
    static Products distantWithout(KekId lost) {
        return distant(new CutOff(new DistantKms(Duration.ZERO), lost));
    }

    private static Products distant(KeyProvider.Factory kms) {
        return new Products(
                KeyProviders.builder()
                        .register(kms)
                        .cacheDeadline(Duration.ZERO)
                        .build(),
                DistantKms.VENDOR);
    }

    /** With KEKs in memory, whose use costs next to nothing: of them it is not what is measured. */
    static Products inMemory() {
        InMemoryKms kms = new InMemoryKms();
        for (KekId kek : new KekId[] {FAST_CUSTOMER, FAST_OTHER, FAST_VENDOR}) {
            kms.kek(kek.uri().substring(kek.uri().indexOf(':') + 1));
        }
        return new Products(KeyProviders.builder().register(kms).build(), FAST_VENDOR);
    }

    KeychainSeal seal() {
        return KeychainSeal.wrappedBy(seal);
    }

    /** As a process that remembers nothing. */
    Keychains keychains(KeychainStore store) {
        return Keychains.builder(store, providers).seal(seal()).build();
    }

    @Override
    public void close() {
        providers.close();
    }
}
