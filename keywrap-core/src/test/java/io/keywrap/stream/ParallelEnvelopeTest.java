package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What several threads make is what one thread makes: for any size, segment length, number of threads and executor. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParallelEnvelopeTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int[] SEGMENT_LENGTHS = {65_536, 262_144, 1_048_576};
    private static final int MOST_BYTES = 5 << 20;
    private static final int ROUNDS = 8;

    @TempDir
    static Path folder;

    private static final ExecutorService POOL = Executors.newFixedThreadPool(3);
    private static Keychain keychain;

    private final Queue<Runnable> kept = new ArrayDeque<>();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @BeforeAll
    static void setUp() {
        keychain = TestTenant.in(folder).keychain("tenant-42");
    }

    @AfterAll
    static void end() {
        POOL.shutdownNow();
    }

    @ParameterizedTest
    @EnumSource
    void everyEnvelopeIsReadByTheReferenceAndByAllTheOthers(OddExecutors executor) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            int segmentLength = SEGMENT_LENGTHS[random.nextInt(SEGMENT_LENGTHS.length)];
            byte[] plaintext = plaintext(segmentLength);
            int threads = 1 + random.nextInt(5);
            EnvelopeCipher cipher = EnvelopeCipher.using(keychain)
                    .withSegmentLength(segmentLength)
                    .withParallelism(threads)
                    .withExecutor(executor.over(POOL, kept));
            String which = "seed " + seed + ", round " + round + ": " + plaintext.length + " bytes in segments of "
                    + segmentLength + " by " + threads;
            byte[] first = encrypt(cipher, plaintext, random.nextInt(3));
            assertThat(EnvelopeReference.read(first, dekOf(first)).plaintext())
                    .as(which)
                    .isEqualTo(plaintext);
            byte[] alone = cipher.encrypt(plaintext, CONTEXT);
            for (int way = 0; way < 3; way++) {
                assertThat(decrypt(cipher, alone, way))
                        .as("%s, way %d", which, way)
                        .isEqualTo(plaintext);
            }
        }
        kept.forEach(Runnable::run);
    }

    /** A changed envelope is refused for the same reason and with the same words, and gives the same plaintext before. */
    @ParameterizedTest
    @EnumSource(names = {"WORKS", "REFUSES", "RUNS_THE_ONE_BEFORE"})
    void everyChangedEnvelopeIsRefusedLikeByOneThread(OddExecutors executor) throws Exception {
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        EnvelopeCipher parallel = cipher.withParallelism(3).withExecutor(executor.over(POOL, kept));
        byte[] envelope = cipher.encrypt(new byte[40 * 65_504 + random.nextInt(2) * 1000], CONTEXT);
        for (int round = 0; round < 25; round++) {
            byte[] changed = changed(envelope, envelope.length - 40 * 65_536);
            Throwable expected = catchThrowable(() -> cipher.decrypt(changed, CONTEXT));
            ByteArrayOutputStream alone = new ByteArrayOutputStream();
            catchThrowable(() -> cipher.withParallelism(1).decrypt(new ByteArrayInputStream(changed), alone, CONTEXT));
            for (int way = 0; way < 3; way++) {
                int kind = way;
                assertThat(catchThrowable(() -> decrypt(parallel, changed, kind)))
                        .as("seed %d, round %d, way %d", seed, round, way)
                        .hasSameClassAs(expected)
                        .hasMessage(expected.getMessage());
            }
            ByteArrayOutputStream released = new ByteArrayOutputStream();
            catchThrowable(() -> parallel.decrypt(new ByteArrayInputStream(changed), released, CONTEXT));
            assertThat(released.toByteArray()).isEqualTo(alone.toByteArray());
        }
    }

    /** A stream that says that nothing is at hand gets everything out before it is asked for more. */
    @Test
    void nothingIsHeldBackWhileTheSourceLetsTheCallerWait() throws IOException {
        EnvelopeCipher cipher =
                EnvelopeCipher.using(keychain).withParallelism(2).withExecutor(POOL);
        byte[] envelope = cipher.encrypt(new byte[64 * 65_504], CONTEXT);
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        int header = envelope.length - 64 * 65_536;
        InputStream source = new FilterInputStream(new ByteArrayInputStream(envelope)) {
            private long given;

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                long whole = Math.max(0, given - 1 - header) / 65_536;
                if (available() == 0) {
                    assertThat(sink.size()).isGreaterThanOrEqualTo((int) whole * 65_504);
                }
                int n = super.read(target, offset, Math.min(length, available() == 0 ? 30_000 : length));
                given += Math.max(0, n);
                return n;
            }

            /** Much at hand for a while, then nothing for a while. */
            @Override
            public int available() {
                return given / (10 * 65_536) % 2 == 0 ? 1 << 20 : 0;
            }
        };
        cipher.decrypt(source, sink, CONTEXT);
        assertThat(sink.size()).isEqualTo(64 * 65_504);
    }

    @Test
    void sourceAndSinkAreUsedByTheCallersThreadAlone() throws IOException {
        Thread caller = Thread.currentThread();
        EnvelopeCipher cipher =
                EnvelopeCipher.using(keychain).withParallelism(4).withExecutor(POOL);
        InputStream source = new ByteArrayInputStream(new byte[MOST_BYTES]) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                assertThat(Thread.currentThread()).isSameAs(caller);
                return super.read(target, offset, length);
            }
        };
        ByteArrayOutputStream sink = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                assertThat(Thread.currentThread()).isSameAs(caller);
                assertThat(length).isLessThanOrEqualTo(65_536);
                super.write(bytes, offset, length);
            }
        };
        cipher.encrypt(source, sink, CONTEXT);
        assertThat(cipher.decrypt(sink.toByteArray(), CONTEXT)).isEqualTo(new byte[MOST_BYTES]);
    }

    @Test
    void optionsHaveLimits() {
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        for (int threads : new int[] {-1, 0, 257}) {
            assertThatIllegalArgumentException().isThrownBy(() -> cipher.withParallelism(threads));
        }
        for (int segments : new int[] {-1, 0, 1025}) {
            assertThatIllegalArgumentException().isThrownBy(() -> cipher.withCachedSegments(segments));
        }
        cipher.withCachedSegments(1).withCachedSegments(1024);
    }

    private byte[] plaintext(int segmentLength) {
        int full = segmentLength - 32;
        int size = random.nextBoolean()
                ? random.nextInt(MOST_BYTES)
                : Math.max(0, random.nextInt(1 + MOST_BYTES / full) * full + random.nextInt(3) - 1);
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] changed(byte[] envelope, int payload) {
        int at = payload + random.nextInt(envelope.length - payload);
        byte[] changed = envelope.clone();
        switch (random.nextInt(5)) {
            case 0 -> changed[at] ^= 1;
            case 1 -> {
                changed[at] ^= 1;
                changed[payload + random.nextInt(envelope.length - payload)] ^= 1;
            }
            case 2 -> changed = Arrays.copyOf(envelope, at);
            case 3 -> changed = Arrays.copyOf(envelope, payload + random.nextInt(41) * 65_536);
            default -> changed = Arrays.copyOf(envelope, envelope.length + 1 + random.nextInt(70_000));
        }
        return Arrays.equals(changed, envelope) ? changed(envelope, payload) : changed;
    }

    private byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, int way) throws IOException {
        Path source = Files.write(folder.resolve("in"), plaintext);
        Path target = folder.resolve("out");
        if (way == 0) {
            cipher.encrypt(source, target, CONTEXT);
            return Files.readAllBytes(target);
        }
        if (way == 1) {
            try (FileChannel in = FileChannel.open(source);
                    FileChannel out = FileChannel.open(
                            target,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                cipher.encrypt(in, out, CONTEXT);
            }
            return Files.readAllBytes(target);
        }
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        cipher.encrypt(OddStreams.shortReads(plaintext, 300_000, random), sink, CONTEXT);
        return sink.toByteArray();
    }

    private byte[] decrypt(EnvelopeCipher cipher, byte[] envelope, int way) throws IOException {
        if (way == 0) {
            Path target = folder.resolve("out");
            cipher.decrypt(Files.write(folder.resolve("in"), envelope), target, CONTEXT);
            return Files.readAllBytes(target);
        }
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        if (way == 1) {
            cipher.decrypt(OddStreams.shortReads(envelope, 300_000, random), sink, CONTEXT);
        } else {
            cipher.decrypt(new ByteArrayInputStream(envelope), sink, CONTEXT);
        }
        return sink.toByteArray();
    }

    private static byte[] dekOf(byte[] envelope) throws IOException {
        try (DekLease lease = keychain.lease(
                EnvelopeHeader.read(new ByteArrayInputStream(envelope)).dekId(), Usage.ENVELOPES)) {
            return lease.withBytes(byte[]::clone);
        }
    }
}
