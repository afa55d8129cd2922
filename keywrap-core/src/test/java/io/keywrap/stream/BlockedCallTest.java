package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.keywrap.KekRevokedException;
import io.keywrap.provider.InFlight;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.Thread.State;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller who waits in its own source or sink when the KEK is revoked: it gets the reason, soon, and is as it was before. */
class BlockedCallTest {
    private static final int MORE = 200_000;

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private Revocation tenant;
    private byte[] envelope;

    @BeforeEach
    void setUp() {
        tenant = new Revocation(folder, InFlight.ABORT);
        envelope = tenant.cipher.encrypt(new byte[40 * 65_536], Revocation.CONTEXT);
    }

    @AfterEach
    void close() throws Exception {
        tenant.close();
        while (!open.isEmpty()) {
            open.remove().close();
        }
    }

    @Nested
    class WhoReads {
        @ParameterizedTest
        @EnumSource(Blocking.class)
        void fromAStreamThatGivesNothing(Blocking kind) throws Exception {
            InputStream source = kind.source(new byte[MORE], open);
            assertEnds(() -> tenant.cipher.encrypt(source, OutputStream.nullOutputStream(), Revocation.CONTEXT));
        }

        @ParameterizedTest
        @EnumSource(Blocking.class)
        void anEnvelopeThatStops(Blocking kind) throws Exception {
            InputStream source = kind.source(Arrays.copyOf(envelope, MORE), open);
            assertEnds(() -> tenant.cipher.decrypt(source, OutputStream.nullOutputStream(), Revocation.CONTEXT));
        }

        @ParameterizedTest
        @EnumSource(Blocking.class)
        void anEnvelopeThatStopsAsAStream(Blocking kind) throws Exception {
            InputStream source = kind.source(Arrays.copyOf(envelope, MORE), open);
            assertEnds(
                    () -> tenant.cipher.reader(source, Revocation.CONTEXT).transferTo(OutputStream.nullOutputStream()));
        }

        @Test
        void toAFileWhichThenIsNotThere() throws Exception {
            Path place = Files.createDirectory(folder.resolve("place"));
            InputStream source = Blocking.SOCKET.source(new byte[MORE], open);
            assertEnds(() -> tenant.cipher.encrypt(source, place.resolve("target"), Revocation.CONTEXT));
            InputStream part = Blocking.PIPE.source(Arrays.copyOf(envelope, MORE), open);
            tenant.enable();
            assertEnds(() -> tenant.cipher.decrypt(part, place.resolve("target"), Revocation.CONTEXT));
            assertThat(place).isEmptyDirectory();
        }

        @Test
        void aChannel() throws Exception {
            InputStream source = Blocking.SOCKET_CHANNEL.source(new byte[MORE], open);
            assertEnds(() -> tenant.cipher.encrypt(
                    Channels.newChannel(source),
                    Channels.newChannel(OutputStream.nullOutputStream()),
                    Revocation.CONTEXT));
        }

        @Test
        void aNamedPipeAsAFile() throws Exception {
            Path pipe = folder.resolve("pipe");
            assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                    .isZero();
            Path place = Files.createDirectory(folder.resolve("place"));
            Thread writer = new Thread(() -> {
                try {
                    OutputStream other = Files.newOutputStream(pipe);
                    other.write(new byte[MORE]);
                    synchronized (open) {
                        open.add(other);
                    }
                } catch (IOException e) {
                    // The reader is gone.
                }
            });
            writer.start();
            assertEnds(() -> tenant.cipher.encrypt(pipe, place.resolve("target"), Revocation.CONTEXT));
            writer.join();
            assertThat(place).isEmptyDirectory();
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void aRangeOfAnEnvelope(boolean again) throws Exception {
            InputStream silent = Blocking.QUEUE.source(new byte[0], open);
            boolean[] blocks = {false};
            EnvelopeView view = tenant.cipher.view(
                    (offset, length) -> {
                        if (blocks[0]) {
                            silent.read();
                        }
                        return Arrays.copyOfRange(envelope, (int) offset, (int) offset + length);
                    },
                    envelope.length,
                    Revocation.CONTEXT);
            EnvelopeView reading = again ? view.view() : view;
            blocks[0] = true;
            assertEnds(() -> reading.read(ByteBuffer.allocate(10)));
            AbortTest.eventually(() -> !view.isOpen()); // It may be told after the other one.
        }
    }

    @Nested
    class WhoWrites {
        @ParameterizedTest
        @EnumSource(Blocking.class)
        void toAStreamThatTakesNothing(Blocking kind) throws Exception {
            OutputStream sink = kind.sink(open);
            assertEnds(() -> tenant.cipher.encrypt(new Endless(), sink, Revocation.CONTEXT));
        }

        @ParameterizedTest
        @EnumSource(Blocking.class)
        void whatIsDecrypted(Blocking kind) throws Exception {
            byte[] large = tenant.cipher.encrypt(new byte[16 << 20], Revocation.CONTEXT);
            OutputStream sink = kind.sink(open);
            assertEnds(() -> tenant.cipher.decrypt(new ByteArrayInputStream(large), sink, Revocation.CONTEXT));
        }

        @ParameterizedTest
        @EnumSource(Blocking.class)
        void piecemeal(Blocking kind) throws Exception {
            OutputStream sink = kind.sink(open);
            assertEnds(() -> {
                try (EnvelopeWriter writer = tenant.cipher.writer(sink, Revocation.CONTEXT)) {
                    new Endless().transferTo(writer.stream());
                }
            });
        }
    }

    @Nested
    class AnInterrupt {
        @Test
        void thatWasThereBeforeIsLeft() throws Exception {
            InputStream source = Blocking.SOCKET.source(new byte[MORE], open);
            Call call =
                    new Call(() -> tenant.cipher.encrypt(source, OutputStream.nullOutputStream(), Revocation.CONTEXT));
            call.awaitBlocked();
            call.thread.interrupt();
            call.awaitBlocked();
            tenant.revoke();
            assertThat(call.failure()).isInstanceOf(KekRevokedException.class);
            assertThat(call.interruptedAfter).isTrue();
        }

        @Test
        void ofTheCallersAloneEndsTheCallAsEver() throws Exception {
            InputStream source = Blocking.QUEUE.source(new byte[MORE], open);
            Call call =
                    new Call(() -> tenant.cipher.encrypt(source, OutputStream.nullOutputStream(), Revocation.CONTEXT));
            call.awaitBlocked();
            call.thread.interrupt();
            assertThat(call.failure()).isInstanceOf(InterruptedIOException.class);
            assertThat(call.interruptedAfter).isTrue();
        }
    }

    private void assertEnds(Action action) throws Exception {
        Call call = new Call(action);
        call.awaitBlocked();
        tenant.revoke();
        Throwable failure = call.failure();
        assertThat(failure instanceof IOException ? failure.getCause() : failure)
                .isInstanceOf(KekRevokedException.class);
        assertThat(call.interruptedAfter).as("interrupted").isFalse();
    }

    private interface Action {
        void run() throws Exception;
    }

    /** Somebody at work. */
    private static final class Call {
        private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
        private final Thread thread;
        private volatile boolean interruptedAfter;

        Call(Action action) {
            thread = new Thread(() -> {
                Throwable failure = new AssertionError("it did not fail");
                try {
                    action.run();
                } catch (Exception e) {
                    failure = e;
                }
                interruptedAfter = Thread.currentThread().isInterrupted();
                ended.complete(failure);
            });
            thread.start();
        }

        /** Until it waits in a call of ours into its own streams; in the kernel no thread is seen to wait, but it stays there. */
        void awaitBlocked() {
            StackTraceElement[] before = {};
            for (int same = 0; same < 50; Thread.onSpinWait()) {
                StackTraceElement[] now = thread.getStackTrace();
                boolean inside = Stream.of(now).anyMatch(frame -> isCall(frame.toString()));
                boolean still = thread.getState() != State.TERMINATED && inside && Arrays.equals(now, before);
                same = still ? same + 1 : 0;
                before = now;
                if (ended.isDone()) {
                    fail("it ended before", ended.join());
                }
                Thread.yield();
            }
        }

        private static boolean isCall(String frame) {
            return frame.contains("Unblocking$") || frame.contains("EnvelopeView.fetched");
        }

        Throwable failure() throws InterruptedException, ExecutionException {
            try {
                Throwable failure = ended.get(30, TimeUnit.SECONDS);
                thread.join();
                return failure;
            } catch (TimeoutException e) {
                AssertionError hangs = new AssertionError("it goes on");
                hangs.setStackTrace(thread.getStackTrace());
                throw hangs;
            }
        }
    }

    private static final class Endless extends InputStream {
        @Override
        public int read() {
            return 0;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            return length;
        }

        @Override
        public int available() {
            return 1 << 20;
        }
    }
}
