package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.provider.InFlight;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The KEK is revoked in the middle of every kind of work: it ends at its next segment, and leaves nothing. */
class AbortTest {
    private static final int SEGMENT = 65_536;
    private static final int FULL = SEGMENT - 32;
    private static final int SEGMENTS = 60;
    private static final int THREADS = 3;

    @TempDir
    Path folder;

    private Revocation tenant;
    private RecordingKeys keys;
    private EnvelopeCipher cipher;
    private byte[] plaintext;
    private byte[] envelope;
    private Path place;

    @BeforeEach
    void setUp() throws IOException {
        tenant = new Revocation(folder, InFlight.ABORT);
        plaintext = new byte[SEGMENTS * FULL - 100];
        new Random(1).nextBytes(plaintext);
        envelope = tenant.cipher.encrypt(plaintext, Revocation.CONTEXT);
        keys = new RecordingKeys(new KeychainKeys(tenant.keychain));
        cipher = EnvelopeCipher.of(keys);
        Files.write(folder.resolve("plain"), plaintext);
        Files.write(folder.resolve("envelope"), envelope);
        place = Files.createDirectory(folder.resolve("place"));
    }

    @AfterEach
    void close() {
        tenant.close();
    }

    /** What is under way. */
    enum Work {
        STREAM_BY_ONE(1) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.encrypt(new ByteArrayInputStream(test.plaintext), sink, Revocation.CONTEXT);
            }
        },
        STREAM(THREADS) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.encrypt(new ByteArrayInputStream(test.plaintext), sink, Revocation.CONTEXT);
            }
        },
        STREAM_BACK(THREADS) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.decrypt(new ByteArrayInputStream(test.envelope), sink, Revocation.CONTEXT);
            }
        },
        CHANNEL(THREADS) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.encrypt(
                        OddStreams.shortReadsChannel(test.plaintext, 70_000, new Random(1)),
                        OddStreams.shortWritesChannel(sink, 70_000, new Random(2)),
                        Revocation.CONTEXT);
            }
        },
        STREAM_TO_FILE(THREADS) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.encrypt(
                        new ByteArrayInputStream(test.plaintext), test.place.resolve("target"), Revocation.CONTEXT);
            }
        },
        STREAM_BACK_TO_FILE(THREADS) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.decrypt(
                        new ByteArrayInputStream(test.envelope), test.place.resolve("target"), Revocation.CONTEXT);
            }
        },
        FILE(THREADS) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.encrypt(test.folder.resolve("plain"), test.place.resolve("target"), Revocation.CONTEXT);
            }
        },
        FILE_BACK(THREADS) {
            @Override
            void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException {
                cipher.decrypt(test.folder.resolve("envelope"), test.place.resolve("target"), Revocation.CONTEXT);
            }
        };

        final int threads;

        Work(int threads) {
            this.threads = threads;
        }

        abstract void run(AbortTest test, EnvelopeCipher cipher, OutputStream sink) throws IOException;
    }

    static Stream<Arguments> works() {
        return Stream.of(Work.values())
                .flatMap(work -> IntStream.range(0, 4).mapToObj(seed -> Arguments.of(work, seed)));
    }

    @Nested
    class TheWork {
        @ParameterizedTest
        @MethodSource("io.keywrap.stream.AbortTest#works")
        void endsAtItsNextSegmentAndLeavesNothing(Work work, int seed) throws IOException {
            // Some of them are beyond the moment when several threads take over.
            long after = new Random(seed).nextInt((SEGMENTS - 20) * FULL);
            AtomicLong done = new AtomicLong();
            AtomicLong doneWhenRevoked = new AtomicLong();
            EnvelopeCipher revoking = cipher.withParallelism(work.threads).withProgress(bytes -> {
                synchronized (done) { // Nobody gets far while the call is under way that hears of it.
                    if (done.addAndGet(bytes) >= after && doneWhenRevoked.get() == 0) {
                        tenant.revoke();
                        doneWhenRevoked.set(done.get());
                    }
                }
            });
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> work.run(AbortTest.this, revoking, new ByteArrayOutputStream()));
            assertThat(doneWhenRevoked.get()).isPositive();
            // What others had begun: a batch of a file each; what was read for a ring of batches.
            assertThat(done.get() - doneWhenRevoked.get()).isLessThanOrEqualTo(work.threads * 4L * SEGMENT);
            assertNothingLeft();
        }

        @RepeatedTest(20)
        void writesNoSegmentThatWasMadeAfterwards() {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            AtomicLong read = new AtomicLong();
            AtomicBoolean revoked = new AtomicBoolean();
            EnvelopeCipher revoking = cipher.withParallelism(1).withProgress(bytes -> {
                if (read.addAndGet(bytes) >= 7L * FULL && revoked.compareAndSet(false, true)) {
                    tenant.revoke();
                }
            });
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> revoking.encrypt(new ByteArrayInputStream(plaintext), sink, Revocation.CONTEXT));
            assertThat(sink.size()).isBetween(6 * SEGMENT, 7 * SEGMENT + 1000);
        }

        @Test
        void inAFileThatHangsIsCutOff() throws IOException {
            SteppedFiles files = new SteppedFiles();
            Path hanging = files.path(folder.resolve("plain"));
            files.listener(what -> {
                if (what.equals("read") && !Thread.currentThread().isInterrupted()) {
                    revokeOnce();
                    eventually(() ->
                            files.handles.isEmpty() || !files.handles.stream().allMatch(FileChannel::isOpen));
                    throw new AsynchronousCloseException();
                }
            });
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> cipher.withParallelism(THREADS)
                            .encrypt(hanging, files.path(place.resolve("target")), Revocation.CONTEXT));
            assertNothingLeft();
        }

        private synchronized void revokeOnce() {
            tenant.revoke();
        }

        private void assertNothingLeft() {
            assertThat(place).isEmptyDirectory();
            assertThat(keys.leases).isNotEmpty().allMatch(DekLease::isClosed);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThatExceptionOfType(KekRevokedException.class)
                    .as("the next job")
                    .isThrownBy(() -> cipher.encrypt(new byte[1], Revocation.CONTEXT));
            tenant.enable();
            assertThat(cipher.decrypt(envelope, Revocation.CONTEXT)).isEqualTo(plaintext);
        }
    }

    @Nested
    class WithoutAnotherCall {
        @Test
        void aWriterIsOverAndItsFileIsGone() throws IOException {
            EnvelopeWriter writer = cipher.writer(place.resolve("target"), Revocation.CONTEXT);
            writer.stream().write(plaintext);
            assertThat(place).isNotEmptyDirectory();
            tenant.revoke();
            awaitClosed();
            eventually(() -> place.toFile().list().length == 0);
            assertThatIOException()
                    .isThrownBy(() -> writer.stream().write(1))
                    .withCauseInstanceOf(KekRevokedException.class);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(writer::commit);
            writer.close();
        }

        @Test
        void aReaderIsOver() throws IOException {
            InputStream reader = cipher.reader(new ByteArrayInputStream(envelope), Revocation.CONTEXT);
            assertThat(reader.read()).isEqualTo(plaintext[0] & 0xFF);
            tenant.revoke();
            awaitClosed();
            assertThatIOException().isThrownBy(reader::read).withCauseInstanceOf(KekRevokedException.class);
            assertThat(reader.available()).isZero();
            reader.close();
        }

        @Test
        void aChannelIsClosedWithAllOfItsViews() throws Exception {
            Path file = folder.resolve("envelope");
            FileChannel source = FileChannel.open(file);
            SeekableByteChannel channel = cipher.channel(source, Revocation.CONTEXT);
            EnvelopeView view = cipher.view(file, Revocation.CONTEXT);
            EnvelopeView other = view.view();
            view.view().close();
            channel.read(ByteBuffer.allocate(10));
            other.read(ByteBuffer.allocate(10));
            byte[] decrypted = EnvelopeViewTest.kept(other, 0);
            assertThat(decrypted).startsWith(Arrays.copyOf(plaintext, 10));
            tenant.revoke();
            awaitClosed();
            assertThat(decrypted).as("plaintext that was kept").containsOnly(0);
            for (SeekableByteChannel each : Arrays.asList(channel, view, other)) {
                assertThat(each.isOpen()).isFalse();
                assertThatIOException()
                        .isThrownBy(() -> each.read(ByteBuffer.allocate(10)))
                        .withCauseInstanceOf(KekRevokedException.class);
            }
            eventually(() -> !source.isOpen());
            assertThat(keys.leases).noneMatch(DekLease::isClosed);
            for (SeekableByteChannel each : Arrays.asList(channel, view, other)) {
                each.close();
            }
            assertThat(keys.leases).allMatch(DekLease::isClosed);
            tenant.enable();
            try (EnvelopeView again = cipher.view(file, Revocation.CONTEXT)) {
                assertThat(again.read(ByteBuffer.allocate(10))).isEqualTo(10);
            }
        }

        @Test
        void noThreadStays() throws IOException {
            InputStream reader = cipher.reader(new ByteArrayInputStream(envelope), Revocation.CONTEXT);
            assertThat(reader.read()).isNotNegative();
            tenant.revoke();
            awaitClosed();
            eventually(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("keywrap-ends")
                            || thread.getName().startsWith("keywrap-interrupts")
                            || thread.getName().startsWith("keywrap-closes")));
        }

        private void awaitClosed() {
            eventually(() -> keys.leases.stream().allMatch(DekLease::isWiped));
        }
    }

    static void eventually(BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
            Thread.yield();
        }
    }
}
