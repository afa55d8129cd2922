package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.cloud.kms.v1.DecryptResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.gcp.GcpAnswer.Damaged;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken out of answers, and what is left in them. */
class GcpAnswerTest {
    private final GcpAnswer answers =
            new GcpAnswer(GcpKeyName.parse("projects/acme-prod/locations/global/keyRings/r/cryptoKeys/k"));

    @Nested
    class AChecksum {
        /** The check value of CRC-32C, and the vector of 32 zeros in RFC 3720, B.4. */
        @Test
        void isThatOfTheStandardAndUnsigned() {
            assertThat(GcpAnswer.checksum(ByteString.copyFrom("123456789", StandardCharsets.US_ASCII))
                            .getValue())
                    .isEqualTo(0xE3069283L);
            assertThat(GcpAnswer.checksum(ByteString.copyFrom(new byte[32])).getValue())
                    .isEqualTo(0x8A9136AAL);
        }
    }

    @Nested
    class APlaintext {
        @Test
        void isTakenAndWipedInTheAnswer() throws InvalidProtocolBufferException {
            DecryptResponse answer = answered(32, true);
            try (Dek dek = answers.dek(DekId.random(), answer)) {
                assertThat(dek.<byte[]>withBytes(byte[]::clone)).containsOnly(7);
            }
            assertThat(answer.getPlaintext().toByteArray()).containsOnly(0);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 31, 33})
        void isWipedIfItIsNoDek(int length) throws InvalidProtocolBufferException {
            DecryptResponse answer = answered(length, true);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> answers.dek(DekId.random(), answer));
            assertThat(answer.getPlaintext().toByteArray()).containsOnly(0);
        }

        @Test
        void isWipedIfItDoesNotHaveItsChecksum() throws InvalidProtocolBufferException {
            DecryptResponse answer = answered(32, false);
            assertThatExceptionOfType(Damaged.class).isThrownBy(() -> answers.dek(DekId.random(), answer));
            assertThat(answer.getPlaintext().toByteArray()).containsOnly(0);
        }

        /** As it comes from the wire. */
        private DecryptResponse answered(int length, boolean whole) throws InvalidProtocolBufferException {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) 7);
            ByteString plaintext = ByteString.copyFrom(bytes);
            Int64Value checksum = whole ? GcpAnswer.checksum(plaintext) : Int64Value.of(1);
            return DecryptResponse.parseFrom(DecryptResponse.newBuilder()
                    .setPlaintext(plaintext)
                    .setPlaintextCrc32C(checksum)
                    .build()
                    .toByteArray());
        }
    }
}
