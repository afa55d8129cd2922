package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.crypto.Jca;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is so because the keychains are files; the rest is in the contract of stores, in the testkit. */
class FileKeychainStoreTest {
    @TempDir
    Path folder;

    private Path root;
    private FileKeychainStore store;

    @BeforeEach
    void open() {
        root = folder.resolve("store");
        store = FileKeychainStore.open(root);
    }

    @Nested
    class Writing {
        @Test
        void leavesNoTemporaryFileBehind() throws IOException {
            KeychainRecord first = Records.first("tenant-42");
            store.create(first);
            store.replace(Records.next(first), 1);
            try (Stream<Path> all = Files.walk(root)) {
                assertThat(all.filter(Files::isRegularFile)
                                .map(file -> file.getFileName().toString()))
                        .hasSize(2)
                        .allMatch(name -> name.equals("store.lock") || name.endsWith(".keychain"));
            }
        }
    }

    @Nested
    class Notes {
        /** Damaged, that is, as revisions below 1 are: no revision could follow them, so the note could never be mended. */
        @ParameterizedTest
        @ValueSource(longs = {Long.MIN_VALUE, 0, Long.MAX_VALUE - 1, Long.MAX_VALUE})
        void ofRevisionsThatNothingFollowsCanBeWrittenOver(long revision) throws IOException {
            store.putNote("some-note", 0, new byte[] {1});
            byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(revision).array();
            Files.write(root.resolve("notes/some-note.note"), bytes);
            long found = store.note("some-note").orElseThrow().revision();
            assertThat(store.putNote("some-note", found, new byte[] {2})).isTrue();
            assertThat(store.note("some-note").orElseThrow().revision()).isEqualTo(found + 1);
            assertThat(store.note("some-note").orElseThrow().content()).containsExactly(2);
        }

        /** The one after it would read as damaged, and what was written would be lost. */
        @Test
        void ofTheLastRevisionThatIsReadBeginsAgain() throws IOException {
            store.putNote("some-note", 0, new byte[] {1});
            long last = Long.MAX_VALUE - 2;
            byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(last).array();
            Files.write(root.resolve("notes/some-note.note"), bytes);
            assertThat(store.putNote("some-note", last, new byte[] {2})).isTrue();
            assertThat(store.note("some-note").orElseThrow().revision()).isEqualTo(1);
            assertThat(store.note("some-note").orElseThrow().content()).containsExactly(2);
        }
    }

    @Nested
    class NamesOfNotes {
        @Test
        void leaveOutWhatAKilledProcessHasLeftAndWhatIsNoNote() throws IOException {
            store.putNote("some-note", 0, new byte[] {1});
            for (String other :
                    new String[] {".some-note.note.1b2c.tmp", "some-note", "Other.note", ".note", "a.b.note"}) {
                Files.createFile(root.resolve("notes").resolve(other));
            }
            assertThat(store.noteNames("", Optional.empty(), 10)).containsExactly("some-note");
        }
    }

    @Nested
    class LeftoversOfAKilledProcess {
        @Test
        void areRemovedByTheNextWriterOfTheirFolderAndNothingElseIs() throws IOException {
            store.create(Records.first("tenant-42"));
            Path records;
            try (Stream<Path> all = Files.walk(root)) {
                records = all.filter(file -> file.toString().endsWith(".keychain"))
                        .findFirst()
                        .orElseThrow()
                        .getParent();
            }
            Path leftover = Files.createFile(records.resolve(".0f.keychain.1b2c.tmp"));
            Path hidden = Files.createFile(records.resolve(".hidden"));
            Path visible = Files.createFile(records.resolve("visible.tmp"));
            FileKeychainStore next = FileKeychainStore.open(root);
            assertThat(next.list(KeychainFilter.all(), Optional.empty(), 10)).containsExactly("tenant-42");
            assertThat(leftover).exists();

            next.replace(Records.next(Records.first("tenant-42")), 1);

            assertThat(leftover).doesNotExist();
            assertThat(hidden).exists();
            assertThat(visible).exists();
        }
    }

    @Nested
    class Ids {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "../../etc/passwd",
                    "/",
                    ".",
                    "..",
                    "a/b",
                    "a\\b",
                    "con",
                    "a b",
                    "*",
                    "ключ",
                    "🔑",
                    "'\"$(x)`"
                })
        void mayHoldAnyCharacterAndStayInsideTheStore(String id) throws IOException {
            store.create(Records.first(id));
            assertThat(load(id).keychainId()).isEqualTo(id);
            assertThat(store.list(KeychainFilter.all(), Optional.empty(), 10)).containsExactly(id);
            try (Stream<Path> entries = Files.list(folder)) {
                assertThat(entries).containsExactly(root);
            }
        }

        @Test
        void ofTheGreatestLengthHaveFileNamesThatFit() {
            String longest = "é".repeat(128);
            store.create(Records.first(longest));
            assertThat(load(longest).keychainId()).isEqualTo(longest);
            assertThatIllegalArgumentException().isThrownBy(() -> store.load(longest + "a"));
            assertThatIllegalArgumentException().isThrownBy(() -> store.load(""));
        }
    }

    @Nested
    class Listing {
        @Test
        void heedsNoFilesThatAreNotItsOwn() throws IOException {
            store.create(Records.first("tenant-42"));
            Path file = fileOf("tenant-42");
            Files.write(file.resolveSibling("." + file.getFileName() + ".0f.tmp"), new byte[3]);
            Files.write(root.resolve("records").resolve(".DS_Store"), new byte[3]);
            Files.createDirectory(root.resolve("records").resolve("lost+found"));
            assertThat(store.list(KeychainFilter.all(), Optional.empty(), 10)).containsExactly("tenant-42");
        }

        @Test
        void isNotLedAstrayByARecordUnderAForeignName() throws IOException {
            store.create(Records.first("tenant-42"));
            Path planted = root.resolve("records/ff").resolve("ff".repeat(32) + ".keychain");
            Files.createDirectories(planted.getParent());
            Files.copy(fileOf("tenant-42"), planted);
            assertThatExceptionOfType(KeychainSealBrokenException.class)
                    .isThrownBy(() -> store.list(KeychainFilter.all(), Optional.empty(), 10))
                    .withMessageContaining("another keychain");
        }
    }

    @Nested
    class Damaged {
        private Path file;

        @BeforeEach
        void create() throws IOException {
            store.create(Records.first("tenant-42"));
            file = fileOf("tenant-42");
        }

        @Test
        void garbageIsNoRecord() throws IOException {
            for (byte[] garbage :
                    new byte[][] {{}, new byte[1], new byte[1_000], "hello".getBytes(StandardCharsets.UTF_8)}) {
                Files.write(file, garbage);
                assertThatExceptionOfType(KeychainSealBrokenException.class)
                        .isThrownBy(() -> store.load("tenant-42"))
                        .withMessageContaining("keychain 'tenant-42'");
                assertThatExceptionOfType(KeychainSealBrokenException.class)
                        .isThrownBy(() -> store.list(KeychainFilter.all(), Optional.empty(), 10));
            }
        }

        @Test
        void aFileOfTerabytesIsRefusedAtTheLimit() throws IOException {
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(1L << 40);
            }
            assertThatExceptionOfType(KeychainSealBrokenException.class)
                    .isThrownBy(() -> store.load("tenant-42"))
                    .withMessageContaining("16777217");
        }

        @Test
        void garbageIsNotReplaced() throws IOException {
            Files.write(file, new byte[100]);
            KeychainRecord next = Records.next(Records.first("tenant-42"));
            assertThatExceptionOfType(KeychainSealBrokenException.class)
                    .isThrownBy(() -> store.replace(next, next.revision() - 1));
            assertThatExceptionOfType(KeychainExistsException.class)
                    .isThrownBy(() -> store.create(Records.first("tenant-42")));
            assertThat(Files.readAllBytes(file)).containsOnly(0);
        }

        @Test
        void aRecordOfAnotherVersionNamesTheKeychain() throws IOException {
            byte[] newer = Files.readAllBytes(file);
            newer[4] = 2;
            Files.write(file, newer);
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> store.load("tenant-42"))
                    .withMessageContainingAll("keychain 'tenant-42'", "version 2", "use a newer release");
        }
    }

    @Nested
    class OutOfReach {
        private final KeychainRecord record = Records.first("tenant-42");

        @Test
        void withAFileInThePlaceOfTheFolder() throws IOException {
            Path file = Files.write(folder.resolve("file"), new byte[1]);
            assertUnavailable(() -> FileKeychainStore.open(file));
            assertUnavailable(() -> FileKeychainStore.open(file.resolve("below")));
        }

        @Test
        void withAFileInThePlaceOfTheRecords() throws IOException {
            Files.delete(root.resolve("records"));
            Files.write(root.resolve("records"), new byte[1]);
            assertEverythingUnavailable();
        }

        @Test
        void withTheRecordsGoneIsNoEmptyStore() throws IOException {
            Files.delete(root.resolve("records"));
            assertUnavailable(() -> store.load("tenant-42"));
            assertUnavailable(() -> store.list(KeychainFilter.all(), Optional.empty(), 10));
            assertUnavailable(() -> store.create(record));
        }

        @Test
        void withAFolderInThePlaceOfTheRecord() throws IOException {
            Path file = fileOf("tenant-42");
            Files.createDirectories(file);
            assertUnavailable(() -> store.load("tenant-42"));
        }

        /** Such as one on a disk that is not there just now. */
        @Test
        void behindALinkIsNotMissing() throws IOException {
            Path file = fileOf("tenant-42");
            Files.createDirectories(file.getParent());
            Files.createSymbolicLink(file, folder.resolve("elsewhere"));
            assertUnavailable(() -> store.load("tenant-42"));
            assertUnavailable(() -> store.replace(Records.next(record), 1));
        }

        @Test
        void withTheWholeStoreGoneHasNotLostItsNotes() throws IOException {
            store.putNote("some-note", 0, new byte[] {1});
            Files.move(root, folder.resolve("elsewhere"));
            assertUnavailable(() -> store.note("some-note"));
            assertUnavailable(() -> store.noteNames("", Optional.empty(), 10));
            Files.createDirectory(root);
            assertThat(store.note("some-note")).isEmpty();
            assertThat(store.noteNames("", Optional.empty(), 10)).isEmpty();
        }

        @Test
        void ofOneFolderIsNamedAndPassedOverByWhoeverRescuesTheRest() throws IOException {
            store.create(record);
            Path other = Files.write(root.resolve("records/00"), new byte[1]);
            assertUnavailable(() -> store.list(KeychainFilter.all(), Optional.empty(), 10));
            assertThat(store.list(KeychainFilter.all().leavingOutUnreadable(), Optional.empty(), 10))
                    .containsExactly("tenant-42");
            assertThat(store.unreadable())
                    .singleElement()
                    .satisfies(place -> assertThat(place.toString())
                            .contains(other.toRealPath().toString()));
        }

        @Test
        void withAFolderInThePlaceOfTheLockLetsTheNextCallersTurnCome() throws IOException {
            Files.createDirectory(root.resolve("store.lock"));
            assertUnavailable(() -> store.create(record));
            assertUnavailable(() -> store.create(record));
            Files.delete(root.resolve("store.lock"));
            store.create(record);
            assertThat(store.load("tenant-42")).isPresent();
        }

        private void assertEverythingUnavailable() {
            assertUnavailable(() -> store.load("tenant-42"));
            assertUnavailable(() -> store.list(KeychainFilter.all(), Optional.empty(), 10));
            assertUnavailable(() -> store.create(record));
            assertUnavailable(() -> store.replace(Records.next(record), 1));
        }

        private void assertUnavailable(ThrowingCallable call) {
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(call)
                    .satisfies(e -> assertThat(e.retryable()).isTrue());
        }
    }

    @Test
    void saysWhereItIs() throws IOException {
        assertThat(store).hasToString("FileKeychainStore[" + root.toRealPath() + "]");
    }

    private KeychainRecord load(String id) {
        return store.load(id).orElseThrow();
    }

    private Path fileOf(String id) {
        String name =
                HexFormat.of().formatHex(Jca.platform().sha256(id.getBytes(StandardCharsets.UTF_8))) + ".keychain";
        return root.resolve("records").resolve(name.substring(0, 2)).resolve(name);
    }
}
