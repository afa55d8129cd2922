package io.keywrap;

import io.keywrap.crypto.Jca;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.StoreRecovery;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeyManagement;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Files as one release wrote them, which every later one must open: a key store, a store with keychains of each kind, their
 * envelopes, an export of it, and a wrapped DEK as text.
 *
 * <p>A set is made once, by {@link #main} with the name of a new folder under {@code src/test/resources/golden}, and
 * never again: a change that cannot read an old set is a broken promise, not a reason for a new set.
 */
final class GoldenFiles {
    static final KekId VENDOR = KekId.of("keystore:golden#vendor");
    static final KekId CUSTOMER = KekId.of("keystore:golden#customer");
    static final KekId SECOND = KekId.of("keystore:golden#second");
    static final Instant RETAINED_UNTIL = Instant.parse("2126-11-28T00:00:00Z");
    static final EncryptionContext OBJECT =
            EncryptionContext.of("object", "grüße/a.csv").with("day", "2026-11-25");
    static final DekId SINGLE_DEK = DekId.of("00112233445566778899aabbccddeeff");
    static final EncryptionContext SINGLE_CONTEXT =
            EncryptionContext.ofDek("single", SINGLE_DEK, EncryptionContext.of("tenant", "acme"));

    private GoldenFiles() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectory(Path.of(arguments[0]));
        for (KekId kek : new KekId[] {VENDOR, CUSTOMER, SECOND}) {
            Keystores.createKek(folder.resolve("golden.p12"), kek, GoldenFiles::password);
        }
        try (KeyProviders providers = providers(folder)) {
            write(folder, providers);
        }
        Files.delete(folder.resolve("store/store.lock"));
    }

    private static void write(Path folder, KeyProviders providers) throws IOException {
        Keychains keychains = keychains(folder, providers);
        Keychain plain = keychains.create("plain", spec -> spec.control(CUSTOMER));
        EnvelopeCipher cipher = EnvelopeCipher.using(plain);
        envelope(folder, cipher, "empty", 0);
        envelope(folder, cipher, "small", 100);
        plain.rotate();
        envelope(folder, cipher, "two-segments", 65_504 + 7);
        envelope(folder, cipher.withSegmentLength(262_144), "segment-256k", 70_000);
        envelope(folder, cipher.withSegmentLength(1_048_576), "segment-1m", 70_000);
        try (DekLease outside = plain.primary()) {
            outside(folder, outside);
        }

        Keychain portable = keychains.create(
                "portable Ключ",
                spec -> spec.control(CUSTOMER)
                        .control(SECOND)
                        .keyContext("tenant", "acme")
                        .portable());
        envelope(folder, EnvelopeCipher.using(portable), "portable", 100);

        Keychain migrated = keychains.create(
                "migrated",
                spec -> spec.control(VENDOR).keyManagement(KeyManagement.VENDOR).migratable());
        try (Dek existing = Dek.takeOwnershipOf(DekId.random(), random(32))) {
            Files.writeString(
                    folder.resolve("adopted-dek.txt"), migrated.adopt(existing).hex());
        }
        migrated.changeKeyManagement(KeyManagement.CUSTOMER, List.of(CUSTOMER));
        recipients(keychains);
        recovery(folder, providers).exportTo(folder.resolve("export.kwsx"));

        KeyProvider customer = providers.provider(CUSTOMER);
        try (Dek dek = Dek.takeOwnershipOf(SINGLE_DEK, random(32))) {
            WrappedDek wrapped = customer.wrap(dek, SINGLE_CONTEXT, providers.foregroundDeadline());
            Files.writeString(folder.resolve("wrapped-dek.txt"), wrapped.toText());
        }
    }

    /** Every role, a write quorum, a DEK that was destroyed. */
    private static void recipients(Keychains keychains) {
        Keychain keychain = keychains.create(
                "recipients", spec -> spec.control(CUSTOMER).replica(SECOND).writeQuorum(1));
        DekId first = keychain.record().deks().get(0).id();
        keychain.rotate();
        keychain.destroyDek(first, Optional.empty());
        keychain.changeRecipients(to -> to.control(SECOND)
                .replica(VENDOR)
                .retained(CUSTOMER, RETAINED_UNTIL)
                .writeQuorum(1));
    }

    private static void envelope(Path folder, EnvelopeCipher cipher, String name, int size) throws IOException {
        Files.write(folder.resolve(name + ".kwrp"), cipher.encrypt(random(size), OBJECT));
    }

    /** The id of a DEK for outside use, and the digest by which its key is known again. */
    private static void outside(Path folder, DekLease lease) throws IOException {
        String line = lease.dekId() + " " + lease.withBytes(GoldenFiles::digest);
        Files.writeString(folder.resolve("outside-dek.txt"), line);
    }

    static String digest(byte[] key) {
        return HexFormat.of().formatHex(Jca.platform().sha256(key));
    }

    static KeyProviders providers(Path folder) {
        return KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("golden", folder.resolve("golden.p12"), GoldenFiles::password)
                        .build())
                .build();
    }

    static Keychains keychains(Path folder, KeyProviders providers) {
        return Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                .seal(KeychainSeal.wrappedBy(VENDOR))
                .build();
    }

    static StoreRecovery recovery(Path folder, KeyProviders providers) {
        return StoreRecovery.of(
                FileKeychainStore.open(folder.resolve("store")), providers, KeychainSeal.wrappedBy(VENDOR));
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static char[] password() {
        return "golden, and no secret".toCharArray();
    }
}
