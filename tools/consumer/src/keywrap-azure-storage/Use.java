package com.example.consumer;

import com.azure.core.cryptography.KeyEncryptionKey;
import io.keywrap.KekId;
import io.keywrap.azure.storage.StorageKeks;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/** A content key wrapped and unwrapped by Azure's interface, under a KEK in a PKCS#12 file. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Files.createTempDirectory("keywrap-consumer").resolve("main.p12");
        KekId kek = KekId.of("keystore:main#customer");
        Keystores.createKek(file, kek, "correct horse"::toCharArray);
        try (KeyProviders providers = KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("main", file, "correct horse"::toCharArray)
                        .build())
                .build()) {
            KeyEncryptionKey key = StorageKeks.of(providers, "tenant-42", Set.of(kek)).key(kek);
            byte[] contentKey = Arrays.copyOf("2.1".getBytes(StandardCharsets.US_ASCII), 40);
            byte[] wrapped = key.wrapKey(StorageKeks.ALGORITHM, contentKey);
            if (!Arrays.equals(contentKey, key.unwrapKey(StorageKeks.ALGORITHM, wrapped))) {
                throw new AssertionError("not what was wrapped");
            }
            System.out.print(", a content key wrapped and unwrapped");
        }
    }
}
