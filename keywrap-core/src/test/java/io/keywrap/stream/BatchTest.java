package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeParameters;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No plaintext stays where segments were, whichever way they went and however that ended. */
class BatchTest {
    private static final int SEGMENT = 65_536;
    private static final int FULL = SEGMENT - 32;
    private static final int REST = 1_000;

    @TempDir
    Path folder;

    private OpenedEnvelope envelope;
    private final byte[] sealed = new byte[2 * SEGMENT];
    private int length;

    @BeforeEach
    void seal() {
        EnvelopeKeys keys = new KeychainKeys(TestTenant.in(folder).keychain("tenant-42"));
        envelope = OpenedEnvelope.create(keys, EncryptionContext.empty(), FloeParameters.ofSegmentLength(SEGMENT));
        byte[] plaintext = new byte[FULL];
        Arrays.fill(plaintext, (byte) 7);
        try (Direction.Transform sealing = Direction.ENCRYPT.transform(envelope)) {
            length = sealing.apply(0, Slice.of(plaintext), false, sealed, 0);
            length += sealing.apply(1, new Slice(plaintext, 0, REST), true, sealed, length);
        }
    }

    @AfterEach
    void close() {
        envelope.close();
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void isWipedWhenItIsClosed(Direction direction) {
        byte[] plaintext = new byte[FULL + REST];
        Arrays.fill(plaintext, (byte) 7);
        byte[] ciphertext = Arrays.copyOf(sealed, length);
        boolean opens = direction == Direction.DECRYPT;
        Batch batch = new Batch(envelope, direction, 2);
        try (batch) {
            batch.begin(0);
            byte[] in = opens ? ciphertext : plaintext;
            System.arraycopy(in, 0, batch.input(), 0, in.length);
            batch.add(in.length);
            batch.end();
            batch.process(() -> false);
            assertThat(batch.output().length()).isEqualTo(opens ? plaintext.length : ciphertext.length);
            assertThat(batch.output().array())
                    .isNotEqualTo(new byte[batch.output().array().length]);
        }
        assertThat(batch.input()).containsOnly(0);
        assertThat(batch.output().array()).containsOnly(0);
    }

    @Test
    void hasNothingOfASegmentThatIsNotWhereTheEndIs() {
        byte[] out = new byte[2 * FULL];
        try (Direction.Transform opening = Direction.DECRYPT.transform(envelope)) {
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(() -> opening.apply(0, new Slice(sealed, 0, SEGMENT), true, out, 5))
                    .withMessageContaining("segment 1,");
            assertThat(out).containsOnly(0);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> opening.apply(1, new Slice(sealed, SEGMENT, length - SEGMENT), false, out, 5));
            assertThat(out).containsOnly(0);
        }
    }

    /** Four bytes that are the length word of no segment; one that was only cut has another one. */
    @Test
    void aLengthWordAloneIsHeldAgainstTheLimitsFirst() {
        byte[] out = new byte[FULL];
        try (Direction.Transform opening = Direction.DECRYPT.transform(envelope)) {
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> opening.apply(0, Slice.of(new byte[4]), true, out, 0));
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(() -> opening.apply(0, new Slice(sealed, 0, 4), true, out, 0));
        }
    }

    /** As a whole, so that nothing else is wrong with it. */
    @Test
    void aSegmentThatIsShorterThanItsOwnOverheadIsNone() {
        byte[] tooShort = ByteBuffer.allocate(31).putInt(31).array();
        try (Direction.Transform opening = Direction.DECRYPT.transform(envelope)) {
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> opening.apply(0, Slice.of(tooShort), true, new byte[FULL], 0))
                    .withMessageContaining("that of no segment");
        }
    }
}
