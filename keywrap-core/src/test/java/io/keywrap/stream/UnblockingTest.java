package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KekRevokedException;
import io.keywrap.provider.InFlight;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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
        unblocking = new Unblocking(envelope, Runnable::run, later::add);
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
    void whatIsWrittenIsInsideAsWellAndWhatIsAtHandIsToldAsItIs() throws IOException {
        OutputStream sink = new OutputStream() {
            @Override
            public void write(int single) {
                assertThat(single).isEqualTo(7);
                end();
            }
        };
        assertThat(unblocking.reading(new ByteArrayInputStream(new byte[5])).available())
                .isEqualTo(5);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> unblocking.writing(sink).write(7));
        assertThat(unblocking.why()).isInstanceOf(KekRevokedException.class);
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

    @Test
    void anErrorInsideIsThrownAsItIs() {
        StackOverflowError error = new StackOverflowError("in the caller's stream");
        source.inside = () -> {
            end();
            throw error;
        };
        assertThatExceptionOfType(StackOverflowError.class)
                .isThrownBy(reading::read)
                .isSameAs(error);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(reading::read);
    }

    @Test
    void isInterruptedAlsoWhereThereIsNoRoomForAnotherThread() {
        unblocking = new Unblocking(
                envelope,
                action -> {
                    throw new OutOfMemoryError("unable to create native thread");
                },
                later::add);
        source.inside = this::end;
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(unblocking.reading(source)::read);
        assertThat(source.interrupted).isTrue();
    }

    @Test
    void aFailureThatHasNothingToDoWithAnEndPasses() {
        source.inside = () -> {
            throw new UncheckedIOException(new IOException("of the source"));
        };
        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(reading::read);
    }

    /** As a channel may on a file server that is gone: to interrupt who waits in it closes it. */
    @Test
    void aChannelThatHangsWhileItIsInterruptedHoldsUpNothingElse() throws Exception {
        CountDownLatch closing = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        HangingChannel channel = new HangingChannel(closing, released);
        tenant.revoke();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try {
                unblocking.reading(ChannelStreams.from(channel)).read();
            } catch (IOException | RuntimeException e) {
                failure.complete(e);
            }
        });
        reader.start();
        channel.entered.await();
        Thread ending = new Thread(unblocking::end);
        ending.start();
        try {
            closing.await();
            assertThat(later).as("to be closed when it does not let go").hasSize(1);
            assertThatExceptionOfType(ExecutionException.class)
                    .as("nobody else is kept by a lock")
                    .isThrownBy(() ->
                            CompletableFuture.supplyAsync(this::readUnchecked).get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(KekRevokedException.class);
        } finally {
            released.countDown();
        }
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(KekRevokedException.class);
        ending.join();
        reader.join();
    }

    private int readUnchecked() {
        try {
            return reading.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class HangingChannel extends AbstractInterruptibleChannel implements ReadableByteChannel {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch closing;
        private final CountDownLatch released;

        HangingChannel(CountDownLatch closing, CountDownLatch released) {
            this.closing = closing;
            this.released = released;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            begin();
            try {
                entered.countDown();
                while (released.getCount() > 0) {
                    Thread.onSpinWait(); // Until it is really closed.
                }
                return -1;
            } finally {
                end(false);
            }
        }

        @Override
        protected void implCloseChannel() {
            closing.countDown();
            boolean interrupted = false;
            while (released.getCount() > 0) {
                try {
                    released.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Its own, which is not told apart, but must not be taken for ours that is still to come. */
    @Test
    void leavesNoInterruptBehindWhereAnotherOneComesFirst() throws Exception {
        CountDownLatch begun = waitsUntilItIsInterrupted();
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        CompletableFuture<Thread> ours = new CompletableFuture<>();
        Thread reader =
                new Thread(() -> {
                    try {
                        reading.read();
                    } catch (IOException | KekRevokedException e) {
                        ours.join(); // Whenever it comes.
                        left.complete(Thread.interrupted());
                    }
                }) {
                    @Override
                    public void interrupt() {
                        super.interrupt(); // Somebody else's, who is quicker.
                        if (Thread.currentThread() == this) {
                            return;
                        }
                        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
                        while (System.nanoTime() - until < 0) {
                            Thread.onSpinWait();
                        }
                        super.interrupt();
                        ours.complete(Thread.currentThread());
                    }
                };
        reader.start();
        begun.await();
        end();
        assertThat(left.get(10, TimeUnit.SECONDS)).isFalse();
        reader.join();
    }

    private CountDownLatch waitsUntilItIsInterrupted() {
        CountDownLatch begun = new CountDownLatch(1);
        source.inside = () -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        return begun;
    }

    /** Such as one that closes something besides: whoever has its mark has left, and waits for it for a second. */
    @Test
    void anInterruptThatHangsKeepsNobodyWhoHasLeft() throws Exception {
        CountDownLatch begun = waitsUntilItIsInterrupted();
        CountDownLatch released = new CountDownLatch(1);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread reader =
                new Thread(() -> {
                    try {
                        reading.read();
                    } catch (IOException | KekRevokedException e) {
                        failure.complete(e);
                    }
                }) {
                    @Override
                    public void interrupt() {
                        super.interrupt();
                        while (Thread.currentThread() != this && released.getCount() > 0) {
                            Thread.onSpinWait();
                        }
                    }
                };
        reader.start();
        begun.await();
        Thread ending = new Thread(this::end);
        ending.start();
        try {
            assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(KekRevokedException.class);
        } finally {
            released.countDown();
        }
        ending.join();
        reader.join();
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
            Unblocking one = new Unblocking(envelope, Runnable::run, later -> {});
            next.set(one);
            try {
                while (true) {
                    one.within(source, () -> 7);
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
