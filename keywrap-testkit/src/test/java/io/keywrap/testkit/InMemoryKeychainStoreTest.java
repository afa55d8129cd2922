package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainRecord;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store in memory keeps keychains as a real one does, under a real key store's KEK. */
class InMemoryKeychainStoreTest {
    private static final KekId KEK = KekId.of("keystore:main#kek");
    private static final Instant CREATED = Instant.parse("2026-11-25T08:00:00Z");

    @TempDir
    Path folder;

    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private KeyProviders providers;
    private Keychains keychains;

    @BeforeEach
    void setUp() throws IOException {
        Path file = folder.resolve("main.p12");
        Keystores.createKek(file, KEK, "password"::toCharArray);
        providers = KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("main", file, "password"::toCharArray)
                        .build())
                .time(ManualTime.startingAt(CREATED))
                .build();
        keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(KEK))
                .build();
    }

    @AfterEach
    void close() {
        providers.close();
    }

    @Test
    void keepsKeychainsThatEncryptAndDecrypt() {
        Keychain keychain = create("tenant-42");
        EncryptionContext context = EncryptionContext.of("object", "a");
        byte[] envelope = EnvelopeCipher.using(keychain).encrypt(new byte[] {1, 2, 3}, context);
        keychain.rotate();
        assertThat(EnvelopeCipher.using(keychains.open("tenant-42")).decrypt(envelope, context))
                .containsExactly(1, 2, 3);
        assertThat(store.load("tenant-42").orElseThrow().createdAt()).isEqualTo(CREATED);
    }

    @Test
    void lettingManyThreadsRotateLosesNoUpdate() throws Exception {
        create("tenant-42");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Object>> rotations = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Keychain own = keychains.open("tenant-42");
                rotations.add(() -> {
                    own.rotate();
                    return own;
                });
            }
            for (Future<Object> rotation : threads.invokeAll(rotations)) {
                rotation.get();
            }
        } finally {
            threads.shutdownNow();
        }
        KeychainRecord record = store.load("tenant-42").orElseThrow();
        assertThat(record.revision()).isEqualTo(5);
        assertThat(record.deks()).hasSize(5);
    }

    private Keychain create(String id) {
        return keychains.create(id, spec -> spec.control(KEK));
    }
}
