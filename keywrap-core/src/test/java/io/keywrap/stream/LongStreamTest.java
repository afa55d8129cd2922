package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup that takes a day: its DEK is proven again in time, over an outage, and not over a revocation. */
class LongStreamTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final Duration DAY = Duration.ofHours(24);
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "disk.img");

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .register(kms)
            .executor(Runnable::run)
            .cacheDeadline(DEADLINE)
            .build();
    private EnvelopeCipher cipher;

    @BeforeEach
    void create() {
        cipher = EnvelopeCipher.using(Keychains.builder(FileKeychainStore.open(folder), providers)
                .seal(KeychainSeal.wrappedBy(KekId.of("fake:vendor")))
                .build()
                .create("tenant", spec -> spec.control(FakeKms.KEK)));
    }

    @AfterEach
    void close() {
        providers.close();
    }

    /** Gives a segment at a time for a day: the clock moves on as the source is read. */
    private final class SlowSource extends InputStream {
        private final Runnable onHour;
        private final long begun = time.nanoTime();
        private long hour;

        SlowSource(Runnable onHour) {
            this.onHour = onHour;
        }

        @Override
        public int read() {
            throw new AssertionError("read in bulk");
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            long passed = time.nanoTime() - begun;
            if (passed >= DAY.toNanos()) {
                return -1;
            }
            if (passed / Duration.ofHours(1).toNanos() > hour) {
                hour++;
                onHour.run();
            }
            time.advance(PAUSE);
            return length;
        }
    }

    private void fail(Function<Failure, KekException> fault) {
        kms.faults.put(FakeKms.KEK, fault);
    }

    @Test
    void isProvenAgainBeforeEveryDeadline() throws IOException {
        int before = kms.unwraps.get();
        cipher.encrypt(new SlowSource(() -> {}), OutputStream.nullOutputStream(), OBJECT);
        int proven = kms.unwraps.get() - before - 1;
        assertThat(proven).isBetween((int) DAY.dividedBy(DEADLINE), (int) (DAY.dividedBy(DEADLINE) * 1.25));
    }

    @Test
    void survivesAnOutageOfMostOfTheDay() throws IOException {
        Path target = folder.resolve("disk.img.kw");
        cipher.encrypt(new SlowSource(() -> fail(KekUnreachableException::new)), target, OBJECT);
        kms.faults.clear();
        try (InputStream envelope = Files.newInputStream(target)) {
            cipher.decrypt(envelope, OutputStream.nullOutputStream(), OBJECT);
        }
        assertThat(providers.statistics().openLeases()).isZero();
    }

    @Test
    void endsWithinTheDeadlineOfARevocationAndLeavesNoEnvelope() {
        long[] revokedAt = new long[1];
        Path target = folder.resolve("disk.img.kw");
        SlowSource source = new SlowSource(() -> {
            revokedAt[0] = time.nanoTime();
            fail(failure -> new KekRevokedException(failure, Reason.DISABLED));
        });
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> cipher.encrypt(source, target, OBJECT))
                .matches(e -> e.reason() == Reason.DISABLED);
        assertThat(Duration.ofNanos(time.nanoTime() - revokedAt[0])).isLessThanOrEqualTo(DEADLINE.plus(PAUSE));
        assertThat(target).doesNotExist();
        assertThat(providers.statistics().openLeases()).isZero();
    }
}
