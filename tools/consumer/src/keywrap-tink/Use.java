package com.example.consumer;

import com.google.crypto.tink.Aead;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.tink.KeywrapKmsClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Something encrypted and decrypted by Tink's interface, under a KEK in a PKCS#12 file. */
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
                        .build();
                KeywrapKmsClient client = KeywrapKmsClient.of(providers)) {
            Aead aead = client.getAead(kek.uri());
            byte[] data = new byte[1_000];
            if (!Arrays.equals(data, aead.decrypt(aead.encrypt(data, null), null))) {
                throw new AssertionError("not what was encrypted");
            }
            System.out.print(", encrypted and decrypted by Tink's Aead");
        }
    }
}
