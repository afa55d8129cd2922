package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeParameters;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void isWipedWhenItIsClosed() {
        for (Direction direction : Direction.values()) {
            Batch batch = new Batch(envelope, direction, 2);
            batch.begin(0);
            byte[] in = direction == Direction.DECRYPT ? Arrays.copyOf(sealed, length) : new byte[FULL + REST];
            Arrays.fill(in, 0, direction == Direction.DECRYPT ? 0 : in.length, (byte) 7);
            System.arraycopy(in, 0, batch.input(), 0, in.length);
            batch.add(in.length);
            batch.end();
            batch.process(() -> false);
            Slice out = batch.output();
            assertThat(out.length()).isEqualTo(direction == Direction.DECRYPT ? FULL + REST : length);
            assertThat(out.array()).isNotEqualTo(new byte[out.array().length]);
            batch.close();
            assertThat(batch.input()).containsOnly(0);
            assertThat(out.array()).containsOnly(0);
        }
    }

    @Test
    void hasNothingOfASegmentThatIsNotWhereTheEndIs() {
        byte[] out = new byte[2 * FULL];
        try (Direction.Transform opening = Direction.DECRYPT.transform(envelope)) {
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(() -> opening.apply(0, new Slice(sealed, 0, SEGMENT), true, out, 5));
            assertThat(out).containsOnly(0);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> opening.apply(1, new Slice(sealed, SEGMENT, length - SEGMENT), false, out, 5));
            assertThat(out).containsOnly(0);
        }
    }
}
