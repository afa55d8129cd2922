package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Slots as one release wrote them, which every later one must open: one with versions in each state, one that is revoked, and a
 * DEK wrapped under each version that was ever active.
 *
 * <p>Made once, by {@link #main} with the name of a new folder under {@code src/test/resources/golden}, and never again.
 */
class GoldenSlotTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/byok-v1");
    private static final KekId VENDOR = KekId.of("keystore:golden#vendor");
    private static final String SLOT = "acme";
    private static final String REVOKED = "globex";
    private static final DekId ID = DekId.of("00112233445566778899aabbccddeeff");
    private static final EncryptionContext CONTEXT =
            EncryptionContext.ofDek("single", ID, EncryptionContext.of("tenant", "acme"));

    @TempDir
    Path folder;

    @BeforeEach
    void copy() throws IOException {
        GoldenFolder.copy(GOLDEN, folder);
    }

    /** Makes the files. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectory(Path.of(arguments[0]));
        Keystores.createKek(folder.resolve("golden.p12"), VENDOR, GoldenSlotTest::password);
        try (Golden golden = new Golden(folder)) {
            golden.roll(SLOT, 1);
            Files.writeString(folder.resolve("wrapped-1.txt"), golden.wrap(SLOT));
            golden.roll(SLOT, 2);
            Files.writeString(folder.resolve("wrapped-2.txt"), golden.wrap(SLOT));
            golden.validate(SLOT, 3);
            golden.roll(REVOKED, 1);
            golden.roll(REVOKED, 2);
            Files.writeString(folder.resolve("wrapped-revoked.txt"), golden.wrap(REVOKED));
            golden.slots.revoke(REVOKED, ByokSlots.REVOKE);
        }
        Files.deleteIfExists(folder.resolve("store/notes.lock"));
    }

    @Test
    void aSlotHasItsVersionsAndOpensWhatTheyHaveWrapped() throws IOException {
        try (Golden golden = new Golden(folder)) {
            SlotStatus status = golden.slots.status(SLOT).orElseThrow();
            assertThat(status.versions())
                    .extracting(SlotStatus.Version::state)
                    .containsExactly(SlotState.ARCHIVED, SlotState.ACTIVE, SlotState.PENDING);
            assertThat(golden.unwrap("wrapped-1.txt")).isEqualTo(key(9));
            assertThat(golden.unwrap("wrapped-2.txt")).isEqualTo(key(9));
            golden.slots.archive(SLOT, 3);
            assertThat(golden.unwrap("wrapped-2.txt")).isEqualTo(key(9));
        }
    }

    @Test
    void aRevokedSlotKnowsItsKeysAgain() {
        try (Golden golden = new Golden(folder)) {
            Assertions.assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> golden.unwrap("wrapped-revoked.txt"));
            Assertions.assertThatExceptionOfType(SlotRefusedException.class).isThrownBy(() -> golden.restore(3));
            golden.restore(2);
            assertThat(golden.unwrap("wrapped-revoked.txt")).isEqualTo(key(9));
            golden.restore(1);
            assertThat(golden.slots.status(REVOKED).orElseThrow().isRevoked()).isFalse();
        }
    }

    @Test
    void notesAreWrittenAgainAsTheyWere() throws Exception {
        FileKeychainStore store = FileKeychainStore.open(folder.resolve("store"));
        for (String slot : List.of(SLOT, REVOKED)) {
            byte[] content = store.note(Slots.noteOf(slot)).orElseThrow().content();
            byte[] body = Arrays.copyOf(content, content.length - SlotRecord.SEAL_BYTES);
            assertThat(SlotRecord.parse(body).toBytes()).isEqualTo(body);
        }
    }

    private static byte[] key(int number) {
        byte[] key = new byte[Dek.BYTES];
        Arrays.fill(key, (byte) number);
        return key;
    }

    private static char[] password() {
        return "golden, and no secret".toCharArray();
    }

    /** The product on these files. */
    private static final class Golden implements AutoCloseable {
        private final Path folder;
        private final ByokKms byok;
        private final KeyProviders providers;
        private final ByokSlots slots;

        Golden(Path folder) {
            this.folder = folder;
            this.byok = ByokKms.builder(FileKeychainStore.open(folder.resolve("store")), VENDOR)
                    .build();
            this.providers = KeyProviders.builder()
                    .register(byok)
                    .register(Keystores.builder()
                            .pkcs12("golden", folder.resolve("golden.p12"), GoldenSlotTest::password)
                            .build())
                    .build();
            this.slots = byok.slots(providers);
        }

        int validate(String slot, int number) {
            try (Dek secret = Dek.takeOwnershipOf(DekId.random(), key(number))) {
                return slots.validate(slot, secret).pending().orElseThrow().number();
            }
        }

        void roll(String slot, int number) {
            int version = validate(slot, number);
            if (version == 1) {
                slots.activate(slot, version);
            } else {
                slots.archive(slot, version);
            }
        }

        void restore(int number) {
            try (Dek secret = Dek.takeOwnershipOf(DekId.random(), key(number))) {
                slots.restore(REVOKED, secret);
            }
        }

        String wrap(String slot) {
            try (Dek dek = Dek.takeOwnershipOf(ID, key(9))) {
                return providers
                        .provider(ByokKms.kekId(slot))
                        .wrap(dek, CONTEXT, providers.foregroundDeadline())
                        .toText();
            }
        }

        byte[] unwrap(String file) {
            try {
                WrappedDek wrapped = WrappedDek.parseText(Files.readString(folder.resolve(file)));
                try (Dek dek =
                        providers.provider(wrapped.kekId()).unwrap(wrapped, CONTEXT, providers.foregroundDeadline())) {
                    return dek.withBytes(byte[]::clone);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            byok.close();
            providers.close();
        }
    }
}
