package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What callers do in the midst of a call: run what their executor was given, begin another call, ask to stop. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CallersThreadTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int LARGE = 5 << 20;

    @TempDir
    static Path folder;

    private static RecordingKeys keys;
    private static EnvelopeCipher unwatched;
    private static EnvelopeCipher cipher;
    private static byte[] plaintext;
    private static Path source;

    @BeforeAll
    static void setUp() throws IOException {
        EnvelopeKeys real = new KeychainKeys(TestTenant.in(folder).keychain("tenant-42"));
        unwatched = EnvelopeCipher.of(real);
        keys = new RecordingKeys(real);
        cipher = EnvelopeCipher.of(keys).withParallelism(3);
        plaintext = new byte[LARGE];
        new Random(1).nextBytes(plaintext);
        source = Files.write(folder.resolve("source"), plaintext);
    }

    /** As an event loop does: what it is given is done by its thread, in the midst of what that one does. */
    @Test
    void tasksOfTheExecutorAreRunByTheCallerMeanwhile() throws IOException {
        Queue<Runnable> loop = new ConcurrentLinkedQueue<>();
        EnvelopeCipher looping = cipher.withExecutor(loop::add).withProgress(more -> {
            for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
                task.run();
            }
        });
        Path target = folder.resolve("looping");
        looping.encrypt(source, target, CONTEXT);
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        looping.encrypt(new ByteArrayInputStream(plaintext), sealed, CONTEXT);
        ByteArrayOutputStream opened = new ByteArrayOutputStream();
        looping.decrypt(new ByteArrayInputStream(sealed.toByteArray()), opened, CONTEXT);
        assertThat(opened.toByteArray()).isEqualTo(plaintext);
        loop.forEach(Runnable::run); // Those that are late.
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @Test
    void aListenerBeginsAnotherCall() throws IOException {
        AtomicLong others = new AtomicLong();
        EnvelopeCipher nested = cipher.withProgress(more -> {
            byte[] other = unwatched.encrypt(new byte[100], CONTEXT);
            others.addAndGet(unwatched.decrypt(other, CONTEXT).length);
        });
        Path target = folder.resolve("nested");
        nested.encrypt(source, target, CONTEXT);
        assertThat(others.get()).isGreaterThan(1000);
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);
    }

    /** Whichever thread tells it, and however often: one exception, no target, and the caller's interrupt is not lost. */
    @Test
    void aListenerInterruptsWhoeverTellsIt() throws IOException {
        Path target = folder.resolve("interrupted");
        EnvelopeCipher interrupting =
                cipher.withProgress(more -> Thread.currentThread().interrupt());
        try {
            interrupting.encrypt(source, target, CONTEXT);
        } catch (ClosedByInterruptException e) {
            assertThat(Thread.interrupted()).isTrue();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("a worker was interrupted");
        }
        Thread.interrupted();
        assertThat(target).doesNotExist();
        try (var all = Files.list(folder)) {
            assertThat(all.filter(path -> path.toString().endsWith(".tmp"))).isEmpty();
        }
    }

    /** The interrupt comes when everything is done but the commit. */
    @Test
    void anInterruptWhileTheLastHelperIsWaitedForLeavesNoTarget() {
        AtomicLong done = new AtomicLong();
        Thread caller = Thread.currentThread();
        Path target = folder.resolve("late");
        EnvelopeCipher interrupting = cipher.withProgress(more -> {
            if (done.addAndGet(more) == LARGE) {
                caller.interrupt();
            }
        });
        assertThatExceptionOfType(ClosedByInterruptException.class)
                .isThrownBy(() -> interrupting.encrypt(source, target, CONTEXT));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(target).doesNotExist();
    }

    @Test
    void aSourceReadsThroughTheSameCipher() throws IOException {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        cipher.encrypt(new ByteArrayInputStream(plaintext), inner, CONTEXT);
        InputStream nested = new FilterInputStream(new ByteArrayInputStream(plaintext)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                try {
                    cipher.decrypt(inner.toByteArray(), EncryptionContext.of("object", "other"));
                } catch (io.keywrap.AuthenticationFailedException expected) {
                    return super.read(target, offset, length);
                }
                throw new UncheckedIOException(new IOException("another object was accepted"));
            }
        };
        ByteArrayOutputStream outer = new ByteArrayOutputStream();
        cipher.encrypt(nested, outer, CONTEXT);
        assertThat(cipher.decrypt(outer.toByteArray(), CONTEXT)).isEqualTo(plaintext);
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }
}
