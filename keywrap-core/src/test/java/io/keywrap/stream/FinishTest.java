package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.ManualTime;
import io.keywrap.provider.InFlight;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work that may finish when its KEK is revoked does, for a time; and nothing else begins. */
class FinishTest {
    private static final int FULL = 65_536 - 32;

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final byte[] plaintext = new byte[40 * FULL];
    private Revocation tenant;

    @BeforeEach
    void setUp() {
        tenant = new Revocation(folder, InFlight.FINISH, time);
        new Random(1).nextBytes(plaintext);
    }

    @AfterEach
    void close() {
        tenant.close();
    }

    private EnvelopeCipher revokingAfter(long bytes) {
        AtomicLong done = new AtomicLong();
        AtomicBoolean revoked = new AtomicBoolean();
        return tenant.cipher.withParallelism(3).withProgress(more -> {
            if (done.addAndGet(more) >= bytes && revoked.compareAndSet(false, true)) {
                tenant.revoke();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1_000_000, 2_000_000})
    void aBackupAndARestoreAreDoneAndTheNextOneIsRefused(int after) throws IOException {
        Path source = Files.write(folder.resolve("source"), plaintext);
        Path target = folder.resolve("target");
        Path restored = folder.resolve("restored");
        revokingAfter(after).encrypt(source, target, Revocation.CONTEXT);
        assertRefused();
        enable();
        revokingAfter(after).decrypt(target, restored, Revocation.CONTEXT);
        assertRefused();
        assertThat(restored).hasBinaryContent(plaintext);

        enable();
        ByteArrayOutputStream envelope = new ByteArrayOutputStream();
        revokingAfter(after).encrypt(new ByteArrayInputStream(plaintext), envelope, Revocation.CONTEXT);
        assertRefused();
        enable();
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        revokingAfter(after).decrypt(new ByteArrayInputStream(envelope.toByteArray()), back, Revocation.CONTEXT);
        assertThat(back.toByteArray()).isEqualTo(plaintext);
    }

    @Test
    void aWriterAndAReaderGoOn() throws IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        byte[] before = tenant.cipher.encrypt(plaintext, Revocation.CONTEXT);
        try (EnvelopeWriter writer = tenant.cipher.writer(sink, Revocation.CONTEXT);
                InputStream reader = tenant.cipher.reader(new ByteArrayInputStream(before), Revocation.CONTEXT)) {
            tenant.revoke();
            writer.stream().write(plaintext);
            writer.commit();
            assertThat(reader.readAllBytes()).isEqualTo(plaintext);
        }
        enable();
        assertThat(tenant.cipher.decrypt(sink.toByteArray(), Revocation.CONTEXT))
                .isEqualTo(plaintext);
    }

    @Test
    void aChannelIsClosedAllTheSame() throws IOException {
        Path file = Files.write(folder.resolve("e"), tenant.cipher.encrypt(plaintext, Revocation.CONTEXT));
        SeekableByteChannel channel = tenant.cipher.channel(Files.newByteChannel(file), Revocation.CONTEXT);
        tenant.revoke();
        assertThatIOException()
                .isThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                .withCauseInstanceOf(KekRevokedException.class);
        AbortTest.eventually(() -> !channel.isOpen());
    }

    @Test
    void itIsCappedFromTheLastProof() {
        try (DekLease lease = tenant.lease()) {
            time.advance(Duration.ofMinutes(1));
            tenant.revoke();
            time.advance(Duration.ofHours(24).minusMinutes(1).minusNanos(1));
            lease.ensureUsable();
            time.advance(Duration.ofNanos(1));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::secretKey);
        }
    }

    @Test
    void aDekThatIsDestroyedEnds() {
        DekLease lease = tenant.lease();
        tenant.keychain.rotate();
        tenant.revoke();
        lease.ensureUsable();
        tenant.keychain.destroyDek(lease.dekId(), Optional.empty());
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(lease::ensureUsable);
        lease.close();
    }

    @Test
    void nothingIsKeptInTheCache() {
        try (DekLease lease = tenant.lease()) {
            long before = tenant.tenant.providers().statistics().entries();
            tenant.revoke();
            assertThat(tenant.tenant.providers().statistics().entries()).isEqualTo(before - 1);
            lease.ensureUsable();
        }
    }

    @Test
    void whatIsOutOfTimeHasAnotherLeaseAsSoonAsTheKekIsEnabled() {
        DekLease old = tenant.lease();
        tenant.revoke();
        enable();
        try (DekLease fresh = tenant.keychain.primary(Usage.ENVELOPES)) {
            assertThat(fresh.dekId()).isEqualTo(old.dekId());
            old.ensureUsable();
            fresh.ensureUsable();
        }
        old.close();
    }

    @Test
    void nobodyIsToldUntilTheLeaseAsksForIt() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (DekLease lease = tenant.lease()) {
            lease.onEnd(told::countDown);
            tenant.revoke();
            lease.ensureUsable();
            assertThat(told.getCount()).isEqualTo(1);
            lease.endWithKek();
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }
    }

    /** A moment later, since what was refused at a time says that nothing was proven at the same. */
    private void enable() {
        time.advance(Duration.ofNanos(1));
        tenant.enable();
    }

    private void assertRefused() {
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> tenant.cipher.encrypt(new byte[1], Revocation.CONTEXT));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(tenant::lease);
    }
}
