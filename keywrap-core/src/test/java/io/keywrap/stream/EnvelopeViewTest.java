package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.DataException;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.TestTenant;
import io.keywrap.stream.EnvelopeView.RangeReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random access wherever an envelope is: only what is touched is asked for, and several threads read at once. */
@Timeout(60)
class EnvelopeViewTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int SEGMENT = 65_536;
    private static final int FULL = SEGMENT - 32;
    private static final int SEGMENTS = 100;
    private static final int REST = 7;

    @TempDir
    static Path folder;

    private static RecordingKeys keys;
    private static EnvelopeCipher cipher;
    private static byte[] plaintext;
    private static byte[] envelope;
    private static int payload;

    private final List<String> asked = new ArrayList<>();
    private final RangeReader store = this::range;

    @BeforeAll
    static void setUp() {
        keys = new RecordingKeys(new KeychainKeys(TestTenant.in(folder).keychain("tenant-42")));
        cipher = EnvelopeCipher.of(keys);
        plaintext = new byte[SEGMENTS * FULL + REST];
        new Random(1).nextBytes(plaintext);
        envelope = cipher.encrypt(plaintext, CONTEXT);
        payload = envelope.length - SEGMENTS * SEGMENT - REST - 32;
    }

    @BeforeEach
    void forgetLeases() {
        keys.leases.clear();
    }

    private byte[] range(long offset, int length) {
        long segment = (offset - payload) / SEGMENT;
        asked.add(offset == 0 ? "head" : segment + "+" + (length + SEGMENT - 1) / SEGMENT);
        return Arrays.copyOfRange(envelope, (int) offset, (int) offset + length);
    }

    private static byte[] read(EnvelopeView view, long from, int length) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(length);
        assertThat(view.position(from).read(part)).isEqualTo(length);
        return part.array();
    }

    private static byte[] expected(long from, int length) {
        return Arrays.copyOfRange(plaintext, (int) from, (int) from + length);
    }

    @Test
    @FormatRule("P11")
    void openingAsksForTheHeaderAndTheLastSegment() throws IOException {
        try (EnvelopeView view = cipher.view(store, envelope.length, CONTEXT)) {
            assertThat(asked).containsExactly("head", "100+1");
            assertThat(view.size()).isEqualTo(plaintext.length);
            assertThat(view.header().objectContext()).isEqualTo(CONTEXT);
        }
    }

    /** Into a buffer of its own: if the first part had been kept, the second attempt would skip it silently. */
    @Test
    void aReadThatFailedHalfWayIsTriedAgainFromWhereItBegan() throws IOException {
        int[] left = {4};
        RangeReader breaking = (offset, length) -> {
            if (left[0]-- == 0) {
                throw new IOException("the store is away (said by the test)");
            }
            return range(offset, length);
        };
        try (EnvelopeView view = cipher.view(breaking, envelope.length, CONTEXT)) {
            left[0] = 1; // The first 4 MiB, and nothing more.
            ByteBuffer first = ByteBuffer.allocate(plaintext.length).position(3);
            view.position(5);
            assertThatIOException().isThrownBy(() -> view.read(first)).withMessageContaining("is away");
            assertThat(view.position()).isEqualTo(5);
            assertThat(first.position()).isEqualTo(3);
            ByteBuffer second = ByteBuffer.allocate(plaintext.length - 5);
            assertThat(view.read(second)).isEqualTo(plaintext.length - 5);
            assertThat(second.array()).isEqualTo(expected(5, plaintext.length - 5));
        }
    }

    @Test
    void onlySegmentsThatAreTouchedAreAskedForAndThoseInARowTogether() throws IOException {
        try (EnvelopeView view = cipher.view(store, envelope.length, CONTEXT)) {
            asked.clear();
            assertThat(read(view, 7L * FULL + 10, 100)).isEqualTo(expected(7L * FULL + 10, 100));
            assertThat(read(view, 7L * FULL, FULL)).isEqualTo(expected(7L * FULL, FULL));
            assertThat(asked).containsExactly("7+1");
            asked.clear();

            assertThat(read(view, 20L * FULL - 1, 2 * FULL)).isEqualTo(expected(20L * FULL - 1, 2 * FULL));
            assertThat(asked).containsExactly("19+3");
            asked.clear();

            // What is there is not asked for again, and ends a row.
            assertThat(read(view, 18L * FULL, 5 * FULL)).isEqualTo(expected(18L * FULL, 5 * FULL));
            assertThat(asked).containsExactly("18+1", "22+1");
            asked.clear();

            // At most 4 MiB at once.
            assertThat(read(view, 25L * FULL, 75 * FULL + REST)).isEqualTo(expected(25L * FULL, 75 * FULL + REST));
            assertThat(asked).containsExactly("25+64", "89+12");
        }
    }

    @Test
    void aFewSegmentsAreKeptThoseThatWereUsedLast() throws IOException {
        try (EnvelopeView view = cipher.withCachedSegments(3).view(store, envelope.length, CONTEXT)) {
            for (int segment : new int[] {1, 2, 1, 3, 4, 1}) {
                read(view, (long) segment * FULL, 1);
            }
            asked.clear();
            for (int segment : new int[] {3, 4, 1}) {
                read(view, (long) segment * FULL, 10);
            }
            assertThat(asked).isEmpty();
            read(view, 2L * FULL, 1);
            assertThat(asked).containsExactly("2+1");
        }
    }

    @Test
    void randomReadsAreExact() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path file = Files.write(folder.resolve("random.kwrp"), envelope);
        try (EnvelopeView ranges = cipher.view(store, envelope.length, CONTEXT);
                EnvelopeView ofFile = cipher.withCachedSegments(1).view(file, CONTEXT)) {
            for (int i = 0; i < 300; i++) {
                int from = random.nextInt(plaintext.length);
                int length = Math.min(plaintext.length - from, 1 + random.nextInt(i % 10 == 0 ? 20 * FULL : FULL));
                byte[] part = read(i % 2 == 0 ? ranges : ofFile, from, length);
                assertThat(Arrays.mismatch(part, expected(from, length)))
                        .as("seed %d", seed)
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void manyThreadsReadOneEnvelopeEachWithItsOwnView() throws Exception {
        Path file = Files.write(folder.resolve("many.kwrp"), envelope);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (EnvelopeView first = cipher.view(file, CONTEXT)) {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                EnvelopeView view = first.view();
                Random random = new Random(thread);
                done.add(threads.submit(() -> {
                    try (view) {
                        for (int i = 0; i < 200; i++) {
                            int from = random.nextInt(plaintext.length - 1000);
                            assertThat(read(view, from, 1000)).isEqualTo(expected(from, 1000));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
            assertThat(keys.leases).hasSize(1).noneMatch(DekLease::isClosed);
        } finally {
            threads.shutdownNow();
        }
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @Test
    void theKeysEndWithTheLastViewWhateverTheOrder() throws IOException {
        EnvelopeView first = cipher.view(store, envelope.length, CONTEXT);
        EnvelopeView second = first.view();
        EnvelopeView third = second.view();
        first.close();
        first.close();
        second.close();
        assertThat(keys.leases).noneMatch(DekLease::isClosed);
        assertThat(read(third, 5, 10)).isEqualTo(expected(5, 10));
        third.close();
        assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(first::view);
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> read(third, 5, 10));
    }

    @Test
    void whatIsKeptIsWiped() throws Exception {
        EnvelopeView view = cipher.withCachedSegments(2).view(store, envelope.length, CONTEXT);
        List<byte[]> buffers = new ArrayList<>();
        for (int segment = 0; segment < 4; segment++) {
            read(view, (long) segment * FULL, 1);
            buffers.add(kept(view, segment));
        }
        assertThat(buffers.get(2)).isNotSameAs(buffers.get(3)).isNotEqualTo(new byte[FULL]);
        assertThat(buffers.get(0)).as("used again").isSameAs(buffers.get(2));
        read(view, (long) SEGMENTS * FULL, REST);
        byte[] last = kept(view, SEGMENTS);
        assertThat(Arrays.copyOfRange(last, REST, FULL)).as("of the one before").isEqualTo(new byte[FULL - REST]);
        view.close();
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer).containsOnly(0));
    }

    /** A segment that is kept, decrypted. */
    static byte[] kept(EnvelopeView view, long segment) throws ReflectiveOperationException {
        var cache = EnvelopeView.class.getDeclaredField("cache");
        cache.setAccessible(true);
        return ((SegmentCache) cache.get(view)).get(segment).array();
    }

    @Test
    void aReaderThatGivesTooLittleOrTooMuchIsAnIoExceptionAndMayTryAgain() throws IOException {
        int[] more = {0};
        RangeReader reader =
                (offset, length) -> more[0] == 99 ? null : Arrays.copyOf(range(offset, length), length + more[0]);
        try (EnvelopeView view = cipher.view(reader, envelope.length, CONTEXT)) {
            for (int wrong : new int[] {-1, 1, 99}) {
                more[0] = wrong;
                assertThatIOException()
                        .isThrownBy(() -> read(view, 0, 10))
                        .withMessageContaining("for the 65536 from " + payload);
            }
            more[0] = 0;
            assertThat(read(view, 0, 10)).isEqualTo(expected(0, 10));
        }
    }

    @Test
    void aReaderThatFailsAtAnyRequestLeavesNothingOpen() throws IOException {
        for (int k = 1; k <= 2; k++) {
            int[] left = {k};
            IOException fault = new IOException("503");
            RangeReader reader = (offset, length) -> {
                if (--left[0] == 0) {
                    throw fault;
                }
                return range(offset, length);
            };
            assertThat(catchThrowable(() -> cipher.view(reader, envelope.length, CONTEXT)))
                    .isSameAs(fault);
        }
        assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> cipher.view(folder.resolve("missing"), CONTEXT));
    }

    @Test
    void aLengthThatIsNotTrueIsRefused() {
        for (long length : new long[] {0, 10, payload, payload + 10, envelope.length - 1, payload + 3L * SEGMENT}) {
            assertThatExceptionOfType(DataException.class)
                    .as("%d", length)
                    .isThrownBy(() -> cipher.view(store, length, CONTEXT));
        }
        byte[] longer = Arrays.copyOf(envelope, envelope.length + SEGMENT);
        RangeReader more = (offset, length) -> Arrays.copyOfRange(longer, (int) offset, (int) offset + length);
        assertThatExceptionOfType(DataException.class).isThrownBy(() -> cipher.view(more, longer.length, CONTEXT));
        assertThatIllegalArgumentException().isThrownBy(() -> cipher.view(store, -1, CONTEXT));
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @Test
    void aChangedSegmentClosesItsViewAndNoOther() throws IOException {
        byte[] changed = envelope.clone();
        changed[payload + 5 * SEGMENT + 100] ^= 1;
        RangeReader reader = (offset, length) -> Arrays.copyOfRange(changed, (int) offset, (int) offset + length);
        try (EnvelopeView view = cipher.view(reader, changed.length, CONTEXT);
                EnvelopeView other = view.view()) {
            assertThatIOException().isThrownBy(() -> read(view, 5L * FULL, 1)).withCauseInstanceOf(DataException.class);
            assertThat(view.isOpen()).isFalse();
            assertThat(read(other, 4L * FULL, 1)).isEqualTo(expected(4L * FULL, 1));
        }
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @Test
    void aLeaseThatEndsClosesNoDoorSilently() throws IOException {
        try (EnvelopeView view = cipher.view(store, envelope.length, CONTEXT)) {
            read(view, 0, 1);
            keys.leases.forEach(DekLease::close);
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> read(view, 0, 1));
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> read(view, 9L * FULL, 1));
        }
    }

    @Test
    void anInterruptOfOneThreadLeavesTheOthersAlone() throws IOException {
        Path file = Files.write(folder.resolve("interrupted.kwrp"), envelope);
        try (EnvelopeView view = cipher.view(file, CONTEXT);
                EnvelopeView other = view.view()) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(ClosedByInterruptException.class).isThrownBy(() -> read(view, 0, 1));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(read(other, 0, 1)).isEqualTo(expected(0, 1));
        }
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @Test
    void whoeverClosesItDoesNotWaitForARead() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        boolean[] slow = new boolean[1];
        RangeReader reader = (offset, length) -> {
            if (slow[0]) {
                reading.countDown();
                awaitUninterrupted(closed);
            }
            return range(offset, length);
        };
        EnvelopeView view = cipher.view(reader, envelope.length, CONTEXT);
        slow[0] = true;
        Throwable[] failure = new Throwable[1];
        byte[][] part = new byte[1][];
        Thread thread = new Thread(() -> failure[0] = catchThrowable(() -> part[0] = read(view, 0, 10)));
        thread.start();
        awaitUninterrupted(reading);
        view.close();
        closed.countDown();
        thread.join();
        assertThat(failure[0]).isNull();
        assertThat(part[0]).isEqualTo(expected(0, 10));
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> read(view, 0, 10));
        assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
