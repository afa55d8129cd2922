package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors of callers: whatever they do, the caller goes on; and they are asked again after they have refused. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CallersExecutorTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int LARGE = 3 << 20;

    @TempDir
    static Path folder;

    private static EnvelopeCipher cipher;

    @BeforeAll
    static void setUp() {
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"));
    }

    /** Each of its threads would wait for ever for another one of them to end. */
    @Test
    void aPoolThatWaitsForRoomAndWhoseThreadsAreAllCallers() throws Exception {
        int threads = 3;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), (task, full) -> {
                    try {
                        full.getQueue().put(task);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        EnvelopeCipher inPool = cipher.withParallelism(4).withExecutor(pool);
        Path source = Files.write(folder.resolve("source"), new byte[LARGE]);
        CountDownLatch allAreIn = new CountDownLatch(threads);
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Path target = folder.resolve("target-" + i);
            calls.add(pool.submit(() -> {
                allAreIn.countDown();
                allAreIn.await();
                return inPool.encrypt(source, target, CONTEXT);
            }));
        }
        for (int i = 0; i < threads; i++) {
            calls.get(i).get();
            assertThat(cipher.decrypt(Files.readAllBytes(folder.resolve("target-" + i)), CONTEXT))
                    .isEqualTo(new byte[LARGE]);
        }
        pool.shutdownNow();
    }

    /** Otherwise one moment without a free thread would leave the rest of a terabyte to the caller. */
    @Test
    void oneThatHasRefusedAndDoneItItselfIsAskedAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        EnvelopeCipher patient = cipher.withParallelism(2).withExecutor(task -> {
            asked.incrementAndGet();
            task.run();
        });
        InputStream source = new InputStream() {
            @Override
            public int read() {
                return asked.get() < 5 ? 7 : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (asked.get() >= 5) {
                    return -1;
                }
                Arrays.fill(target, offset, offset + length, (byte) 7);
                return length;
            }

            @Override
            public int available() {
                return 1 << 20;
            }
        };
        patient.encrypt(source, OutputStream.nullOutputStream(), CONTEXT);
        assertThat(asked.get()).isGreaterThanOrEqualTo(5);
    }

    /** Some make a cipher for each object: a busy server would have thousands of idle threads. */
    @Test
    void theThreadThatOffersDoesNotStay() throws Exception {
        Path source = Files.write(folder.resolve("source"), new byte[LARGE]);
        for (int i = 0; i < 5; i++) {
            cipher.withParallelism(2).withExecutor(task -> {}).encrypt(source, folder.resolve("target"), CONTEXT);
        }
        long begun = System.nanoTime();
        while (someThreadOfOffersIsIdle()) {
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            Thread.onSpinWait();
        }
    }

    /** Those of other tests may be stuck in executors that block for ever. */
    private static boolean someThreadOfOffersIsIdle() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> entry.getKey().getName().startsWith("keywrap-offers-"))
                .anyMatch(entry -> Arrays.stream(entry.getValue())
                        .noneMatch(frame -> frame.getClassName().equals(Offers.class.getName())));
    }

    /** It has as many threads as it has, and none of ours. */
    @Test
    void oneThatDoesItItselfDoesNothing() throws Exception {
        Thread caller = Thread.currentThread();
        SteppedFiles files = new SteppedFiles();
        CountDownLatch itHasDoneIt = new CountDownLatch(1);
        files.listener(what -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            if (what.equals("read")) {
                assertThatCode(itHasDoneIt::await).doesNotThrowAnyException();
            }
        });
        Path source = Files.write(folder.resolve("source"), new byte[LARGE]);
        Path target = folder.resolve("target");
        EnvelopeCipher alone = cipher.withParallelism(4).withExecutor(task -> {
            task.run();
            itHasDoneIt.countDown();
        });
        alone.encrypt(files.path(source), files.path(target), CONTEXT);
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        cipher.decrypt(Files.newInputStream(target), back, CONTEXT);
        assertThat(back.toByteArray()).isEqualTo(new byte[LARGE]);
    }
}
