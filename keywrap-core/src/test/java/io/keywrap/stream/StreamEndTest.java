package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.DataException;
import io.keywrap.DekLease;
import io.keywrap.stream.OddStreams.Broken;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A reader or writer that is over has given back its keys, also where nobody closes it. */
class StreamEndTest extends RecordedFixture {
    @Nested
    class AReader {
        private byte[] envelope;

        @BeforeEach
        void encrypt() {
            envelope = cipher.encrypt(new byte[2 * SEGMENT], CONTEXT);
            keys.leases.clear();
        }

        @Test
        void tellsWhatItHasAndNothingOnceItIsClosed() throws IOException {
            InputStream reader = cipher.reader(new ByteArrayInputStream(envelope), CONTEXT);
            assertThat(reader.read()).isZero();
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

        @Test
        void whoseKeysCannotBeWipedLeavesNoFile() throws IOException {
            Path place = Files.createDirectory(folder.resolve("place"));
            EnvelopeWriter writer = cipher.writer(place.resolve("target"), CONTEXT);
            writer.stream().write(new byte[3 * SEGMENT]);
            keys.leases.get(0).onClose(() -> {
                throw new IllegalStateException("a key that stays (said by the test)");
            });
            assertThatIllegalStateException().isThrownBy(writer::close);
            assertThat(place).isEmptyDirectory();
        }
    }
}
