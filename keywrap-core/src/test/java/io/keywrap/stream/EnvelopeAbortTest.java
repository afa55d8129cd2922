package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.stream.OddStreams.Broken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source, sink or caller that gives up half-way never leaves a shorter envelope or file that passes for a whole one. */
class EnvelopeAbortTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a.csv");
    private static final int FULL = 65_536 - 32;

    @TempDir
    static Path folder;

    private static EnvelopeCipher cipher;

    private Path work;

    @BeforeAll
    static void setUp() {
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"));
    }

    @BeforeEach
    void freshFolder() throws IOException {
        work = Files.createTempDirectory(folder, "work");
    }

    @Nested
    class ABrokenSource {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, FULL - 1, FULL, FULL + 1, 3 * FULL, 3 * FULL + 7})
        @FormatRule("P13")
        void leavesNoValidEnvelope(int bytesBefore) {
            byte[] plaintext = random(bytesBefore);
            ByteArrayOutputStream streamSink = new ByteArrayOutputStream();
            assertThatExceptionOfType(Broken.class)
                    .isThrownBy(() -> cipher.encrypt(OddStreams.breakingAfter(plaintext), streamSink, CONTEXT));
            assertInvalid(streamSink.toByteArray());

            ByteArrayOutputStream channelSink = new ByteArrayOutputStream();
            assertThatExceptionOfType(Broken.class)
                    .isThrownBy(() -> cipher.encrypt(
                            Channels.newChannel(OddStreams.breakingAfter(plaintext)),
                            Channels.newChannel(channelSink),
                            CONTEXT));
            assertInvalid(channelSink.toByteArray());

            ByteArrayOutputStream writerSink = new ByteArrayOutputStream();
            assertThatExceptionOfType(Broken.class).isThrownBy(() -> {
                try (EnvelopeWriter writer = cipher.writer(writerSink, CONTEXT)) {
                    OddStreams.breakingAfter(plaintext).transferTo(writer.stream());
                    writer.commit();
                }
            });
            assertInvalid(writerSink.toByteArray());

            assertThatExceptionOfType(Broken.class).isThrownBy(() -> {
                try (EnvelopeWriter writer = cipher.writer(work.resolve("new.kwrp"), CONTEXT)) {
                    OddStreams.breakingAfter(plaintext).transferTo(writer.stream());
                    writer.commit();
                }
            });
            assertThat(work).isEmptyDirectory();
        }

        @Test
        void leavesNoFileAndTheOneBeforeAsItWas() throws IOException {
            Path target = Files.writeString(work.resolve("target"), "before");
            InputStream plaintext = OddStreams.breakingAfter(random(2 * FULL));
            assertThatExceptionOfType(Broken.class).isThrownBy(() -> cipher.encrypt(plaintext, target, CONTEXT));
            byte[] part = Arrays.copyOf(cipher.encrypt(random(3 * FULL), CONTEXT), 2 * FULL);
            InputStream envelope = OddStreams.breakingAfter(part);
            assertThatExceptionOfType(Broken.class).isThrownBy(() -> cipher.decrypt(envelope, target, CONTEXT));
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(() -> cipher.decrypt(new ByteArrayInputStream(part), target, CONTEXT));
            assertOnly(target, "before");
        }

        @Test
        void thatIsAMissingFileLeavesTheTargetAsItWas() throws IOException {
            Path target = Files.writeString(work.resolve("target"), "before");
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(() -> cipher.encrypt(work.resolve("missing"), target, CONTEXT));
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(() -> cipher.decrypt(work.resolve("missing"), target, CONTEXT));
            assertOnly(target, "before");
        }

        @Test
        void ofAnEnvelopeKeepsItsOwnExceptionWhenDecrypting() throws IOException {
            byte[] part = Arrays.copyOf(cipher.encrypt(random(3 * FULL), CONTEXT), 2 * FULL);
            assertThatExceptionOfType(Broken.class)
                    .isThrownBy(() ->
                            cipher.decrypt(OddStreams.breakingAfter(part), OutputStream.nullOutputStream(), CONTEXT));
            var reader = cipher.reader(OddStreams.breakingAfter(part), CONTEXT);
            assertThatExceptionOfType(Broken.class).isThrownBy(reader::readAllBytes);
            assertThatIOException().isThrownBy(reader::read);
        }
    }

    @Nested
    class AMissingCommit {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, FULL - 1, FULL, FULL + 1, 3 * FULL, 3 * FULL + 7})
        @FormatRule("P13")
        void leavesNoValidEnvelope(int bytes) throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            try (EnvelopeWriter writer = cipher.writer(sink, CONTEXT)) {
                writer.stream().write(random(bytes));
                writer.stream().flush();
                writer.stream().close();
            }
            assertInvalid(sink.toByteArray());

            Path target = Files.writeString(work.resolve("target"), "before");
            try (EnvelopeWriter writer = cipher.writer(target, CONTEXT)) {
                writer.stream().write(random(bytes));
            }
            assertOnly(target, "before");
        }

        @Test
        @FormatRule("P13")
        void cannotBeMadeUpForAfterClosing() throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            EnvelopeWriter writer = cipher.writer(sink, CONTEXT);
            writer.stream().write(1);
            writer.close();
            assertThatIllegalStateException().isThrownBy(writer::commit);
            assertThatIOException().isThrownBy(() -> writer.stream().write(2));
            assertInvalid(sink.toByteArray());
        }
    }

    @Nested
    class ABrokenSink {
        @Test
        void makesEveryVerbFailWhereverItBreaks() throws IOException {
            byte[] plaintext = random(2 * FULL + 5);
            int length = cipher.encrypt(plaintext, CONTEXT).length;
            for (int room : new int[] {0, 1, 50, 200, 300, FULL, 65_536 + 200, length - 1}) {
                assertThatExceptionOfType(Broken.class)
                        .isThrownBy(() -> cipher.encrypt(
                                new ByteArrayInputStream(plaintext),
                                OddStreams.fullAfter(room, OutputStream.nullOutputStream()),
                                CONTEXT));
                assertThatExceptionOfType(Broken.class).isThrownBy(() -> {
                    OutputStream full = OddStreams.fullAfter(room, OutputStream.nullOutputStream());
                    try (EnvelopeWriter writer = cipher.writer(full, CONTEXT)) {
                        writer.stream().write(plaintext);
                        writer.commit();
                    }
                });
            }
        }

        @Test
        void makesTheWriterFailForGood() throws IOException {
            EnvelopeWriter writer = cipher.writer(OddStreams.fullAfter(1000, new ByteArrayOutputStream()), CONTEXT);
            assertThatExceptionOfType(Broken.class)
                    .isThrownBy(() -> writer.stream().write(random(3 * FULL)));
            assertThatIOException().isThrownBy(() -> writer.stream().write(1)).isNotInstanceOf(Broken.class);
            assertThatIllegalStateException().isThrownBy(writer::commit);
            writer.close();
            writer.close();
        }

        @Test
        void isNoReasonToCommitLater() throws IOException {
            byte[] plaintext = random(10);
            int length = cipher.encrypt(plaintext, CONTEXT).length;
            EnvelopeWriter writer =
                    cipher.writer(OddStreams.fullAfter(length - 1, new ByteArrayOutputStream()), CONTEXT);
            writer.stream().write(plaintext);
            assertThatExceptionOfType(Broken.class).isThrownBy(writer::commit);
            assertThatIllegalStateException().isThrownBy(writer::commit);
            writer.close();
        }

        @Test
        void passesItsOwnExceptionWhenDecrypting() {
            byte[] envelope = cipher.encrypt(random(3 * FULL), CONTEXT);
            assertThatExceptionOfType(Broken.class)
                    .isThrownBy(() -> cipher.decrypt(
                            new ByteArrayInputStream(envelope),
                            OddStreams.fullAfter(FULL, OutputStream.nullOutputStream()),
                            CONTEXT));
        }

        @Test
        void thatIsAFolderOrInAMissingOneLeavesNothing() throws IOException {
            Path source = Files.writeString(work.resolve("source"), "data");
            Path target = Files.createDirectory(work.resolve("folder"));
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> cipher.encrypt(source, target, CONTEXT));
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> cipher.writer(target, CONTEXT));
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(() -> cipher.encrypt(source, work.resolve("missing/target"), CONTEXT));
            assertThat(target).isEmptyDirectory();
        }
    }

    @Nested
    class AWholeEnvelope {
        @Test
        void mayBeCommittedAndClosedTwice() throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            EnvelopeWriter writer = cipher.writer(sink, CONTEXT);
            writer.stream().write(random(100));
            writer.commit();
            byte[] committed = sink.toByteArray();
            writer.commit();
            writer.close();
            writer.close();
            assertThat(sink.toByteArray()).isEqualTo(committed);
            assertThat(cipher.decrypt(committed, CONTEXT)).isEqualTo(random(100));
            assertThatIOException().isThrownBy(() -> writer.stream().write(1));
        }

        @Test
        void inAFileReplacesTheOneBeforeAndLeavesNothingElse() throws IOException {
            Path source = Files.writeString(work.resolve("source"), "data");
            Path target = Files.writeString(work.resolve("target"), "before");
            cipher.encrypt(source, target, CONTEXT);
            assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo("data".getBytes());
            try (EnvelopeWriter writer = cipher.writer(target, CONTEXT)) {
                writer.stream().write('x');
                writer.commit();
            }
            assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo("x".getBytes());
            try (Stream<Path> entries = Files.list(work)) {
                assertThat(entries).containsExactlyInAnyOrder(source, target);
            }
        }

        @Test
        void isNotWrittenOverItsOwnSource() throws IOException {
            Path source = Files.writeString(work.resolve("source"), "data");
            Path link = Files.createSymbolicLink(work.resolve("link"), source);
            for (Path same : new Path[] {source, work.resolve("./source"), link}) {
                assertThatIOException()
                        .isThrownBy(() -> cipher.encrypt(source, same, CONTEXT))
                        .withMessageContaining("same file");
            }
            assertThat(source).hasContent("data");
        }
    }

    private static void assertInvalid(byte[] left) {
        assertThatExceptionOfType(TruncatedEnvelopeException.class).isThrownBy(() -> cipher.decrypt(left, CONTEXT));
        assertThatExceptionOfType(TruncatedEnvelopeException.class)
                .isThrownBy(
                        () -> cipher.decrypt(new ByteArrayInputStream(left), OutputStream.nullOutputStream(), CONTEXT));
    }

    private void assertOnly(Path file, String content) throws IOException {
        assertThat(file).hasContent(content);
        try (Stream<Path> entries = Files.list(work)) {
            assertThat(entries).containsExactly(file);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
