package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.stream.OddStreams.Broken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether the DEK may still be used is asked for every segment, the last one included. */
class AskedForEverySegmentTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");
    private static final int FULL = 65_536 - 32;

    @TempDir
    Path folder;

    private EnvelopeCipher cipher;
    private volatile boolean revoked;
    private final AtomicInteger asked = new AtomicInteger();

    @BeforeEach
    void watch() {
        cipher = EnvelopeCipher.of(
                new Watched(new KeychainKeys(TestTenant.in(folder).keychain("tenant-42"))));
    }

    @Test
    void anEnvelopeInMemoryAsksOnceForItsKeyAndThenForEach() {
        for (int segments = 1; segments <= 3; segments++) {
            asked.set(0);
            cipher.encrypt(new byte[segments * FULL], CONTEXT);
            assertThat(asked.get()).as("%d segments", segments).isEqualTo(1 + segments);
        }
    }

    /** By each verb, and by whoever helps: once for the key, and then for each segment at least once. */
    @ParameterizedTest
    @EnumSource
    void whoeverEncryptsAsks(Encrypting verb) throws IOException {
        verb.encrypt(cipher, new byte[3 * FULL], CONTEXT, folder);
        assertThat(asked.get()).isGreaterThanOrEqualTo(1 + 3);
    }

    @ParameterizedTest
    @EnumSource
    void whoeverDecryptsAsks(Decrypting verb) throws IOException {
        byte[] envelope = cipher.encrypt(new byte[3 * FULL], CONTEXT);
        asked.set(0);
        verb.decrypt(cipher, envelope, CONTEXT, new Decrypting.Output(folder));
        assertThat(asked.get()).isGreaterThanOrEqualTo(1 + 3);
    }

    @Test
    void aWriterWhoseKekIsRevokedBeforeItsCommitWritesNoEnd() throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        EnvelopeWriter writer = cipher.writer(written, CONTEXT);
        writer.stream().write(new byte[2 * FULL]);
        int before = written.size();
        revoked = true;
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(writer::commit);
        assertThat(written.size()).isEqualTo(before);
    }

    /** What was read for helpers, who have not come. */
    @Test
    void aStreamThatHasFailedEncryptsNothingMore() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        InputStream source = OddStreams.breakingAfter(new byte[40 * FULL]);
        EnvelopeCipher parallel = cipher.withParallelism(3).withExecutor(task -> {});
        assertThatExceptionOfType(Broken.class).isThrownBy(() -> parallel.encrypt(source, written, CONTEXT));
        int segments = written.size() / (FULL + 32);
        assertThat(segments).isBetween(16, 30);
        assertThat(asked).hasValue(1 + segments);
    }

    private void ask() {
        asked.incrementAndGet();
        if (revoked) {
            throw new KekRevokedException(Failure.of(TestTenant.CUSTOMER, "said by the test"), Reason.DISABLED);
        }
    }

    private final class Watched implements EnvelopeKeys {
        private final EnvelopeKeys keys;

        Watched(EnvelopeKeys keys) {
            this.keys = keys;
        }

        @Override
        public NewEnvelope forWriting() {
            NewEnvelope fresh = keys.forWriting();
            return new NewEnvelope(watched(fresh.lease()), fresh.header());
        }

        @Override
        public DekLease forReading(EnvelopeHeader header) {
            return watched(keys.forReading(header));
        }

        private DekLease watched(DekLease real) {
            try (real) {
                Dek dek = real.withBytes(key -> Dek.takeOwnershipOf(real.dekId(), key.clone()));
                return DekLease.takeOwnershipOf(dek, AskedForEverySegmentTest.this::ask);
            }
        }
    }
}
