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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether the DEK may still be used is asked for every segment, the last one included. */
class AskedForEverySegmentTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");
    private static final int FULL = 65_536 - 32;

    @TempDir
    Path folder;

    private EnvelopeCipher cipher;
    private boolean revoked;
    private int asked;

    @BeforeEach
    void watch() {
        cipher = EnvelopeCipher.of(
                new Watched(new KeychainKeys(TestTenant.in(folder).keychain("tenant-42"))));
    }

    @Test
    void anEnvelopeInMemoryAsksOnceForItsKeyAndThenForEach() {
        for (int segments = 1; segments <= 3; segments++) {
            asked = 0;
            cipher.encrypt(new byte[segments * FULL], CONTEXT);
            assertThat(asked).as("%d segments", segments).isEqualTo(1 + segments);
        }
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
        assertThat(asked).isEqualTo(1 + segments);
    }

    private void ask() {
        asked++;
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
            try (DekLease lease = fresh.lease()) {
                Dek dek = lease.withBytes(
                        key -> Dek.takeOwnershipOf(fresh.header().dekId(), key.clone()));
                return new NewEnvelope(
                        DekLease.takeOwnershipOf(dek, AskedForEverySegmentTest.this::ask), fresh.header());
            }
        }

        @Override
        public DekLease forReading(EnvelopeHeader header) {
            throw new AssertionError("nothing is read here");
        }
    }
}
