package io.keywrap.stream;

import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Keychain;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Everything is open, or waits, when the KEK is revoked; nobody closes anything, and the cache goes on. */
final class LiveHeapRevoked extends LiveHeapScenario {
    LiveHeapRevoked(Path folder) {
        super(folder);
    }

    @Override
    void run() throws IOException {
        Keychain keychain = keychain("tenant-1", spec -> spec.keyContext("tenant", "acme"));
        RecordingKeys keys = kept(new RecordingKeys(new KeychainKeys(keychain)));
        EnvelopeCipher cipher = kept(EnvelopeCipher.of(keys));
        byte[] envelope = saved(cipher.encrypt(plaintext(), CONTEXT));
        for (int i = 0; i < 4; i++) {
            saved(cipher.encrypt(plaintext(), CONTEXT));
        }
        Path file = Files.write(folder.resolve("seekable"), envelope);

        kept(cipher.reader(new ByteArrayInputStream(envelope), CONTEXT)).read();
        kept(cipher.channel(FileChannel.open(file), CONTEXT)).read(ByteBuffer.allocate(10));
        EnvelopeView view = kept(cipher.view(file, CONTEXT));
        kept(view.view()).read(ByteBuffer.allocate(10));
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        kept(cipher.writer(sink, CONTEXT)).stream().write(plaintext());
        saved(sink.toByteArray());
        kept(cipher.writer(folder.resolve("never"), CONTEXT)).stream().write(plaintext());
        DekLease own = kept(keychain.primary());
        own.onEnd(own::wipe);
        List<Thread> waiting = waiting(cipher, envelope);

        Revocation.revoke(tenant, keychain);
        waiting.forEach(LiveHeapRevoked::join);
        AbortTest.eventually(() -> own.isWiped() && keys.leases.stream().allMatch(DekLease::isWiped));
        try {
            cipher.decrypt(envelope, CONTEXT);
            throw new AssertionError("the KEK still unwraps");
        } catch (KekRevokedException e) {
            kept(e);
        }
    }

    private static List<Thread> waiting(EnvelopeCipher cipher, byte[] envelope) throws IOException {
        List<Thread> threads = new ArrayList<>();
        for (Blocking kind : List.of(Blocking.PIPE, Blocking.SOCKET, Blocking.QUEUE)) {
            InputStream source = kept(kind.source(new byte[3 * FULL], kept(new ArrayDeque<>())));
            CountDownLatch begun = new CountDownLatch(1);
            threads.add(begun(begun, () -> cipher.encrypt(source, told(begun), CONTEXT)));
            InputStream part = kept(kind.source(Arrays.copyOf(envelope, 100_000), kept(new ArrayDeque<>())));
            CountDownLatch opened = new CountDownLatch(1);
            threads.add(begun(opened, () -> cipher.decrypt(part, told(opened), CONTEXT)));
        }
        return threads;
    }

    private static OutputStream told(CountDownLatch begun) {
        return new OutputStream() {
            @Override
            public void write(int single) {
                begun.countDown();
            }
        };
    }

    private interface Waiting {
        void run() throws IOException;
    }

    private static Thread begun(CountDownLatch begun, Waiting work) {
        Thread thread = kept(new Thread(() -> {
            try {
                work.run();
            } catch (IOException | KekRevokedException e) {
                kept(e);
            }
        }));
        thread.start();
        try {
            begun.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return thread;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
