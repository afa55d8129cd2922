package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.ManualTime;
import io.keywrap.TestTenant;
import io.keywrap.provider.InFlight;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Channels that are in the middle of something, or hang, when the KEK is revoked. */
class AbortedChannelTest {
    /** As many as are told at once that their lease has ended. */
    private static final int TELLERS = 64;

    @TempDir
    Path folder;

    private Revocation tenant;
    private RecordingKeys keys;
    private EnvelopeCipher cipher;
    private Path file;

    @BeforeEach
    void setUp() throws IOException {
        tenant = new Revocation(folder, InFlight.ABORT);
        keys = new RecordingKeys(new KeychainKeys(tenant.keychain));
        cipher = EnvelopeCipher.of(keys);
        file = Files.write(folder.resolve("envelope"), cipher.encrypt(new byte[200_000], Revocation.CONTEXT));
    }

    @AfterEach
    void close() {
        tenant.close();
    }

    @Test
    void oneThatHangsWhenItIsClosedKeepsNobodyFromHearingOfIt() throws Exception {
        CountDownLatch hanging = new CountDownLatch(TELLERS);
        CountDownLatch released = new CountDownLatch(1);
        Runnable hang = () -> {
            hanging.countDown();
            await(released);
        };
        try (DekLease other = tenant.lease()) {
            for (int i = 0; i < TELLERS + 10; i++) {
                SeekableByteChannel source = new OddChannel(FileChannel.open(file), () -> {}, hang);
                cipher.channel(source, Revocation.CONTEXT).read(ByteBuffer.allocate(10));
            }
            tenant.revoke();
            assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
            CountDownLatch told = new CountDownLatch(1);
            other.onEnd(told::countDown);
            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            AbortTest.eventually(() -> keys.leases.stream().allMatch(DekLease::isWiped));
            assertWhoWaitsIsInterrupted();
        } finally {
            released.countDown();
        }
    }

    private void assertWhoWaitsIsInterrupted() throws Exception {
        Path place = Files.createDirectory(folder.resolve("later"));
        try (Revocation later = new Revocation(place, InFlight.ABORT)) {
            InputStream source = Blocking.QUEUE.source(new byte[1000], new ArrayDeque<>());
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread waiting = new Thread(() -> outcome.complete(catchThrowable(
                    () -> later.cipher.encrypt(source, OutputStream.nullOutputStream(), Revocation.CONTEXT))));
            waiting.setDaemon(true);
            waiting.start();
            AbortTest.eventually(() -> waiting.getState() == Thread.State.WAITING);
            later.revoke();
            assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(KekRevokedException.class);
        }
    }

    /** Also if nobody has told it yet, since all who tell are held up. */
    @Test
    void oneThatFindsItOutByItselfSaysSoAlsoWhenItIsReadAgain() throws Exception {
        CountDownLatch hanging = new CountDownLatch(TELLERS);
        CountDownLatch released = new CountDownLatch(1);
        for (int i = 0; i < TELLERS; i++) {
            keys.forWriting().lease().onEnd(() -> {
                hanging.countDown();
                await(released);
            });
        }
        tenant.revoke();
        ManualTime time = new ManualTime();
        try (Revocation later = new Revocation(Files.createDirectory(folder.resolve("later")), InFlight.ABORT, time)) {
            assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
            Files.write(file, later.cipher.encrypt(new byte[200_000], Revocation.CONTEXT));
            EnvelopeView view = later.cipher.view(file, Revocation.CONTEXT);
            later.tenant.keks().disable(TestTenant.CUSTOMER);
            time.advance(Duration.ofHours(1)); // So that it has to be proven again.
            for (int i = 0; i < 3; i++) {
                assertThatIOException()
                        .isThrownBy(() -> view.read(ByteBuffer.allocate(10)))
                        .withCauseInstanceOf(KekRevokedException.class);
                assertThatIOException().isThrownBy(view::view).withCauseInstanceOf(KekRevokedException.class);
            }
            assertThat(view.isOpen()).isFalse();
        } finally {
            released.countDown();
            keys.leases.forEach(DekLease::close);
        }
    }

    @Test
    void oneIsNotOpenAnyMoreWhenItsKeysAreWiped() throws IOException {
        keys.leases.clear();
        EnvelopeView view = cipher.view(file, Revocation.CONTEXT);
        AtomicBoolean open = new AtomicBoolean(true);
        keys.leases.get(0).onClose(() -> open.set(view.isOpen()));
        view.close();
        assertThat(open).isFalse();
        assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
    }

    @Test
    void oneThatIsJustBeingOpenedIsWipedByWhoeverOpensIt() throws IOException {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicLong reads = new AtomicLong();
        AtomicBoolean wiped = new AtomicBoolean();
        keys.leases.clear();
        Runnable revoke = () -> {
            if (reads.incrementAndGet() == 2) { // Behind the header: the end of the envelope.
                tenant.revoke();
                await(closed);
                wiped.set(keys.leases.stream().anyMatch(DekLease::isClosed));
            }
        };
        SeekableByteChannel source = new OddChannel(FileChannel.open(file), revoke, closed::countDown);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> cipher.channel(source, Revocation.CONTEXT));
        assertThat(reads).hasValue(2);
        assertThat(wiped).as("while it was read").isFalse();
        assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
        assertThat(Thread.interrupted()).isFalse();
    }

    private static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A file that does more than it should when it is read or closed. */
    private record OddChannel(FileChannel file, Runnable reading, Runnable closing) implements SeekableByteChannel {
        @Override
        public int read(ByteBuffer target) throws IOException {
            reading.run();
            return file.read(target);
        }

        @Override
        public int write(ByteBuffer bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public SeekableByteChannel position(long next) throws IOException {
            file.position(next);
            return this;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public SeekableByteChannel truncate(long length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() throws IOException {
            closing.run();
            file.close();
        }
    }
}
