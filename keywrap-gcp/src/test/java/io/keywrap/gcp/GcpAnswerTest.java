package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekRevokedException;
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

    @Nested
    class AState {
        private static final String KEY = "projects/acme-prod/locations/global/keyRings/r/cryptoKeys/k";

        @Test
        void isThatOfTheKeyThatWasAskedFor() {
            assertThat(answers.primary(told(KEY))).isEqualTo("1");
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> answers.primary(told(KEY + "2")));
        }

        private static CryptoKey told(String name) {
            return CryptoKey.newBuilder()
                    .setName(name)
                    .setPrimary(CryptoKeyVersion.newBuilder().setName(KEY + "/cryptoKeyVersions/1"))
                    .build();
        }

        /** Protocol buffers hold dates that the JDK does not. */
        @ParameterizedTest
        @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE, -31_557_014_167_219_201L, 31_556_889_864_403_200L})
        void hasNoDateIfThatIsNone(long seconds) {
            CryptoKeyVersion version = CryptoKeyVersion.newBuilder()
                    .setState(CryptoKeyVersion.CryptoKeyVersionState.DESTROY_SCHEDULED)
                    .setDestroyTime(Timestamp.newBuilder().setSeconds(seconds))
                    .build();
            GcpErrors.Question question = new GcpErrors.Question(
                    GcpKeyName.parse(KEY), GcpErrors.Operation.STATUS, "1", false, EncryptionContext.empty());
            assertThat(GcpErrors.ofState(version, question))
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            e -> assertThat(e.deletion()).isEmpty());
        }
    }

    @Nested
    class AComplaintAboutChecksums {
        @Test
        void isKnownByFieldOrText() {
            assertThat(GcpErrors.isOfChecksums(
                            GcpErrorsTest.answer("INVALID_ARGUMENT", "?", GcpErrorsTest.field("ciphertext_crc32c"))))
                    .isTrue();
            assertThat(GcpErrors.isOfChecksums(GcpErrorsTest.answer(
                            "INVALID_ARGUMENT",
                            "The checksum in field plaintext_crc32c did not match the data in field plaintext.")))
                    .isTrue();
            assertThat(GcpErrors.isOfChecksums(GcpErrorsTest.answer("INVALID_ARGUMENT", "Decryption failed")))
                    .isFalse();
            assertThat(GcpErrors.isOfChecksums(GcpErrorsTest.answer("ABORTED", "plaintext_crc32c")))
                    .isFalse();
        }
    }
}
