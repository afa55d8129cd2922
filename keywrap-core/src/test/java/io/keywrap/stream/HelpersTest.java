package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.floe.FloeParameters;
import io.keywrap.stream.Workers.Crew;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many helpers are asked, and when: no more than a call may have, none that has nothing to do, and again. */
class HelpersTest {
    private static final int FULL = 65_536 - 32;
    private static final FloeParameters PARAMETERS = FloeParameters.ofSegmentLength(65_536);

    @TempDir
    static Path folder;

    private static EnvelopeKeys keys;

    /** Tasks of helpers who were asked and have not come yet. */
    private final List<Runnable> asked = new ArrayList<>();

    @BeforeAll
    static void setUp() {
        keys = new KeychainKeys(TestTenant.in(folder).keychain("tenant-42"));
    }

    private static Workers workers(int threads, Executor executor) {
        return new Workers(threads, executor, bytes -> {});
    }

    private static void encrypt(InputStream source, Workers workers) throws IOException {
        try (OpenedEnvelope envelope = envelope()) {
            StreamEngine.encrypt(envelope, source, OutputStream.nullOutputStream(), workers);
        }
    }

    private static OpenedEnvelope envelope() {
        return OpenedEnvelope.create(keys, EncryptionContext.empty(), PARAMETERS);
    }

    @Test
    void aStreamAsksThemWhenSixteenSegmentsAreOutAndMoreIsAtHandThanTheNextOne() throws IOException {
        encrypt(new ByteArrayInputStream(new byte[17 * FULL + 1]), workers(3, asked::add));
        assertThat(asked).isEmpty();
        encrypt(new ByteArrayInputStream(new byte[17 * FULL + 2]), workers(3, asked::add));
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1", "3, 2"})
    void aStreamAsksNoMoreThanItMay(int threads, int helpers) throws IOException {
        encrypt(new ByteArrayInputStream(new byte[80 * FULL]), workers(threads, asked::add));
        assertThat(asked).hasSize(helpers);
    }

    /** The caller would wait for them at once. */
    @Test
    void aStreamAsksNobodyForWhatTricklesIn() throws IOException {
        int[] before = new int[1];
        InputStream source = new InputStream() {
            private int given;

            @Override
            public int read() {
                throw new AssertionError("read in bulk");
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                given += length;
                return given > 60 * FULL ? -1 : length;
            }

            @Override
            public int available() {
                if (given < 30 * FULL) {
                    before[0] = asked.size();
                    return 1 << 20;
                }
                return 0;
            }
        };
        encrypt(source, workers(2, task -> {
            asked.add(task);
            throw new RejectedExecutionException("full");
        }));
        assertThat(before[0]).isPositive();
        assertThat(asked.size() - before[0])
                .as("for what was at hand, and for the end")
                .isLessThanOrEqualTo(2);
    }

    /** Four segments are a batch, and the caller does one itself. */
    @ParameterizedTest
    @CsvSource({"3, 48, 2", "16, 17, 4", "16, 20, 4", "16, 21, 5", "1, 21, 0"})
    void aFileAsksNoMoreThanItMayAndHasBatchesFor(int threads, int segments, int helpers) throws IOException {
        Path source = Files.write(folder.resolve("source"), new byte[segments * FULL]);
        FileVerbs.encrypt(source, folder.resolve("target"), HelpersTest::envelope, workers(threads, asked::add));
        assertThat(asked).hasSize(helpers);
    }

    @Test
    void whoeverHasRefusedIsAskedAgain() {
        List<Throwable> refusals =
                List.of(new RejectedExecutionException("full"), new OutOfMemoryError("no threads (said by the test)"));
        for (Throwable refusal : refusals) {
            asked.clear();
            Crew crew = new Crew(workers(2, task -> {
                asked.add(task);
                throw Fully.unchecked(refusal);
            }));
            for (int i = 0; i < 3; i++) {
                crew.offer(new FutureTask<>(() -> {}, null));
            }
            assertThat(asked).hasSize(3);
        }
    }

    /** As where an executor runs a task twice, or says after it has run that it refuses it. */
    @Test
    void oneThatComesTwiceIsOne() {
        Crew crew = new Crew(workers(2, asked::add));
        FutureTask<?> first = new FutureTask<>(() -> {}, null);
        crew.offer(first);
        for (int i = 0; i < 2; i++) {
            asked.get(0).run();
            ((Workers.Offer) asked.get(0)).refused();
        }
        assertThat(first).isDone();
        for (int i = 0; i < 3; i++) {
            crew.offer(new FutureTask<>(() -> {}, null));
        }
        assertThat(asked).hasSize(2);
    }

    @Test
    void upTo256WorkOnOneObject() {
        assertThat(workers(256, asked::add).helpers()).isEqualTo(255);
    }

    @Test
    void anInterruptWhileTheyAreWaitedForIsKept() {
        FutureTask<Void> helper = new FutureTask<>(() -> {}, null) {
            private boolean waitedFor;

            @Override
            public Void get() throws InterruptedException {
                if (!waitedFor) {
                    waitedFor = true;
                    throw new InterruptedException("said by the test");
                }
                return null;
            }
        };
        assertThat(Workers.outcome(helper)).isNull();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Workers.outcome(helper)).isNull();
        assertThat(Thread.interrupted()).isFalse();
    }
}
