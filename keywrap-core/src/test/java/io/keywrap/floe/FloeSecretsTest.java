package io.keywrap.floe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeMessage.Segments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends when a message is closed, and what its header and its length say at their limits. */
class FloeSecretsTest {
    private static final FloeParameters PARAMETERS = FloeParameters.ofSegmentLength(65_536);
    private static final Keyed KEYED = new Keyed(new byte[32], new byte[] {1, 2, 3});

    private final FloeMessage message = FloeMessage.startEncryption(KEYED, PARAMETERS, Jca.platform());

    @Nested
    class Closing {
        @Test
        void endsCiphersThatHaveTheirKeysAlready() {
            Segments first = message.segments();
            Segments second = message.segments();
            encrypt(first);
            encrypt(second);
            message.close();
            assertThatIllegalStateException().isThrownBy(() -> encrypt(first));
            assertThatIllegalStateException().isThrownBy(() -> encrypt(second));
            assertThatIllegalStateException().isThrownBy(message::segments);
        }

        @Test
        void wipesTheKeysOfTheMessage() throws ReflectiveOperationException {
            byte[] messageKey = field("messageKey", byte[].class);
            byte[] firstKey = field("firstKey", byte[].class);
            assertThat(messageKey).isNotEqualTo(new byte[48]);
            assertThat(firstKey).isNotEqualTo(new byte[32]);
            message.close();
            assertThat(messageKey).isEqualTo(new byte[48]);
            assertThat(firstKey).isEqualTo(new byte[32]);
        }

        @Test
        void aCipherEndsItAloneAndIsHeldNoLonger() throws ReflectiveOperationException {
            Segments one = message.segments();
            Segments other = message.segments();
            encrypt(one);
            one.close();
            assertThatIllegalStateException().isThrownBy(() -> encrypt(one));
            encrypt(other);
            assertThat((Object) field("open", List.class)).isEqualTo(List.of(other));
        }

        private <T> T field(String name, Class<T> type) throws ReflectiveOperationException {
            Field field = FloeMessage.class.getDeclaredField(name);
            field.setAccessible(true);
            return type.cast(field.get(message));
        }

        private void encrypt(Segments segments) {
            segments.encryptLast(0, Slice.of(new byte[3]), new byte[100], 0);
        }
    }

    @Nested
    class Headers {
        @Test
        void areReadWholeAndNothingBehindThem() throws IOException {
            byte[] payload = Arrays.copyOf(message.header(), 80);
            ByteArrayInputStream in = new ByteArrayInputStream(payload);
            byte[] header = FloeParameters.readHeader(in);
            assertThat(header).isEqualTo(message.header());
            assertThat(in.available()).isEqualTo(6);
            try (FloeMessage read = FloeMessage.startDecryption(KEYED, header, Jca.platform())) {
                assertThat(read.parameters()).isSameAs(PARAMETERS);
            }
        }

        @Test
        void thatAreCutOrOfOthersAreRefused() {
            byte[] header = message.header();
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(
                            () -> FloeParameters.readHeader(new ByteArrayInputStream(header, 0, header.length - 1)));
            header[0] = 1;
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> FloeParameters.readHeader(new ByteArrayInputStream(header)));
        }

        @Test
        void ofWhatTheyAreMadeNobodySees() {
            assertThat(KEYED).hasToString("Keyed[]");
        }
    }

    @Nested
    class Lengths {
        @ParameterizedTest
        @ValueSource(
                longs = {0, 1, 65_503, 65_504, 65_505, 2 * 65_504, 2 * 65_504 + 1, FloeParameters.MAX_SEGMENTS * 65_504
                })
        void ofThePlaintextFollowFromThatOfItsSegments(long plaintext) {
            assertThat(PARAMETERS.plaintextLength(PARAMETERS.encryptedLength(plaintext)))
                    .isEqualTo(plaintext);
        }

        @Test
        void beyondTheLastSegmentAreRefused() {
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> PARAMETERS.plaintextLength(FloeParameters.MAX_SEGMENTS * 65_536 + 1));
        }
    }
}
