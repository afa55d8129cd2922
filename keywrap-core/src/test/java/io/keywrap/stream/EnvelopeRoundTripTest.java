package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one verb encrypts, every verb decrypts, exactly; and so does a reader that shares no code with the product. */
class EnvelopeRoundTripTest {
    private static final int FULL = 65_536 - 32;
    private static final int[] SIZES = {0, 1, FULL - 1, FULL, FULL + 1, 2 * FULL, 10 * FULL, 10 * FULL + 7};
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "2026/11/accounts.csv");

    @TempDir
    static Path folder;

    private static Keychain keychain;
    private static EnvelopeCipher cipher;

    @BeforeAll
    static void setUp() {
        keychain = TestTenant.in(folder).keychain("tenant-42");
        cipher = EnvelopeCipher.using(keychain);
    }

    @ParameterizedTest
    @EnumSource
    void everyEncryptingVerbIsReadByTheReference(Encrypting verb) throws Exception {
        for (int size : SIZES) {
            byte[] plaintext = random(size);
            byte[] envelope = verb.encrypt(cipher, plaintext, CONTEXT, folder);

            EnvelopeReference read = EnvelopeReference.read(envelope, dekOf(envelope));
            assertThat(read.plaintext()).as("%d bytes", size).isEqualTo(plaintext);
            assertThat(read.keychainId()).isEqualTo("tenant-42");
            assertThat(read.keyContext()).isEqualTo(Map.of("tenant", "acme"));
            assertThat(read.objectContext()).isEqualTo(Map.of("object", "2026/11/accounts.csv"));
            assertThat(read.recipients()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyDecryptingVerbGivesTheExactPlaintext(Decrypting verb) throws IOException {
        Decrypting.Output out = new Decrypting.Output(folder);
        for (int size : SIZES) {
            byte[] plaintext = random(size);
            byte[] envelope = cipher.encrypt(plaintext, CONTEXT);
            assertThat(verb.decrypt(cipher, envelope, CONTEXT, out))
                    .as("%d bytes", size)
                    .isEqualTo(plaintext);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {65_536, 262_144, 1_048_576})
    void everySegmentLengthIsReadByACipherSetToAnother(int segmentLength) throws Exception {
        Decrypting.Output out = new Decrypting.Output(folder);
        EnvelopeCipher other = cipher.withSegmentLength(segmentLength);
        for (int size : new int[] {0, segmentLength - 33, segmentLength - 32, segmentLength - 31, 3 * segmentLength}) {
            byte[] plaintext = random(size);
            for (Encrypting encrypting : List.of(Encrypting.BYTES, Encrypting.STREAMS, Encrypting.WRITER)) {
                byte[] envelope = encrypting.encrypt(other, plaintext, CONTEXT, folder);
                assertThat(EnvelopeReference.read(envelope, dekOf(envelope)).plaintext())
                        .isEqualTo(plaintext);
                for (Decrypting decrypting : Decrypting.values()) {
                    assertThat(decrypting.decrypt(cipher, envelope, CONTEXT, out))
                            .isEqualTo(plaintext);
                }
            }
        }
    }

    @Test
    void randomSizesReadInRandomPiecesAreExact() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            byte[] plaintext = random(random.nextInt(4 * FULL));
            byte[] envelope = cipher.encrypt(plaintext, CONTEXT);
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            try (InputStream in =
                    cipher.reader(OddStreams.shortReads(envelope, 1 + random.nextInt(100_000), random), CONTEXT)) {
                byte[] piece = new byte[1 + random.nextInt(100_000)];
                for (int n = in.read(piece); n >= 0; n = random.nextBoolean() ? in.read(piece) : readOne(in, piece)) {
                    read.write(piece, 0, n);
                }
            }
            assertThat(read.toByteArray()).as("seed %d, round %d", seed, i).isEqualTo(plaintext);
        }
    }

    @Test
    void verbsOfStreamsLeaveTheCallersStreamsOpenAndFlushTheSink() throws IOException {
        Watched sink = new Watched();
        ByteArrayInputStream source = new ByteArrayInputStream(random(100)) {
            @Override
            public void close() {
                throw new AssertionError("the caller's stream is not ours to close");
            }
        };
        cipher.encrypt(source, sink, CONTEXT);
        assertThat(sink.flushed).isTrue();

        Watched plain = new Watched();
        cipher.decrypt(new ByteArrayInputStream(sink.toByteArray()), plain, CONTEXT);
        assertThat(plain.flushed).isTrue();
        assertThat(plain.size()).isEqualTo(100);
    }

    @Test
    void twoEnvelopesOfOnePlaintextDiffer() {
        byte[] plaintext = random(100);
        assertThat(cipher.encrypt(plaintext, CONTEXT)).isNotEqualTo(cipher.encrypt(plaintext, CONTEXT));
    }

    private static int readOne(InputStream in, byte[] piece) throws IOException {
        int single = in.read();
        piece[0] = (byte) single;
        return single < 0 ? -1 : 1;
    }

    private static byte[] dekOf(byte[] envelope) throws IOException {
        DekId dekId = EnvelopeHeader.read(new ByteArrayInputStream(envelope)).dekId();
        try (DekLease lease = keychain.lease(dekId, Usage.ENVELOPES)) {
            return lease.withBytes(byte[]::clone);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static final class Watched extends ByteArrayOutputStream {
        private boolean flushed;

        @Override
        public void flush() {
            flushed = true;
        }

        @Override
        public void close() {
            throw new AssertionError("the caller's stream is not ours to close");
        }
    }
}
