package com.example.consumer;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** An envelope under a KEK in a PKCS#12 file, made and opened. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("keywrap-consumer");
        KekId kek = KekId.of("keystore:main#customer");
        KekId vendor = KekId.of("keystore:main#vendor");
        Keystores.createKek(folder.resolve("main.p12"), kek, "correct horse"::toCharArray);
        Keystores.createKek(folder.resolve("main.p12"), vendor, "correct horse"::toCharArray);
        try (KeyProviders providers = KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("main", folder.resolve("main.p12"), "correct horse"::toCharArray)
                        .build())
                .build()) {
            Keychain keychain = Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                    .seal(KeychainSeal.wrappedBy(vendor))
                    .build()
                    .create("tenant-42", spec -> spec.control(kek));
            EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
            EncryptionContext context = EncryptionContext.of("object", "a");
            byte[] data = new byte[100_000];
            if (!Arrays.equals(data, cipher.decrypt(cipher.encrypt(data, context), context))) {
                throw new AssertionError("not what was encrypted");
            }
            System.out.print(", an envelope made and opened");
        }
    }
}
