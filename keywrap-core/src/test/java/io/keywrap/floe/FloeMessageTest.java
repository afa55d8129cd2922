package io.keywrap.floe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.FormatRule;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeMessage.Segments;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader of FLOE must refuse, segment by segment. */
class FloeMessageTest {
    private static final FloeParameters SMALL = FloeParameters.ofTestVector(64, 20);
    private static final byte[] AAD = {1, 2, 3};

    private final byte[] dek = Jca.platform().random(32);
    private final FloeMessage message = FloeMessage.startEncryption(new Keyed(dek, AAD), SMALL, Jca.platform());
    private final Segments segments = message.segments();
    private final byte[] sealed = new byte[64];
    private final byte[] out = new byte[32];

    @AfterEach
    void wipe() {
        segments.close();
        message.close();
    }

    @Nested
    class Header {
        @Test
        @FormatRule("P3")
        void everyChangedBitIsRefused() {
            for (int bit = 8 * FloeParameters.ENCODED_BYTES; bit < 8 * FloeParameters.HEADER_BYTES; bit++) {
                byte[] header = message.header();
                header[bit / 8] ^= (byte) (1 << bit % 8);
                assertThatExceptionOfType(AuthenticationFailedException.class)
                        .isThrownBy(
                                () -> FloeMessage.startDecryption(new Keyed(dek, AAD), header, SMALL, Jca.platform()))
                        .matches(e -> e.check() == Check.HEADER);
            }
        }

        @Test
        @FormatRule("P3")
        void anotherKeyOrAssociatedDataIsRefused() {
            byte[] otherKey = dek.clone();
            otherKey[31] ^= 1;
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> open(new Keyed(otherKey, AAD)));
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> open(new Keyed(dek, new byte[] {1, 2})));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 32, 40, 64, 4096, 65_535, 65_537, 131_072, -1, Integer.MIN_VALUE})
        @FormatRule("P1")
        void otherSegmentLengthsAreNotParsed(int segmentBytes) {
            byte[] header = ByteBuffer.allocate(74)
                    .putInt(2, segmentBytes)
                    .putInt(6, 32)
                    .array();
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> FloeParameters.parse(header));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 6, 7, 8, 9})
        @FormatRule("P1")
        void otherAlgorithmsAndIvLengthsAreNotParsed(int at) {
            byte[] header =
                    ByteBuffer.allocate(74).putInt(2, 65_536).putInt(6, 32).array();
            assertThat(FloeParameters.parse(header).segmentBytes()).isEqualTo(65_536);
            header[at] ^= 1;
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> FloeParameters.parse(header));
        }

        private void open(Keyed keyed) {
            FloeMessage.startDecryption(keyed, message.header(), SMALL, Jca.platform())
                    .close();
        }
    }

    @Nested
    class Segment {
        @Test
        @FormatRule("P6")
        void isRefusedAtAnotherPlace() {
            segments.encryptFull(5, Slice.of(new byte[32]), sealed, 0);
            for (long place : new long[] {0, 4, 6, 5 + (1L << 32)}) {
                assertThatExceptionOfType(AuthenticationFailedException.class)
                        .isThrownBy(() -> segments.decryptFull(place, Slice.of(sealed), out, 0))
                        .matches(e -> e.check() == Check.SEGMENT && e.segment().getAsLong() == place);
            }
            assertThat(segments.decryptFull(5, Slice.of(sealed), out, 0)).isEqualTo(32);
        }

        @Test
        @FormatRule({"P4", "P5", "P6"})
        void fullOneIsNeverTakenForTheLast() {
            segments.encryptFull(0, Slice.of(new byte[32]), sealed, 0);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> segments.decryptLast(0, Slice.of(sealed), out, 0));
            ByteBuffer.wrap(sealed).putInt(0, 64);
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> segments.decryptLast(0, Slice.of(sealed), out, 0));
        }

        @Test
        @FormatRule({"P4", "P5", "P6"})
        void lastOneIsNeverTakenForAFullOne() {
            segments.encryptLast(0, Slice.of(new byte[32]), sealed, 0);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> segments.decryptFull(0, Slice.of(sealed), out, 0));
            ByteBuffer.wrap(sealed).putInt(0, -1);
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> segments.decryptFull(0, Slice.of(sealed), out, 0));
        }

        @Test
        @FormatRule("P7")
        void leavesNothingInTheOutputWhenItIsNotAuthentic() {
            segments.encryptFull(0, Slice.of("0123456789abcdef0123456789abcdef".getBytes()), sealed, 0);
            sealed[63] ^= 1;
            java.util.Arrays.fill(out, (byte) 7);
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> segments.decryptFull(0, Slice.of(sealed), out, 0));
            assertThat(out).containsOnly(0);
        }

        @Test
        void ofTheWrongSizeIsACallersMistake() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> segments.encryptFull(0, Slice.of(new byte[31]), sealed, 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> segments.encryptLast(0, Slice.of(new byte[33]), sealed, 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> segments.decryptFull(0, Slice.of(new byte[63]), out, 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> segments.decryptLast(0, Slice.of(new byte[31]), out, 0));
        }

        @Test
        void cannotBeDecryptedOnceTheMessageIsClosed() {
            message.close();
            message.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> segments.encryptLast(0, Slice.of(new byte[0]), sealed, 0));
        }
    }

    @Nested
    class Limits {
        @Test
        @FormatRule("P10")
        void theLastPlaceIsForALastSegmentOnly() {
            long last = FloeParameters.MAX_SEGMENTS - 1;
            assertThat(segments.encryptLast(last, Slice.of(new byte[0]), sealed, 0))
                    .isEqualTo(32);
            assertThat(segments.decryptLast(last, new Slice(sealed, 0, 32), out, 0))
                    .isZero();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> segments.encryptFull(last, Slice.of(new byte[32]), sealed, 0));
            segments.encryptFull(0, Slice.of(new byte[32]), sealed, 0);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> segments.decryptFull(last, Slice.of(sealed), out, 0))
                    .withMessageContaining("2^40");
        }

        @Test
        @FormatRule("P10")
        void sizesAreExact() {
            FloeParameters parameters = FloeParameters.ofSegmentLength(65_536);
            long most = FloeParameters.MAX_SEGMENTS * 65_504;
            assertThat(parameters.encryptedLength(0)).isEqualTo(32);
            assertThat(parameters.encryptedLength(65_504)).isEqualTo(65_536);
            assertThat(parameters.encryptedLength(65_505)).isEqualTo(65_536 + 33);
            assertThat(parameters.encryptedLength(most)).isEqualTo(FloeParameters.MAX_SEGMENTS * 65_536);
            assertThatIllegalArgumentException().isThrownBy(() -> parameters.encryptedLength(most + 1));
            assertThatIllegalArgumentException().isThrownBy(() -> parameters.encryptedLength(Long.MAX_VALUE));
            assertThatIllegalArgumentException().isThrownBy(() -> parameters.encryptedLength(-1));
        }

        @ParameterizedTest
        @ValueSource(longs = {-1, 0, 1, 31, 65_537, 65_536 + 31})
        void lengthsThatNoPayloadHasAreTruncated(long encrypted) {
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(() -> FloeParameters.ofSegmentLength(65_536).plaintextLength(encrypted));
        }
    }
}
