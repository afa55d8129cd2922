package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.floe.FloeParameters;
import io.keywrap.stream.OddStreams.Broken;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers of one file: a helper, who has its first batch, and the caller, who has the second one. */
class WorkersOfAFileTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final FloeParameters PARAMETERS = FloeParameters.ofSegmentLength(65_536);
    private static final int SEGMENTS = 32;
    private static final int IN_A_BATCH = 4;

    @TempDir
    static Path folder;

    private static EnvelopeKeys keys;
    private static EnvelopeCipher cipher;
    private static byte[] plaintext;
    private static Path plain;

    private final SteppedFiles files = new SteppedFiles();
    private final Thread caller = Thread.currentThread();
    private final CountDownLatch helperIsIn = new CountDownLatch(1);
    private final CyclicBarrier bothRead = new CyclicBarrier(2);
    private final AtomicLong done = new AtomicLong();
    private final Path target = folder.resolve("target");

    @BeforeAll
    static void setUp() throws IOException {
        keys = new KeychainKeys(TestTenant.in(folder).keychain("tenant-42"));
        cipher = EnvelopeCipher.of(keys);
        plaintext = new byte[SEGMENTS * (65_536 - 32) - 5];
        new Random(1).nextBytes(plaintext);
        plain = Files.write(folder.resolve("plain"), plaintext);
    }

    private Workers workers(int threads, Executor executor) {
        return new Workers(threads, executor, done::addAndGet);
    }

    /** The helper reads before the caller begins. */
    private Workers aHelperThatIsFirst() {
        return workers(2, task -> {
            new Thread(task).start();
            LateHelperTest.await(helperIsIn);
        });
    }

    private void encrypt(Path source, Workers workers) throws IOException {
        FileVerbs.encrypt(source, target, () -> OpenedEnvelope.create(keys, CONTEXT, PARAMETERS), workers);
    }

    /** What becomes of a call if both meet these at the same time, or read, where it is null. */
    private Throwable failing(@Nullable IOException ofHelper, @Nullable IOException ofCaller, Path source) {
        files.listener(what -> {
            boolean byCaller = caller.equals(Thread.currentThread());
            if (!what.equals("read") || byCaller && helperIsIn.getCount() > 0) { // Headers.
                return;
            }
            helperIsIn.countDown();
            SharedRefusalTest.awaitOther(bothRead);
            IOException failure = byCaller ? ofCaller : ofHelper;
            if (failure != null) {
                throw failure;
            }
        });
        Throwable failure = catchThrowable(() -> {
            if (source.equals(plain)) {
                encrypt(files.path(source), aHelperThatIsFirst());
            } else {
                FileVerbs.decrypt(
                        files.path(source),
                        target,
                        headers -> OpenedEnvelope.open(
                                keys, new ExpectedContext(CONTEXT, EnvelopeCipher.ContextMatch.EXACT), headers),
                        aHelperThatIsFirst());
            }
        });
        assertThat(target).doesNotExist();
        assertThat(bothRead.getNumberWaiting()).isZero();
        return failure;
    }

    @Test
    void theFirstFailureOfTheFileIsToldWithTheOther() {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        assertThat(failing(first, second, plain)).isSameAs(first).hasSuppressedException(second);
        assertThat(first.getSuppressed()).hasSize(1);
    }

    @Test
    void bothOfTwoBadSegmentsAreTold() throws IOException {
        byte[] envelope = cipher.encrypt(plaintext, CONTEXT);
        int payload = (int) (envelope.length - PARAMETERS.encryptedLength(plaintext.length));
        envelope[payload + 1000] ^= 1;
        envelope[payload + (IN_A_BATCH + 1) * 65_536 + 1000] ^= 1;
        Path changed = Files.write(folder.resolve("changed"), envelope);
        Throwable failure = failing(null, null, changed);
        assertThat(failure).isInstanceOf(AuthenticationFailedException.class).hasMessageStartingWith("segment 0 ");
        assertThat(failure.getSuppressed())
                .singleElement()
                .isInstanceOf(AuthenticationFailedException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .startsWith("segment " + (IN_A_BATCH + 1) + " ");
    }

    @Test
    void oneFailureOfBothIsToldOnce() {
        IOException failure = new Broken();
        assertThat(failing(failure, failure, plain)).isSameAs(failure).hasNoSuppressedExceptions();
    }

    @Test
    void aHandleThatTheOtherOneHasClosedIsNotTold() {
        IOException cause = new Broken();
        assertThat(failing(cause, new AsynchronousCloseException(), plain))
                .isSameAs(cause)
                .hasNoSuppressedExceptions();
    }

    @Test
    void aHandleThatTheOtherOneHasClosedIsNotToldEvenIfItsBatchIsTheFirst() {
        IOException cause = new Broken();
        assertThat(failing(new AsynchronousCloseException(), cause, plain))
                .isSameAs(cause)
                .hasNoSuppressedExceptions();
    }

    /** It would close the file of the caller, too. */
    @Test
    void aHelperWhomSomebodyLeftAnInterruptDoesNothing() throws IOException {
        files.listener(what -> assertThat(Thread.currentThread()).isSameAs(caller));
        encrypt(files.path(plain), workers(2, task -> {
            Thread helper = new Thread(() -> {
                Thread.currentThread().interrupt();
                task.run();
                helperIsIn.countDown();
            });
            helper.start();
            LateHelperTest.await(helperIsIn);
        }));
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);
    }

    @Test
    void whereNobodyCanBeCalledAnyMoreNothingIsDone() {
        List<Runnable> called = new ArrayList<>();
        Workers failing = workers(4, task -> {
            called.add(task);
            if (called.size() == 2) {
                throw new AssertionError("said by the test");
            }
        });
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> encrypt(plain, failing))
                .withMessage("said by the test");
        called.forEach(Runnable::run);
        assertThat(done).hasValue(0);
        assertThat(called).hasSize(2);
    }

    /** Channels may do so: other file systems have them. */
    @Test
    void aFileThatIsReadAndWrittenInSmallPartsIsTheSame() throws IOException {
        files.partBytes = 100_003;
        encrypt(files.path(plain), workers(1, task -> {}));
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);
        Path back = folder.resolve("back");
        cipher.withParallelism(1).decrypt(files.path(target), files.path(back), CONTEXT);
        assertThat(back).hasBinaryContent(plaintext);
        Files.delete(target);
    }
}
