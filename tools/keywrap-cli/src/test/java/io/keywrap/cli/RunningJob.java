package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A backup or a restore that has done its first part, and waits for the test before it goes on. */
final class RunningJob implements AutoCloseable {
    static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");
    /** Some segments. */
    static final byte[] DATA = "id,name\n1,acme\n".repeat(20_000).getBytes(StandardCharsets.UTF_8);

    private static final long HANG_SECONDS = 30;
    private static final int FIRST_PART = 100_000;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final ByteArrayOutputStream made = new ByteArrayOutputStream();
    private final CompletableFuture<Void> job;

    private RunningJob(Work work) throws InterruptedException {
        job = CompletableFuture.runAsync(
                () -> {
                    try {
                        work.with(this);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> new Thread(task, "job").start());
        assertThat(begun.await(HANG_SECONDS, TimeUnit.SECONDS))
                .as("begun: %s", job)
                .isTrue();
    }

    static RunningJob backup(EnvelopeCipher cipher) throws InterruptedException {
        return new RunningJob(job -> cipher.encrypt(job.source(), job.made, OBJECT));
    }

    static RunningJob restore(EnvelopeCipher cipher, byte[] backup) throws InterruptedException {
        return new RunningJob(job -> cipher.decrypt(new ByteArrayInputStream(backup), job.sink(), OBJECT));
    }

    private InputStream source() {
        return new InputStream() {
            private int given;

            @Override
            public int read() {
                throw new AssertionError("one byte is never asked for");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (given >= FIRST_PART) {
                    waitForTheTest();
                }
                int most = Math.min(length, DATA.length - given);
                System.arraycopy(DATA, given, into, offset, most);
                given += most;
                return most == 0 ? -1 : most;
            }
        };
    }

    private OutputStream sink() {
        return new OutputStream() {
            @Override
            public void write(int single) throws IOException {
                write(new byte[] {(byte) single}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                made.write(bytes, offset, length);
                waitForTheTest();
            }
        };
    }

    private void waitForTheTest() throws InterruptedIOException {
        begun.countDown();
        try {
            goOn.await();
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    boolean isRunning() {
        return !job.isDone();
    }

    /** What it has written once it may go on and has ended well. */
    byte[] finished() throws Exception {
        goOn.countDown();
        job.get(HANG_SECONDS, TimeUnit.SECONDS);
        return made.toByteArray();
    }

    /** How it was ended, although nobody has let it go on. */
    KekRevokedException aborted() {
        ExecutionException end =
                catchThrowableOfType(ExecutionException.class, () -> job.get(HANG_SECONDS, TimeUnit.SECONDS));
        assertThat(end).as("the end of the job").isNotNull().hasCauseInstanceOf(KekRevokedException.class);
        assertThat(made.size()).as("what it has written").isLessThan(DATA.length);
        return (KekRevokedException) end.getCause();
    }

    static void assertIsTheData(byte[] restored) {
        assertThat(Arrays.equals(restored, DATA)).as("restored as it was").isTrue();
    }

    @Override
    public void close() {
        goOn.countDown();
    }

    private interface Work {
        void with(RunningJob job) throws IOException;
    }
}
