package io.keywrap.fuzz;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;

/** A vendor with two KEKs and a store, all in memory. */
public final class Vendor {
    /** The KEK of the seals. */
    public final KekId vendorKek;

    /** A customer's. */
    public final KekId customerKek;

    /** Both. */
    public final KeyProviders providers;

    /** Where keychains are made. */
    public final Keychains keychains;

    /** Makes all of it. */
    public Vendor() {
        InMemoryKms kms = new InMemoryKms();
        vendorKek = kms.kek("vendor").id();
        customerKek = kms.kek("customer").id();
        providers = KeyProviders.builder().register(kms.factory()).build();
        keychains = Keychains.builder(new InMemoryKeychainStore(), providers)
                .seal(KeychainSeal.wrappedBy(vendorKek))
                .build();
    }
}
