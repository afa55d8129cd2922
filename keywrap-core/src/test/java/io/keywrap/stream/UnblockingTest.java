package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KekRevokedException;
import io.keywrap.provider.InFlight;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a thread is interrupted, and when what it waits in is closed, step by step. */
class UnblockingTest {
    @TempDir
    Path folder;

    private final Deque<Runnable> later = new ArrayDeque<>();
    private final Source source = new Source();
    private Revocation tenant;
    private OpenedEnvelope envelope;
    private Unblocking unblocking;
    private InputStream reading;

    @BeforeEach
    void setUp() {
        tenant = new Revocation(folder, InFlight.ABORT);
        envelope = OpenedEnvelope.create(
                new KeychainKeys(tenant.keychain),
                Revocation.CONTEXT,
                CipherOptions.ofDefaults().parameters());
        unblocking = new Unblocking(envelope, later::add);
        reading = unblocking.reading(source);
    }

    @AfterEach
    void close() {
        envelope.close();
        tenant.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    /** What happens while the thread of this test is inside. */
    private final class Source extends InputStream {
        Runnable inside = () -> {};
        int reads;
        boolean closed;
        boolean interrupted;

        @Override
        public int read() throws IOException {
            reads++;
            inside.run();
            interrupted = Thread.currentThread().isInterrupted();
            return 7;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private void end() {
        tenant.revoke();
        unblocking.end();
    }

    @Test
    void interruptsWhoIsInsideAndTakesItBack() {
        source.inside = this::end;
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(reading::read);
        assertThat(source.interrupted).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        later.remove().run();
        assertThat(source.closed).as("closed although it has let go").isFalse();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(reading::read);
    }

    @Test
    void closesWhatDoesNotLetGo() {
        source.inside = () -> {
            end();
            later.remove().run();
        };
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(reading::read);
        assertThat(source.closed).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void interruptsNobodyWhoIsOutside() throws IOException {
        assertThat(reading.read()).isEqualTo(7);
        end();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(later).isEmpty();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(reading::read);
        assertThat(source.reads).as("nothing is read after the end").isEqualTo(1);
    }

    @Test
    void leavesAnInterruptThatWasThereBefore() {
        source.inside = this::end;
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(reading::read);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void leavesOneThatHasNothingToDoWithAnEnd() throws IOException {
        source.inside = () -> Thread.currentThread().interrupt();
        assertThat(reading.read()).isEqualTo(7);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void doesNothingOnceTheEnvelopeIsClosed() throws IOException {
        source.inside = () -> {
            tenant.revoke();
            envelope.close();
            unblocking.end();
        };
        assertThat(reading.read()).isEqualTo(7);
        assertThat(source.interrupted).isFalse();
        assertThat(later).isEmpty();
    }

    /** Again and again, since the moment is short. */
    @Test
    void leavesNoInterruptBehindWhereTheEndComesAsTheCallBegins() throws Exception {
        tenant.revoke();
        AtomicReference<Unblocking> next = new AtomicReference<>();
        Thread ending = new Thread(() -> {
            Unblocking last = null;
            while (!Thread.currentThread().isInterrupted()) {
                Unblocking now = next.get();
                if (now != null && now != last) {
                    now.end();
                    last = now;
                }
            }
        });
        ending.start();
        int left = 0;
        for (int i = 0; i < 20_000; i++) {
            Unblocking one = new Unblocking(envelope, later -> {});
            next.set(one);
            try {
                while (true) {
                    one.enter(source);
                    one.leave();
                }
            } catch (KekRevokedException e) {
                left += Thread.interrupted() ? 1 : 0;
            }
        }
        ending.interrupt();
        ending.join();
        assertThat(left).isZero();
    }
}
