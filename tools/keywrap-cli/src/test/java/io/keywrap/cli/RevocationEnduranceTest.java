package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import io.keywrap.aws.AwsKms;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeView;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup of 20 GiB, a restore and an open channel are under way when the customer disables the key in an emulator of AWS KMS.
 *
 * <p>{@code ./mvnw test -P endurance -pl tools/keywrap-cli -am -Dtest=RevocationEnduranceTest}; figures are in docs/evidence.
 */
@Tag("endurance")
class RevocationEnduranceTest {
    private static final long LENGTH = Long.getLong("keywrap.endurance.bytes", 20L << 30);
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "large");
    private static final long SEED = 42;
    private static final double SEGMENT = 65_536 - 32;
    private static final long PROBE_MILLIS = 100;

    @TempDir
    Path folder;

    private AwsRun aws;
    private KeyProviders providers;
    private Keychains keychains;
    private Keychain keychain;
    private EnvelopeCipher cipher;

    @BeforeEach
    void start() {
        aws = new AwsRun(folder);
        providers = KeyProviders.builder()
                .register(AwsKms.factory())
                .refusalsFor(Duration.ZERO)
                .build();
    }

    @AfterEach
    void end() {
        providers.close();
        aws.close();
    }

    private void open(InFlight policy) {
        keychains = Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                .seal(KeychainSeal.wrappedBy(KekId.of(aws.seal())))
                .inFlight(policy)
                .build();
        keychain = keychains.create("tenant", spec -> spec.control(KekId.of(aws.kek())));
        cipher = EnvelopeCipher.using(keychain);
    }

    @Test
    void abortEndsAllOfItAndLeavesNothing() throws Exception {
        open(InFlight.ABORT);
        Running running = new Running();
        Path place = running.place;
        running.awaitHalfOfTheRestore();
        long disabled = System.nanoTime();
        aws.customer.disable();
        long heard = probeUntilRefused();
        long backedUp = running.backedUp.get();
        long restored = running.restored.get();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(running.backup::get)
                .withCauseInstanceOf(KekRevokedException.class);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(running.restore::get)
                .withCauseInstanceOf(KekRevokedException.class);
        running.assertChannelClosed();
        assertThat(place).isEmptyDirectory();
        System.out.printf(
                "ABORT: %d and %d bytes were done; heard %.0f ms after DisableKey; %.1f and %.1f segments more were done;"
                        + " backup over %.1f ms, restore %.1f ms, channel %.1f ms after that%n",
                backedUp,
                restored,
                millis(disabled, heard),
                (running.backedUp.get() - backedUp) / SEGMENT,
                (running.restored.get() - restored) / SEGMENT,
                millis(heard, running.backupOver),
                millis(heard, running.restoreOver),
                millis(heard, running.channelOver));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> cipher.encrypt(new byte[1], CONTEXT));
        aws.customer.enable();
        assertThat(cipher.encrypt(new byte[1], CONTEXT)).isNotEmpty();
    }

    @Test
    void finishLetsBothComeToTheirEnd() throws Exception {
        open(InFlight.FINISH);
        Running running = new Running();
        running.awaitHalfOfTheRestore();
        aws.customer.disable();
        long heard = probeUntilRefused();
        long backedUp = running.backedUp.get();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> cipher.encrypt(new byte[1], CONTEXT));
        running.assertChannelClosed();
        running.restore.get();
        running.backup.get();
        System.out.printf(
                "FINISH: %d bytes were done when it was heard; channel closed %.1f ms, restore complete %.0f ms, backup"
                        + " complete %.0f ms after that%n",
                backedUp,
                millis(heard, running.channelOver),
                millis(heard, running.restoreOver),
                millis(heard, running.backupOver));
        assertThatExceptionOfType(KekRevokedException.class)
                .as("the next job")
                .isThrownBy(() -> cipher.encrypt(new byte[1], CONTEXT));
        aws.customer.enable();
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(running.target);
                OutputStream sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            cipher.decrypt(in, sink, CONTEXT);
        }
        assertThat(digest.digest()).isEqualTo(running.ofBackup.digest());
        try (InputStream in = new DigestInputStream(Files.newInputStream(running.back), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        assertThat(digest.digest()).isEqualTo(running.ofOlder.digest());
        System.out.printf("FINISH: %d and %d bytes are what they should be%n", LENGTH, LENGTH / 4);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double millis(long from, long to) {
        return (to - from) / 1e6;
    }

    /** As a monitor does: a known wrap is unwrapped now and then, until that is refused. */
    private long probeUntilRefused() throws InterruptedException {
        DekEntry entry = keychain.record().primary(Usage.ENVELOPES).orElseThrow();
        WrappedDek wrapped = entry.wraps().get(0).wrapped();
        EncryptionContext context = EncryptionContext.ofDek(
                keychain.id(), entry.id(), keychain.record().keyContext());
        while (true) {
            try {
                providers
                        .provider(wrapped.kekId())
                        .unwrap(wrapped, context, providers.foregroundDeadline())
                        .close();
            } catch (KekException e) {
                return System.nanoTime();
            }
            Thread.sleep(PROBE_MILLIS);
        }
    }

    /** A backup, a restore, and a channel that somebody reads from. */
    private final class Running {
        final Path place = Files.createDirectory(folder.resolve("place"));
        final Path target = place.resolve("backup.kwrp");
        final Path back = place.resolve("restored");
        final MessageDigest ofBackup = sha256();
        final MessageDigest ofOlder = sha256();
        final AtomicLong backedUp = new AtomicLong();
        final AtomicLong restored = new AtomicLong();
        final EnvelopeView channel;
        final CompletableFuture<Void> backup;
        final CompletableFuture<Void> restore;
        volatile long backupOver;
        volatile long restoreOver;
        volatile long channelOver;

        Running() throws IOException {
            Path older = folder.resolve("older.kwrp");
            cipher.encrypt(new DigestInputStream(new Repeated(LENGTH / 4), ofOlder), older, CONTEXT);
            channel = cipher.view(older, CONTEXT);
            channel.read(ByteBuffer.allocate(100));
            backup = begun(() -> {
                try {
                    cipher.withProgress(backedUp::addAndGet)
                            .encrypt(new DigestInputStream(new Repeated(LENGTH), ofBackup), target, CONTEXT);
                } finally {
                    backupOver = System.nanoTime();
                }
            });
            restore = begun(() -> {
                try {
                    cipher.withProgress(restored::addAndGet).decrypt(older, back, CONTEXT);
                } finally {
                    restoreOver = System.nanoTime();
                }
            });
            begun(() -> {
                while (channel.isOpen()) {
                    Thread.sleep(1);
                }
                channelOver = System.nanoTime();
            });
        }

        void awaitHalfOfTheRestore() throws InterruptedException {
            while (restored.get() < LENGTH / 8 || backedUp.get() < LENGTH / 100) {
                Thread.sleep(1);
            }
        }

        void assertChannelClosed() throws InterruptedException {
            while (channelOver == 0) {
                Thread.sleep(1);
            }
            assertThatIOException()
                    .isThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                    .withCauseInstanceOf(KekRevokedException.class);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> begun(Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    /** Pseudorandom bytes over and over again, of which no two segments are the same for long. */
    private static final class Repeated extends InputStream {
        private static final byte[] BLOCK = new byte[1_000_003];
        private long at;
        private final long length;

        static {
            new Random(SEED).nextBytes(BLOCK);
        }

        Repeated(long length) {
            this.length = length;
        }

        @Override
        public int read() {
            return at == length ? -1 : BLOCK[(int) (at++ % BLOCK.length)] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int most) {
            int from = (int) (at % BLOCK.length);
            int n = (int) Math.min(Math.min(most, BLOCK.length - from), length - at);
            System.arraycopy(BLOCK, from, target, offset, n);
            at += n;
            return n == 0 && most > 0 ? -1 : n;
        }

        @Override
        public int available() {
            return (int) Math.min(length - at, 1 << 16);
        }
    }
}
