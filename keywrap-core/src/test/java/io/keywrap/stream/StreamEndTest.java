package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.DataException;
import io.keywrap.DekLease;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import io.keywrap.stream.OddStreams.Broken;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader or writer that is over has given back its keys, also where nobody closes it. */
class StreamEndTest extends RecordedFixture {
    @Nested
    class AReader {
        private byte[] envelope;

        @BeforeEach
        void encrypt() {
            byte[] plaintext = new byte[2 * SEGMENT];
            Arrays.fill(plaintext, (byte) 7);
            envelope = cipher.encrypt(plaintext, CONTEXT);
            keys.leases.clear();
        }

        @Test
        void tellsWhatItHasAndNothingOnceItIsClosed() throws IOException {
            InputStream reader = cipher.reader(new ByteArrayInputStream(envelope), CONTEXT);
            assertThat(reader.read()).isEqualTo(7);
            assertThat(reader.available()).isEqualTo(SEGMENT - 32 - 1);
            reader.close();
            assertThat(reader.available()).isZero();
        }

        @Test
        void whoseSourceBrokeSaysSoAgainAndHasNoKeys() throws IOException {
            InputStream broken = OddStreams.breakingAfter(Arrays.copyOf(envelope, SEGMENT));
            InputStream reader = cipher.reader(broken, CONTEXT);
            assertThatExceptionOfType(Broken.class).isThrownBy(reader::readAllBytes);
            assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
            assertThatIOException()
                    .isThrownBy(reader::read)
                    .withMessageContaining("failed before")
                    .withStackTraceContaining(Broken.class.getName());
        }

        /** Only then is it not clear from the segment alone. */
        @Test
        void whoseLastSegmentIsFullNoticesWhatFollows() throws IOException {
            byte[] full = cipher.encrypt(new byte[2 * (SEGMENT - 32)], CONTEXT);
            try (InputStream reader = cipher.reader(new ByteArrayInputStream(full), CONTEXT)) {
                assertThat(reader.readAllBytes()).hasSize(2 * (SEGMENT - 32));
            }
            for (byte more = 0; more <= 1; more++) {
                byte[] followed = Arrays.copyOf(full, full.length + 1);
                followed[full.length] = more;
                InputStream reader = cipher.reader(new ByteArrayInputStream(followed), CONTEXT);
                assertThatIOException()
                        .isThrownBy(reader::readAllBytes)
                        .withCauseInstanceOf(MalformedEnvelopeException.class);
            }
        }

        /** Against the contract of streams, and for ever. */
        @Test
        void whoseSourceGivesNothingAtItsEndIsAtItsEnd() throws IOException {
            InputStream source = new FilterInputStream(new ByteArrayInputStream(envelope)) {
                private int nothing;

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    assertThat(nothing).as("asked again and again").isLessThan(100);
                    nothing += available() == 0 ? 1 : 0;
                    return Math.max(0, super.read(bytes, offset, length));
                }
            };
            try (InputStream reader = cipher.reader(source, CONTEXT)) {
                assertThat(reader.readAllBytes()).hasSize(2 * SEGMENT).containsOnly(7);
            }
        }

        @Test
        void leavesNoPlaintextBehind() throws IOException {
            InputStream source = new ByteArrayInputStream(envelope);
            try (OpenedEnvelope opened =
                    OpenedEnvelope.open(keys, new ExpectedContext(CONTEXT, ContextMatch.EXACT), source)) {
                SegmentReader reader = new SegmentReader(opened, source);
                byte[] plaintext = reader.next().array();
                assertThat(plaintext).containsOnly(7);
                reader.close();
                assertThat(plaintext).containsOnly(0);
            }
        }

        @Test
        void ofAChangedEnvelopeHasNoKeys() throws IOException {
            envelope[envelope.length - 1] ^= 1;
            InputStream reader = cipher.reader(new ByteArrayInputStream(envelope), CONTEXT);
            assertThatIOException().isThrownBy(reader::readAllBytes).withCauseInstanceOf(DataException.class);
            assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
        }
    }

    @Nested
    class AWriter {
        @Test
        void thatHasCommittedLeavesNothingInASinkThatBuffersAndHasNoKeys() throws IOException {
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            EnvelopeWriter writer = cipher.writer(new BufferedOutputStream(written, 1 << 20), CONTEXT);
            writer.stream().write(new byte[] {1, 2, 3});
            writer.commit();
            assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
            assertThat(cipher.decrypt(written.toByteArray(), CONTEXT)).containsExactly(1, 2, 3);
        }

        /** A last segment of its own, with nothing in it, would be 32 bytes that no sum of lengths knows of. */
        @Test
        void ofJustWholeSegmentsWritesNoneThatIsEmpty() throws IOException {
            for (int segments = 1; segments <= 2; segments++) {
                byte[] plaintext = new byte[segments * (SEGMENT - 32)];
                ByteArrayOutputStream written = new ByteArrayOutputStream();
                try (EnvelopeWriter writer = cipher.writer(written, CONTEXT)) {
                    writer.stream().write(plaintext);
                    writer.commit();
                }
                assertThat(written.size()).isEqualTo(cipher.encrypt(plaintext, CONTEXT).length);
            }
        }

        @Test
        void thatCouldNotCommitHasNoKeys() throws IOException {
            OutputStream full = OddStreams.fullAfter(SEGMENT, OutputStream.nullOutputStream());
            EnvelopeWriter writer = cipher.writer(full, CONTEXT);
            writer.stream().write(new byte[SEGMENT - 32]);
            assertThatIOException().isThrownBy(writer::commit);
            assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
        }

        /** Not even where its keys cannot be wiped either. */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void whoseHeadersCannotBeWrittenLeavesNoFile(boolean keysAreWiped) throws IOException {
            Path place = Files.createDirectory(folder.resolve("place"));
            SteppedFiles files = new SteppedFiles();
            files.listener(what -> {
                if (what.equals("write")) {
                    if (!keysAreWiped) {
                        failToWipe();
                    }
                    throw new Broken();
                }
            });
            assertThatThrownBy(() -> cipher.writer(files.path(place.resolve("target")), CONTEXT))
                    .hasStackTraceContaining(keysAreWiped ? "broken on purpose" : "a key that stays");
            assertThat(place).isEmptyDirectory();
            assertThat(files.handles).isEmpty();
            assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
        }

        @Test
        void whoseKeysCannotBeWipedLeavesNoFile() throws IOException {
            Path place = Files.createDirectory(folder.resolve("place"));
            EnvelopeWriter writer = cipher.writer(place.resolve("target"), CONTEXT);
            writer.stream().write(new byte[3 * SEGMENT]);
            failToWipe();
            assertThatIllegalStateException().isThrownBy(writer::close);
            assertThat(place).isEmptyDirectory();
        }

        private void failToWipe() {
            keys.leases.get(0).onClose(() -> {
                throw new IllegalStateException("a key that stays (said by the test)");
            });
        }
    }
}
