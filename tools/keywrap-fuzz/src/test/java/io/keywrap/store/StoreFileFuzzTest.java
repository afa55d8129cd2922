package io.keywrap.store;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import io.keywrap.fuzz.Scratch;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import io.keywrap.store.StoreNotes.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whatever lies in the files of a store: what is no record is reported, what is no note can be written over. */
class StoreFileFuzzTest {
    private static final String KEYCHAIN = "plain";
    private static final String NOTE = "some-note";

    @FuzzTest(maxDuration = "60m")
    void recordFile(byte[] input) throws Exception {
        Files.write(Place.RECORD, input);
        FileKeychainStore store = Place.STORE;
        Cost.of(input, () -> {
            boolean read = isRead(() -> Same.value(store.load(KEYCHAIN).isPresent(), true));
            boolean listed = isRead(() -> Same.value(
                    store.list(KeychainFilter.all(), Optional.empty(), 10).size(), 1));
            Same.value(store.unreadable().isEmpty(), listed);
            Same.value(listed && !read, false);
        });
    }

    private static boolean isRead(Runnable reading) {
        try {
            reading.run();
            return true;
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException refused) {
            return false;
        }
    }

    @FuzzTest(maxDuration = "60m")
    void noteFile(byte[] input) throws Exception {
        Files.write(Place.NOTE_FILE, input);
        FileKeychainStore store = Place.STORE;
        Cost.of(input, () -> {
            Note there = store.note(NOTE).orElseThrow();
            byte[] content = {1, 2, 3};
            Same.value(store.putNote(NOTE, there.revision(), content), true);
            Note written = store.note(NOTE).orElseThrow();
            long next = there.revision() + 1;
            Same.value(written.revision(), next == Long.MAX_VALUE - 1 ? 1 : next);
            Same.bytes(written.content(), content);
        });
    }

    /** One store for all inputs. */
    private static final class Place {
        static final Path FOLDER = Scratch.folder();
        static final FileKeychainStore STORE = FileKeychainStore.open(FOLDER);
        static final Path RECORD = recordOf(KEYCHAIN);
        static final Path NOTE_FILE = noteOf(NOTE);

        /** Where the store looks for the keychain. */
        private static Path recordOf(String keychainId) {
            KekId kek = KekId.of("keystore:main#customer");
            DekId dek = DekId.random();
            WrappedDek wrapped = WrappedDek.builder(dek, kek).build("AES-256-GCM", new byte[60]);
            Instant made = Instant.parse("2026-11-01T00:00:00Z");
            List<Wrap> wraps = List.of(new Wrap(Role.CONTROL, wrapped));
            STORE.create(KeychainRecord.builder(keychainId, made)
                    .recipients(List.of(new Recipient(Role.CONTROL, kek)))
                    .deks(List.of(new DekEntry(dek, Usage.ENVELOPES, State.PRIMARY, made, "5a".repeat(32), wraps)))
                    .sealKey(wrapped)
                    .build(body -> new byte[KeychainRecord.SEAL_BYTES]));
            return only(FOLDER.resolve("records"));
        }

        private static Path noteOf(String name) {
            STORE.putNote(name, 0, new byte[0]);
            return only(FOLDER.resolve("notes"));
        }

        private static Path only(Path folder) {
            try (Stream<Path> all = Files.walk(folder)) {
                return all.filter(Files::isRegularFile).findFirst().orElseThrow();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
