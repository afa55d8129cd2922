package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeParameters;
import io.keywrap.stream.OddStreams.Broken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A helper that is slow: whoever called fails at once, but returns, and wipes the keys, only when the helper has left. */
@Timeout(60)
class LateHelperTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final byte[] PLAINTEXT = new byte[40 * 65_504];

    @TempDir
    Path folder;

    private final ExecutorService executor = Executors.newFixedThreadPool(1);
    private final CountDownLatch helperIsIn = new CountDownLatch(1);
    private final CountDownLatch helperMayGo = new CountDownLatch(1);
    private final SteppedFiles files = new SteppedFiles();
    private volatile Thread caller = Thread.currentThread();
    private volatile Runnable atCallersSegments = () -> {};
    private DekLease lease;
    private EnvelopeKeys keys;
    private EnvelopeCipher cipher;

    @BeforeEach
    void setUp() {
        EnvelopeKeys real = new KeychainKeys(TestTenant.in(folder).keychain("tenant-42"));
        keys = new EnvelopeKeys() {
            @Override
            public NewEnvelope forWriting() {
                NewEnvelope fresh = real.forWriting();
                return new NewEnvelope(watched(fresh.lease()), fresh.header());
            }

            @Override
            public DekLease forReading(EnvelopeHeader header) {
                return watched(real.forReading(header));
            }
        };
        cipher = EnvelopeCipher.of(keys).withParallelism(2).withExecutor(executor);
    }

    @AfterEach
    void end() {
        helperMayGo.countDown();
        executor.shutdownNow();
    }

    /** The same DEK, in a lease that keeps helpers waiting. */
    private DekLease watched(DekLease real) {
        Dek dek = real.withBytes(bytes -> Dek.takeOwnershipOf(real.dekId(), bytes.clone()));
        real.close();
        lease = DekLease.takeOwnershipOf(dek, () -> {
            if (!caller.equals(Thread.currentThread())) {
                helperIsIn.countDown();
                await(helperMayGo);
            } else {
                atCallersSegments.run();
            }
        });
        return lease;
    }

    /** The oldest batch is not done yet, but there are others. */
    @Test
    void theCallerGoesOnMeanwhile() throws Exception {
        atCallersSegments = () -> {
            if (helperIsIn.getCount() == 0) {
                helperMayGo.countDown();
            }
        };
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        cipher.encrypt(waitingForTheHelper(() -> {}), sealed, CONTEXT);
        assertThat(helperMayGo.getCount()).isZero();
        assertThat(cipher.decrypt(sealed.toByteArray(), CONTEXT)).isEqualTo(PLAINTEXT);
    }

    @Test
    void inAStream() throws Exception {
        InputStream source = waitingForTheHelper(() -> {
            throw new Broken();
        });
        assertWaitsForTheHelper(() -> cipher.encrypt(source, OutputStream.nullOutputStream(), CONTEXT));
    }

    /** A source that waits for the helper in its midst. */
    private InputStream waitingForTheHelper(Verb then) {
        return new FilterInputStream(new ByteArrayInputStream(PLAINTEXT)) {
            private int given;

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (given > 25 * 65_504) { // Some batches are offered by now.
                    await(helperIsIn);
                    then.run();
                }
                int n = super.read(target, offset, length);
                given += n;
                return n;
            }
        };
    }

    @Test
    void inAFile() throws Exception {
        Path source = Files.write(folder.resolve("source"), PLAINTEXT);
        AtomicInteger writes = new AtomicInteger();
        files.listener(what -> {
            boolean byCaller = what.equals("write") && caller.equals(Thread.currentThread());
            if (byCaller && writes.incrementAndGet() > 1) { // Not the headers.
                await(helperIsIn);
                throw new Broken();
            }
        });
        Path target = folder.resolve("target");
        assertWaitsForTheHelper(() -> cipher.encrypt(files.path(source), files.path(target), CONTEXT));
        assertThat(target).doesNotExist();
    }

    /** Such as no memory left for the next one to call. */
    @Test
    void whileTheCallerFailsToCallAnotherOne() throws Exception {
        Path source = Files.write(folder.resolve("source"), PLAINTEXT);
        Path target = folder.resolve("target");
        AtomicInteger calls = new AtomicInteger();
        Executor second = task -> {
            if (calls.incrementAndGet() == 2) {
                await(helperIsIn);
                throw LateHelperTest.<RuntimeException>undeclared(new Broken());
            }
            executor.execute(task);
        };
        Workers workers = new Workers(3, second, bytes -> {});
        FloeParameters parameters = FloeParameters.ofSegmentLength(65_536);
        assertWaitsForTheHelper(() ->
                FileVerbs.encrypt(source, target, () -> OpenedEnvelope.create(keys, CONTEXT, parameters), workers));
        assertThat(target).doesNotExist();
    }

    @Test
    void evenIfThereIsNoMemoryToWaitIn() {
        AtomicInteger attempts = new AtomicInteger();
        FutureTask<Void> helper = new FutureTask<>(() -> {}, null) {
            @Override
            public Void get() {
                if (attempts.incrementAndGet() == 3) {
                    run();
                }
                throw new OutOfMemoryError("said by the test");
            }
        };
        assertThat(Workers.outcome(helper)).isInstanceOf(OutOfMemoryError.class);
        assertThat(attempts).hasValue(3);
    }

    /** An exception that no method declares, as other languages throw them: a file that lacks a part never gets its name. */
    @Test
    void aHelperThatDiesOfSomethingUndeclaredFailsTheCall() throws Exception {
        Path source = Files.write(folder.resolve("source"), PLAINTEXT);
        AtomicInteger writes = new AtomicInteger();
        files.listener(what -> {
            if (!what.equals("write")) {
                return;
            }
            if (!caller.equals(Thread.currentThread())) {
                throw LateHelperTest.<RuntimeException>undeclared(new TimeoutException("said by the test"));
            }
            if (writes.incrementAndGet() > 1) { // Not the headers.
                await(helperIsIn);
            }
        });
        helperMayGo.countDown();
        Path target = folder.resolve("target");
        assertThatIllegalStateException()
                .isThrownBy(() -> cipher.encrypt(files.path(source), files.path(target), CONTEXT))
                .withCauseInstanceOf(TimeoutException.class);
        assertThat(target).doesNotExist();
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> E undeclared(Exception failure) throws E {
        throw (E) failure;
    }

    private void assertWaitsForTheHelper(Verb verb) throws InterruptedException {
        Throwable[] failure = new Throwable[1];
        Thread thread = new Thread(() -> failure[0] = catchThrowable(verb::run));
        caller = thread;
        thread.start();
        await(helperIsIn);
        while (thread.isAlive() && !isWaitingForAHelper(thread)) {
            Thread.onSpinWait();
        }
        assertThat(thread.isAlive()).as("waits for the helper").isTrue();
        assertThat(lease.isClosed()).isFalse();
        helperMayGo.countDown();
        thread.join();
        assertThat(failure[0] instanceof FileSystemException ? failure[0].getCause() : failure[0])
                .isInstanceOf(Broken.class);
        assertThat(lease.isClosed()).isTrue();
    }

    private static boolean isWaitingForAHelper(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(Workers.class.getName())
                        && frame.getMethodName().equals("outcome"));
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Any verb. */
    private interface Verb {
        void run() throws IOException;
    }
}
