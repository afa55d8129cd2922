package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What {@link VirtualThreadsTest} runs; at the end no lease is open, no file, and no virtual thread is left. */
final class VirtualThreadScenario {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int CALLERS = 1000;
    private static final int LARGE = 3 << 20;

    private final Path folder;
    private final ExecutorService virtual;
    private final AtomicInteger openLeases = new AtomicInteger();
    private final EnvelopeCipher cipher;

    private VirtualThreadScenario(Path folder) throws ReflectiveOperationException {
        this.folder = folder;
        this.virtual = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        TestTenant.in(folder).keychain("tenant-42");
        // With nothing in its cache yet, so that the first callers all ask for the KEK.
        Keychain keychain = TestTenant.in(folder).keychains().open("tenant-42");
        this.cipher = EnvelopeCipher.of(counted(new KeychainKeys(keychain)));
    }

    private EnvelopeKeys counted(EnvelopeKeys keys) {
        return new EnvelopeKeys() {
            @Override
            public NewEnvelope forWriting() {
                NewEnvelope fresh = keys.forWriting();
                count(fresh.lease());
                return fresh;
            }

            @Override
            public DekLease forReading(EnvelopeHeader header) {
                return count(keys.forReading(header));
            }
        };
    }

    private DekLease count(DekLease lease) {
        openLeases.incrementAndGet();
        lease.onClose(openLeases::decrementAndGet);
        return lease;
    }

    public static void main(String[] arguments) throws Exception {
        VirtualThreadScenario scenario = new VirtualThreadScenario(Path.of(arguments[1]));
        switch (arguments[0]) {
            case "callers" -> scenario.callers();
            case "workers" -> scenario.workers();
            default -> scenario.interrupts();
        }
        scenario.virtual.shutdown();
        assertThat(scenario.virtual.awaitTermination(30, TimeUnit.SECONDS))
                .as("no virtual thread is left")
                .isTrue();
        assertThat(scenario.openLeases).as("open leases").hasValue(0);
        System.out.println("all is well: " + arguments[0]);
    }

    /** A thousand at once, each with an object of its own; some with files, in which others help. */
    private void callers() throws Exception {
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int number = i;
            calls.add(virtual.submit(() -> {
                assertThat(isVirtual()).isTrue();
                if (number % 50 == 0) {
                    throughFiles(cipher.withParallelism(3), number);
                } else {
                    throughStreams(cipher, number * 137);
                }
                return null;
            }));
        }
        for (Future<?> call : calls) {
            call.get();
        }
    }

    /** Virtual threads that help others, which are virtual too, or not. */
    private void workers() throws Exception {
        EnvelopeCipher helpful = cipher.withParallelism(4).withExecutor(virtual);
        waitForHelp(helpful);
        virtual.submit(() -> waitForHelp(helpful)).get();
        throughStreams(helpful, LARGE);
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            int number = i;
            calls.add(virtual.submit(() -> {
                throughFiles(helpful, number);
                throughStreams(helpful, LARGE + number);
                return null;
            }));
        }
        for (Future<?> call : calls) {
            call.get();
        }
    }

    /** The caller goes on only when a virtual thread has begun to help. */
    private Path waitForHelp(EnvelopeCipher helpful) throws Exception {
        Path source = Files.write(folder.resolve("source"), new byte[LARGE]);
        SteppedFiles files = new SteppedFiles();
        Thread caller = Thread.currentThread();
        CompletableFuture<Boolean> helperIsVirtual = new CompletableFuture<>();
        files.listener(what -> {
            if (!caller.equals(Thread.currentThread())) {
                helperIsVirtual.complete(isVirtual());
            } else if (what.equals("read")) {
                assertThat(helperIsVirtual.join()).isTrue();
            }
        });
        helpful.encrypt(files.path(source), folder.resolve("target"), CONTEXT);
        return source;
    }

    private void interrupts() throws Exception {
        EnvelopeCipher helpful = cipher.withParallelism(3).withExecutor(virtual);
        for (int step = 1; step <= 12; step++) {
            interruptedInAFile(helpful, step);
        }
        for (EnvelopeCipher one : List.of(cipher, helpful)) {
            interruptedWhileTheSourceLetsItWait(one);
        }
    }

    private void interruptedInAFile(EnvelopeCipher helpful, int step) throws Exception {
        Path source = Files.write(folder.resolve("source"), new byte[LARGE]);
        Path target = folder.resolve("interrupted");
        SteppedFiles files = new SteppedFiles();
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        AtomicInteger steps = new AtomicInteger();
        files.listener(what -> {
            if ((what.equals("read") || what.equals("write")) && steps.incrementAndGet() == step) {
                caller.join().interrupt();
            }
        });
        virtual.submit(() -> {
                    caller.complete(Thread.currentThread());
                    Throwable failure =
                            catchThrowable(() -> helpful.encrypt(files.path(source), files.path(target), CONTEXT));
                    assertThat(Thread.interrupted()).as("step %d", step).isTrue();
                    assertThat(failure).as("step %d", step).isInstanceOf(ClosedByInterruptException.class);
                    return null;
                })
                .get();
        assertThat(target).doesNotExist();
        assertThat(files.handles).isEmpty();
    }

    private void interruptedWhileTheSourceLetsItWait(EnvelopeCipher one) throws Exception {
        Pipe pipe = Pipe.open();
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        Future<Throwable> call = virtual.submit(() -> {
            caller.complete(Thread.currentThread());
            return catchThrowable(
                    () -> one.encrypt(pipe.source(), Channels.newChannel(OutputStream.nullOutputStream()), CONTEXT));
        });
        Thread waiting = caller.get();
        pipe.sink().write(ByteBuffer.allocate(1000));
        waiting.interrupt();
        assertThat(call.get()).isInstanceOf(ClosedByInterruptException.class);
        pipe.sink().close();
    }

    private void throughFiles(EnvelopeCipher one, int number) throws Exception {
        byte[] plaintext = random(LARGE / 2, number);
        Path source = Files.write(folder.resolve("source" + number), plaintext);
        Path target = folder.resolve("target" + number);
        Path back = folder.resolve("back" + number);
        one.encrypt(source, target, CONTEXT);
        one.decrypt(target, back, CONTEXT);
        assertThat(Files.mismatch(source, back)).isEqualTo(-1);
        for (Path file : List.of(source, target, back)) {
            Files.delete(file);
        }
    }

    private static void throughStreams(EnvelopeCipher one, int length) throws Exception {
        byte[] plaintext = random(length, length);
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        one.encrypt(new ByteArrayInputStream(plaintext), sink, CONTEXT);
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        one.decrypt(new ByteArrayInputStream(sink.toByteArray()), back, CONTEXT);
        assertThat(back.toByteArray()).isEqualTo(plaintext);
    }

    private static boolean isVirtual() {
        try {
            return (boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] random(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
