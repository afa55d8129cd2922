package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.ManualTime;
import io.keywrap.TimeSource;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekState;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A customer types the word while a backup runs: it ends here at once, and in other JVMs within the poll interval. */
class ByokRevocationTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a.csv");
    private static final byte[] DATA = "id,name\n1,acme\n".repeat(20_000).getBytes(UTF_8);
    private static final long HANG_SECONDS = 30;

    @TempDir
    Path folder;

    /** Each JVM's clock is moved by itself, so that none hears of anything because the other's has moved. */
    private final ManualTime time = new ManualTime();

    private Product portal;
    private Product worker;
    private EnvelopeCipher cipher;
    private byte[] earlier;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        portal = new Product(folder);
        worker = new Product(folder, time, options -> options.refusalsFor(Duration.ZERO));
        portal.roll(1);
        cipher = EnvelopeCipher.using(worker.newKeychain("tenant-42"));
        earlier = cipher.encrypt(DATA, CONTEXT);
        target = Files.createDirectory(folder.resolve("place")).resolve("backup");
    }

    @AfterEach
    void close() {
        worker.close();
        portal.close();
    }

    /** A backup whose source goes on for ever, about as fast as a slow network: it must not fill the disk before it is aborted. */
    private CompletableFuture<Void> backup() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("one byte is never asked for");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                begun.countDown();
                if (Thread.interrupted()) {
                    throw new InterruptedIOException();
                }
                LockSupport.parkNanos(1_000_000); // Not if it was interrupted meanwhile.
                return Math.min(length, 1000);
            }
        };
        CompletableFuture<Void> job = CompletableFuture.runAsync(
                () -> {
                    try {
                        cipher.encrypt(endless, target, CONTEXT);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> new Thread(task, "backup").start());
        assertThat(begun.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();
        return job;
    }

    private void assertAborted(CompletableFuture<Void> job) {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> job.get(HANG_SECONDS, TimeUnit.SECONDS))
                .withCauseInstanceOf(KekRevokedException.class);
        assertThat(target.getParent()).isEmptyDirectory();
        assertThat(stateAtTheWorker()).isEqualTo(KekState.REVOKED);
    }

    private KekState stateAtTheWorker() {
        return worker.providers
                .states()
                .of(ByokKms.kekId(SLOT), "1", Operation.UNWRAP)
                .orElseThrow()
                .state();
    }

    @Test
    void aBackupInAnotherJvmIsAbortedWithinThePollInterval() throws Exception {
        worker.byok.step();
        CompletableFuture<Void> job = backup();
        portal.revoke();
        time.advance(ByokKms.POLL.minusSeconds(1));
        assertThat(worker.byok.step()).isEqualTo(Duration.ofSeconds(1));
        assertThat(job).isNotDone();
        time.advance(Duration.ofSeconds(1));
        worker.byok.step();
        assertAborted(job);
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> cipher.encrypt(DATA, CONTEXT));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> cipher.decrypt(earlier, CONTEXT));
    }

    @Test
    void nobodyHasToAskForIt() throws Exception {
        CompletableFuture<Void> job = backup();
        portal.revoke();
        time.advance(ByokKms.POLL);
        assertAborted(job);
    }

    @Test
    void aBackupOfTheSameJvmIsAbortedAtOnce() throws Exception {
        CompletableFuture<Void> job = backup();
        worker.revoke();
        assertAborted(job);
    }

    @Test
    void theSameKeyGivesAccessToOldDataWithoutARestart() throws Exception {
        CompletableFuture<Void> job = backup();
        worker.revoke();
        assertAborted(job);
        portal.restore(1);
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertThat(stateAtTheWorker()).isEqualTo(KekState.ACTIVE);
        assertThat(cipher.decrypt(earlier, CONTEXT)).isEqualTo(DATA);
        assertThat(cipher.decrypt(cipher.encrypt(DATA, CONTEXT), CONTEXT)).isEqualTo(DATA);
    }

    /** Last heard: the slot is revoked. It has been restored and used since, and is revoked again. */
    @Test
    void aSecondRevocationIsNoticedAlsoIfNobodyHasLookedSinceTheFirst() throws Exception {
        portal.revoke();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertThat(stateAtTheWorker()).isEqualTo(KekState.REVOKED);
        portal.restore(1);
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<Void> job = backup();
        portal.revoke();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertAborted(job);
    }

    /** The slot is used again at the very moment in which it is let go of for want of use. */
    @Test
    void aSlotThatIsUsedAgainIsLookedAtAgain() throws Exception {
        AtomicBoolean armed = new AtomicBoolean();
        worker.close();
        worker = new Product(
                folder,
                new TimeSource() {
                    @Override
                    public long nanoTime() {
                        long now = time.nanoTime();
                        if (isAskedByTheWatch() && armed.getAndSet(false)) {
                            time.advance(ByokKms.POLL);
                            worker.byok.step();
                        }
                        return now;
                    }

                    @Override
                    public Instant now() {
                        return time.now();
                    }

                    @Override
                    public void sleep(Duration duration) throws InterruptedException {
                        time.sleep(duration);
                    }
                },
                options -> options.refusalsFor(Duration.ZERO));
        cipher = EnvelopeCipher.using(worker.keychains().open("tenant-42"));
        assertThat(cipher.decrypt(earlier, CONTEXT)).isEqualTo(DATA);
        time.advance(Duration.ofHours(26));
        armed.set(true);
        CompletableFuture<Void> job = backup();
        assertThat(armed).isFalse();
        portal.revoke();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertAborted(job);
    }

    /** The portal has revoked and restored before this JVM has looked again: what ran meanwhile has run on a revoked key. */
    @Test
    void aRevocationThatIsOverBeforeTheNextLookAbortsWorkToo() throws Exception {
        CompletableFuture<Void> job = backup();
        portal.revoke();
        portal.restore(1);
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> job.get(HANG_SECONDS, TimeUnit.SECONDS))
                .withCauseInstanceOf(KekRevokedException.class)
                .withMessageContaining("has given access back since");
        time.advance(Duration.ofSeconds(1));
        assertThat(cipher.decrypt(earlier, CONTEXT)).isEqualTo(DATA);
        assertThat(stateAtTheWorker()).isEqualTo(KekState.ACTIVE);

        Files.delete(target.getParent());
        Files.createDirectory(target.getParent());
        CompletableFuture<Void> next = backup();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        portal.revoke();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertAbortedByTheLast(next);
    }

    /** The store is away when it is to be told: it is told later. */
    @Test
    void aRevocationThatIsOverIsToldOnceTheStoreAnswers() throws Exception {
        CompletableFuture<Void> job = backup();
        portal.revoke();
        portal.restore(1);
        worker.notes.awayAfter = 1; // For the canary, not for the look.
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertThat(job).isNotDone();
        worker.notes.away = false;
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> job.get(HANG_SECONDS, TimeUnit.SECONDS))
                .withCauseInstanceOf(KekRevokedException.class);
    }

    @Test
    void workThatWasBegunAfterTheRestorationGoesOn() throws Exception {
        worker.byok.step();
        portal.revoke();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        portal.restore(1);
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<Void> job = backup();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        worker.revoke();
        assertAbortedByTheLast(job);
    }

    private void assertAbortedByTheLast(CompletableFuture<Void> job) {
        assertAborted(job);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(job::get)
                .satisfies(failure -> assertThat(failure.getCause()).hasMessageNotContaining("has given access back"));
    }

    private static boolean isAskedByTheWatch() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getClassName().equals(SlotWatch.class.getName())
                        && frame.getMethodName().equals("used")));
    }

    /** Nobody else would hear of it for as long as this JVM runs. */
    @Test
    void anErrorDoesNotEndTheLookingAtSlots() throws Exception {
        CompletableFuture<Void> job = backup();
        worker.notes.broken = new NoClassDefFoundError("a class of a client");
        time.advance(ByokKms.POLL);
        assertThat(worker.notes.broke.await(30, TimeUnit.SECONDS)).isTrue();
        portal.revoke();
        time.advance(ByokKms.POLL);
        assertAborted(job);
    }

    @Test
    void aStoreThatIsAwayHoldsTheNewsUp() throws Exception {
        CompletableFuture<Void> job = backup();
        portal.revoke();
        worker.notes.away = true;
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertThat(job).isNotDone();
        assertThat(stateAtTheWorker()).isEqualTo(KekState.ACTIVE);
        worker.notes.away = false;
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertAborted(job);
    }

    @Test
    void archivingDisturbsNoBackup() throws Exception {
        CompletableFuture<Void> job = backup();
        portal.roll(2);
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertThat(job).isNotDone();
        assertThat(cipher.decrypt(earlier, CONTEXT)).isEqualTo(DATA);
        assertThat(worker.newKeychain("another")
                        .record()
                        .deks()
                        .get(0)
                        .wraps()
                        .get(0)
                        .wrapped()
                        .kekVersion())
                .isEqualTo("2");
        portal.revoke();
        time.advance(ByokKms.POLL);
        worker.byok.step();
        assertAborted(job);
    }

    @Test
    void aSlotThatIsInUseNoMoreIsNotLookedAt() throws Exception {
        time.advance(Duration.ofHours(26));
        worker.byok.step();
        worker.notes.away = true;
        time.advance(ByokKms.POLL);
        assertThat(worker.byok.step()).isEqualTo(ByokKms.POLL);
        worker.notes.away = false;
        assertThat(cipher.decrypt(earlier, CONTEXT)).isEqualTo(DATA);
    }
}
