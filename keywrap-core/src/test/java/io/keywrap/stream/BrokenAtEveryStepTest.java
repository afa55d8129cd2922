package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.stream.OddStreams.Broken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files, streams, workers, executors and leases that break at each step in turn: the call ends, with one clear exception,
 * and nothing is left of it: no target, no open file or lease, no thread at work, nothing in a buffer.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BrokenAtEveryStepTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int SEGMENTS = 24;

    @TempDir
    static Path folder;

    private static RecordingKeys keys;
    private static EnvelopeCipher keychains;
    private static byte[] plaintext;
    private static byte[] envelope;

    private final SteppedFiles files = new SteppedFiles();
    private final ThreadPoolExecutor pool = new ThreadPoolExecutor(0, 8, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
    private final AtomicInteger steps = new AtomicInteger();
    private Path work;
    private EnvelopeCipher cipher;

    @BeforeAll
    static void setUp() {
        keys = new RecordingKeys(new KeychainKeys(TestTenant.in(folder).keychain("tenant-42")));
        keychains = EnvelopeCipher.of(keys);
        plaintext = new byte[SEGMENTS * 65_504 + 7];
        new Random(1).nextBytes(plaintext);
        envelope = keychains.encrypt(plaintext, CONTEXT);
    }

    @BeforeEach
    void freshFolder() throws IOException {
        work = Files.createTempDirectory(folder, "work");
        cipher = keychains.withParallelism(3).withExecutor(pool);
    }

    @AfterEach
    void end() {
        pool.shutdownNow();
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatFails(Direction direction) throws Exception {
        int all = stepsOfAGoodRun(direction);
        int late = 0;
        for (int k = 1; k <= all; k++) {
            Throwable failure = failing(direction, k, () -> {
                throw new Broken();
            });
            assertThat(failure instanceof FileSystemException ? failure.getCause() : failure)
                    .as("step %d of %d", k, all)
                    .isInstanceOf(Broken.class);
            // The other two workers finish what they have begun, and begin nothing more.
            late += steps.get() > k + 2 * 2 + 2 ? 1 : 0;
        }
        // A machine that is busy may stop whoever has failed before he can say so; but not each time.
        assertThat(late).as("times that others went on for long, of %d", all).isLessThanOrEqualTo(all / 4);
    }

    @ParameterizedTest
    @EnumSource
    void aFileSystemWithAMistake(Direction direction) throws Exception {
        int all = stepsOfAGoodRun(direction);
        for (int k = 1; k <= all; k++) {
            assertThat(failing(direction, k, () -> {
                        throw new AssertionError("a mistake");
                    }))
                    .as("step %d of %d", k, all)
                    .hasMessage("a mistake");
        }
    }

    /** Whoever it hits: in the caller the interrupt ends the call and stays set, in a worker it is somebody's mistake. */
    @ParameterizedTest
    @EnumSource
    void anInterrupt(Direction direction) throws Exception {
        int all = stepsOfAGoodRun(direction);
        Thread caller = Thread.currentThread();
        boolean[] hitCaller = new boolean[1];
        for (int k = 1; k <= all; k++) {
            hitCaller[0] = false;
            Throwable failure = failing(direction, k, () -> {
                hitCaller[0] = caller.equals(Thread.currentThread());
                Thread.currentThread().interrupt();
            });
            boolean kept = Thread.interrupted();
            assertThat(kept).as("step %d", k).isEqualTo(hitCaller[0]);
            if (hitCaller[0]) {
                assertThat(failure).as("step %d", k).isInstanceOf(ClosedByInterruptException.class);
            } else {
                assertThat(failure)
                        .as("step %d", k)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("a worker was interrupted");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLeaseThatEnds(Direction direction) throws Exception {
        int all = stepsOfAGoodRun(direction);
        int ended = 0;
        for (int k = 1; k <= all; k++) {
            Throwable failure = failing(direction, k, () -> keys.leases.forEach(DekLease::close));
            if (failure != null) {
                assertThat(failure).as("step %d", k).isInstanceOf(IllegalStateException.class);
                ended++;
            }
        }
        assertThat(ended).isGreaterThan(SEGMENTS / 4);
    }

    @ParameterizedTest
    @EnumSource
    void anExecutorThatRefusesOrFails(Direction direction) throws Exception {
        for (int k = 1; k <= 2; k++) {
            assertThat(withExecutor(direction, k, new RejectedExecutionException()))
                    .isNull();
            assertThat(withExecutor(direction, k, new OutOfMemoryError("said by the test")))
                    .isNull();
            RuntimeException mistake = new IllegalArgumentException("a mistake");
            assertThat(withExecutor(direction, k, mistake)).isNull();
            assertThat(withExecutor(direction, k, new AssertionError("a mistake")))
                    .isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatFails(Direction direction) throws Exception {
        byte[] input = direction == Direction.ENCRYPT ? plaintext : envelope;
        int all = stepsOfAStream(direction, input, Integer.MAX_VALUE, null);
        assertThat(all).isGreaterThan(2 * SEGMENTS);
        for (int k = 1; k <= all; k++) {
            int at = k;
            Throwable failure = catchThrowable(() -> stepsOfAStream(direction, input, at, new Broken()));
            assertThat(failure).as("step %d of %d", k, all).isInstanceOf(Broken.class);
            assertNothingIsLeft();
            Throwable error = catchThrowable(() -> stepsOfAStream(direction, input, at, new AssertionError("odd")));
            assertThat(error).as("step %d of %d", k, all).hasMessage("odd");
            assertNothingIsLeft();
        }
    }

    @Test
    void anExecutorOfAStreamThatFails() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Executor counting = task -> {
            calls.incrementAndGet();
            pool.execute(task);
        };
        keychains
                .withParallelism(2)
                .withExecutor(counting)
                .encrypt(new ByteArrayInputStream(plaintext), OutputStream.nullOutputStream(), CONTEXT);
        for (int k = 1; k <= Math.max(1, calls.get()); k++) {
            AtomicInteger count = new AtomicInteger(k);
            Executor broken = task -> {
                if (count.decrementAndGet() == 0) {
                    throw new IllegalArgumentException("a mistake");
                }
                pool.execute(task);
            };
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            keychains
                    .withParallelism(2)
                    .withExecutor(broken)
                    .encrypt(new ByteArrayInputStream(plaintext), sink, CONTEXT);
            assertNothingIsLeft();
            assertThat(keychains.decrypt(sink.toByteArray(), CONTEXT)).isEqualTo(plaintext);
            keys.leases.clear();
        }
    }

    private Throwable withExecutor(Direction direction, int k, Throwable refusal) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        cipher = keychains.withParallelism(3).withExecutor(task -> {
            if (calls.incrementAndGet() == k) {
                throw Fully.unchecked(refusal);
            }
            pool.execute(task);
        });
        return failing(direction, Integer.MAX_VALUE, () -> {});
    }

    private int stepsOfAGoodRun(Direction direction) throws Exception {
        assertThat(failing(direction, Integer.MAX_VALUE, () -> {})).isNull();
        assertThat(steps.get()).isGreaterThan(SEGMENTS / 4 * 2);
        return steps.get();
    }

    /** Runs the verb of files, with something happening at its k-th step, and gives what it threw. */
    private Throwable failing(Direction direction, int k, Happening happening) throws Exception {
        Path source = Files.write(work.resolve("source"), direction == Direction.ENCRYPT ? plaintext : envelope);
        Path target = work.resolve("target");
        Files.deleteIfExists(target);
        steps.set(0);
        boolean[] moved = new boolean[1];
        files.listener(what -> {
            if (what.equals("attributes")) {
                return; // Whether a file is there may fail to be told; that is no step of its own.
            }
            moved[0] |= what.equals("moved");
            if (!moved[0] && steps.incrementAndGet() == k) {
                happening.happen();
            }
        });
        ThrowingCallable verb = direction == Direction.ENCRYPT
                ? () -> cipher.encrypt(files.path(source), files.path(target), CONTEXT)
                : () -> cipher.decrypt(files.path(source), files.path(target), CONTEXT);
        Throwable failure = catchThrowable(verb);
        boolean interrupted = Thread.interrupted();
        files.listener(what -> {});
        assertThat(files.handles).as("open files").isEmpty();
        assertWiped(files.buffers);
        // With its name the target is complete, even if the caller is interrupted before the folder is on disk, too.
        boolean done = failure == null || moved[0];
        try (Stream<Path> left = Files.list(work)) {
            assertThat(left.toList())
                    .as("step %d", k)
                    .containsExactlyInAnyOrderElementsOf(done ? List.of(source, target) : List.of(source));
        }
        if (done) {
            byte[] result = Files.readAllBytes(target);
            assertThat(direction == Direction.ENCRYPT ? keychains.decrypt(result, CONTEXT) : result)
                    .isEqualTo(plaintext);
        }
        assertNothingIsLeft();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return failure;
    }

    /** All but headers. */
    private static void assertWiped(Set<byte[]> buffers) {
        for (byte[] buffer : buffers) {
            if (buffer.length >= 65_504) {
                assertThat(Arrays.mismatch(buffer, new byte[buffer.length])).isEqualTo(-1);
            }
        }
        buffers.clear();
    }

    /** Moves a stream whose k-th step fails, and gives how many steps there were. */
    private int stepsOfAStream(Direction direction, byte[] input, int k, Throwable fault) throws IOException {
        steps.set(0);
        InputStream source = new FilterInputStream(new ByteArrayInputStream(input)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                step(k, fault);
                files.buffers.add(target);
                return super.read(target, offset, length);
            }
        };
        OutputStream sink = new FilterOutputStream(new ByteArrayOutputStream()) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                step(k, fault);
                files.buffers.add(bytes);
                out.write(bytes, offset, length);
            }

            @Override
            public void flush() throws IOException {
                step(k, fault);
            }
        };
        try {
            if (direction == Direction.ENCRYPT) {
                cipher.encrypt(source, sink, CONTEXT);
            } else {
                cipher.decrypt(source, sink, CONTEXT);
            }
            return steps.get();
        } finally {
            assertThat(files.buffers).hasSizeGreaterThan(k == Integer.MAX_VALUE ? 4 : -1);
            assertWiped(files.buffers);
        }
    }

    private void step(int k, Throwable fault) throws IOException {
        if (steps.incrementAndGet() == k) {
            if (fault instanceof IOException e) {
                throw e;
            }
            throw Fully.unchecked(fault);
        }
    }

    private void assertNothingIsLeft() {
        assertThat(keys.leases).allMatch(DekLease::isClosed);
        keys.leases.clear();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        int active = pool.getActiveCount();
        while (active > 0 && System.nanoTime() < until) {
            Thread.onSpinWait(); // The last lines of a worker whose work is done already, or who was called too late.
            active = pool.getActiveCount();
        }
        assertThat(active).as("threads at work").isZero();
    }

    /** What happens at a step. */
    private interface Happening {
        void happen() throws IOException;
    }
}
