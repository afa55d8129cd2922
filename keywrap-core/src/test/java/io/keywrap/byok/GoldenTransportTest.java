package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transport keys as one release saved them, a previous, a current and a next one, which every later release must open with the
 * uploads that were made under each.
 *
 * <p>Made once, by {@link #main} with the name of a new folder under {@code src/test/resources/golden}, and never again.
 */
class GoldenTransportTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/transport-v1");
    private static final KekId VENDOR = KekId.of("keystore:golden#vendor");
    private static final List<String> PAIRS = List.of("one", "two", "three");

    @TempDir
    Path folder;

    /** Makes the files. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectory(Path.of(arguments[0]));
        Keystores.createKek(folder.resolve("golden.p12"), VENDOR, GoldenTransportTest::password);
        try (KeyProviders providers = providers(folder)) {
            Iterator<String> pairs = PAIRS.iterator();
            TransportKeys keys = TransportKeys.builder(EnvelopeCipher.using(
                            keychains(folder, providers).create("transport", spec -> spec.control(VENDOR))))
                    .region("eu-west-1")
                    .time(new ManualTime())
                    .keyPairs(() -> TransportFixture.pair(pairs.next()))
                    .create()
                    .renew()
                    .activate()
                    .renew();
            keys.save(folder.resolve("transport.kwrp"));
            Files.write(folder.resolve("fingerprints.txt"), fingerprints(keys));
        }
        for (String pair : PAIRS) {
            Files.write(folder.resolve(pair + ".bin"), TransportFixture.encrypted(pair, secret()));
        }
        Files.deleteIfExists(folder.resolve(".transport.kwrp.lock"));
        Files.deleteIfExists(folder.resolve("store/store.lock"));
    }

    @Test
    void theyOpenWhatWasUploadedUnderEach() throws IOException {
        GoldenFolder.copy(GOLDEN, folder);
        byte[] sealed = Files.readAllBytes(folder.resolve("transport.kwrp"));
        try (KeyProviders providers = providers(folder)) {
            TransportKeys keys = TransportKeys.builder(
                            EnvelopeCipher.using(keychains(folder, providers).open("transport")))
                    .region("eu-west-1")
                    .open(folder.resolve("transport.kwrp"));
            assertThat(keys.toBytes()).isEqualTo(sealed);
            assertThat(fingerprints(keys))
                    .containsExactlyElementsOf(Files.readAllLines(folder.resolve("fingerprints.txt")));
            for (String pair : PAIRS) {
                Upload upload = Upload.ofSecret(
                        Files.readAllBytes(folder.resolve(pair + ".bin")), TransportFixture.digestOf(secret()));
                assertThat(TransportFixture.opened(upload, keys)).as(pair).isEqualTo(secret());
            }
            TransportKeys changed = keys.without(keys.previous().orElseThrow()).activate();
            changed.save(folder.resolve("transport.kwrp"));
            assertThat(changed.current()).isEqualTo(keys.next().orElseThrow());
        }
    }

    private static List<String> fingerprints(TransportKeys keys) {
        return List.of(
                keys.previous().orElseThrow().fingerprint(),
                keys.current().fingerprint(),
                keys.next().orElseThrow().fingerprint());
    }

    private static byte[] secret() {
        byte[] secret = new byte[Dek.BYTES];
        Arrays.fill(secret, (byte) 7);
        return secret;
    }

    private static char[] password() {
        return "golden, and no secret".toCharArray();
    }

    private static KeyProviders providers(Path folder) {
        return KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("golden", folder.resolve("golden.p12"), GoldenTransportTest::password)
                        .build())
                .build();
    }

    private static Keychains keychains(Path folder, KeyProviders providers) {
        return Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                .seal(KeychainSeal.wrappedBy(VENDOR))
                .build();
    }
}
