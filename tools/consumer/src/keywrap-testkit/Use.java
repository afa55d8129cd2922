package com.example.consumer;

import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKek;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;
import java.time.Duration;

/** A KEK in memory is disabled, without JUnit on the path. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) {
        InMemoryKms kms = new InMemoryKms();
        InMemoryKek customer = kms.kek("customer");
        try (KeyProviders providers =
                KeyProviders.builder().register(kms).cacheDeadline(Duration.ZERO).build()) {
            Keychain keychain = Keychains.builder(new InMemoryKeychainStore(), providers)
                    .seal(KeychainSeal.wrappedBy(kms.kek("vendor").id()))
                    .build()
                    .create("tenant-42", spec -> spec.control(customer.id()));
            keychain.primary().close();
            customer.disable();
            keychain.primary().close();
            throw new AssertionError("a disabled KEK is not refused");
        } catch (KekRevokedException e) {
            System.out.print(", refused as " + e.reason());
        }
    }
}
