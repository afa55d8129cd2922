package io.keywrap.floe;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeMessage.Segments;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files that two foreign implementations of FLOE published, and our ciphertexts under the same parameters. */
class FloeKnownAnswerTest {
    private static final byte[] KEY = new byte[32];
    private static final byte[] AAD = "This is AAD".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @CsvSource({
        "go_GCM256_IV256_64, 64, 20",
        "go_GCM256_IV256_4K, 4096, 20",
        "go_rotation, 40, 2",
        "cpp_GCM256_IV256_64, 64, 20",
        "cpp_GCM256_IV256_4K, 4096, 20",
        "cpp_rotation, 40, 2"
    })
    void foreignCiphertextDecrypts(String name, int segmentBytes, int rotationBits) throws Exception {
        byte[] ciphertext = vector(name + "_ct.txt");
        byte[] plaintext = vector(name + "_pt.txt");
        FloeParameters parameters = FloeParameters.ofTestVector(segmentBytes, rotationBits);

        assertThat(decrypt(ciphertext, parameters)).isEqualTo(plaintext);
        assertThat(FloeReference.decrypt(KEY, AAD, ciphertext, rotationBits)).isEqualTo(plaintext);
        assertThat(parameters.encryptedLength(plaintext.length))
                .isEqualTo(ciphertext.length - FloeParameters.HEADER_BYTES);
        assertThat(parameters.plaintextLength(ciphertext.length - FloeParameters.HEADER_BYTES))
                .isEqualTo(plaintext.length);
    }

    @ParameterizedTest
    @CsvSource({"64, 20", "4096, 20", "40, 2", "40, 0"})
    void ourCiphertextOpensInTheSecondReader(int segmentBytes, int rotationBits) throws Exception {
        FloeParameters parameters = FloeParameters.ofTestVector(segmentBytes, rotationBits);
        int full = parameters.plaintextBytes();
        for (int length : new int[] {0, 1, full - 1, full, full + 1, 10 * full, 10 * full + 7}) {
            byte[] plaintext = Jca.platform().random(length);
            byte[] ciphertext = encrypt(plaintext, parameters);

            assertThat(ciphertext.length - FloeParameters.HEADER_BYTES).isEqualTo(parameters.encryptedLength(length));
            assertThat(FloeReference.decrypt(KEY, AAD, ciphertext, rotationBits))
                    .isEqualTo(plaintext);
            assertThat(decrypt(ciphertext, parameters)).isEqualTo(plaintext);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {65_536, 262_144, 1_048_576})
    void acceptedSegmentLengthsOpenInTheSecondReader(int segmentBytes) throws Exception {
        FloeParameters parameters = FloeParameters.ofSegmentLength(segmentBytes);
        byte[] plaintext = Jca.platform().random(2 * segmentBytes + 7);

        byte[] ciphertext = encrypt(plaintext, parameters);

        assertThat(FloeReference.decrypt(KEY, AAD, ciphertext, 20)).isEqualTo(plaintext);
    }

    private static byte[] encrypt(byte[] plaintext, FloeParameters parameters) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] sealed = new byte[parameters.segmentBytes()];
        int full = parameters.plaintextBytes();
        try (FloeMessage message = FloeMessage.startEncryption(new Keyed(KEY, AAD), parameters, Jca.platform());
                Segments segments = message.segments()) {
            out.writeBytes(message.header());
            int at = 0;
            long segment = 0;
            for (; plaintext.length - at > full; at += full) {
                out.write(sealed, 0, segments.encryptFull(segment++, new Slice(plaintext, at, full), sealed, 0));
            }
            Slice last = new Slice(plaintext, at, plaintext.length - at);
            out.write(sealed, 0, segments.encryptLast(segment, last, sealed, 0));
        }
        return out.toByteArray();
    }

    private static byte[] decrypt(byte[] ciphertext, FloeParameters parameters) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] plaintext = new byte[parameters.plaintextBytes()];
        byte[] header = Arrays.copyOf(ciphertext, FloeParameters.HEADER_BYTES);
        try (FloeMessage message =
                        FloeMessage.startDecryption(new Keyed(KEY, AAD), header, parameters, Jca.platform());
                Segments segments = message.segments()) {
            int at = FloeParameters.HEADER_BYTES;
            long segment = 0;
            for (; ciphertext.length - at > parameters.segmentBytes(); at += parameters.segmentBytes()) {
                Slice sealed = new Slice(ciphertext, at, parameters.segmentBytes());
                out.write(plaintext, 0, segments.decryptFull(segment++, sealed, plaintext, 0));
            }
            Slice sealed = new Slice(ciphertext, at, ciphertext.length - at);
            out.write(plaintext, 0, segments.decryptLast(segment, sealed, plaintext, 0));
        }
        return out.toByteArray();
    }

    private static byte[] vector(String file) throws IOException {
        try (InputStream in = FloeKnownAnswerTest.class.getResourceAsStream("/vectors/floe/" + file)) {
            assertThat(in).as(file).isNotNull();
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
            return HexFormat.of().parseHex(hex.toLowerCase(Locale.ROOT));
        }
    }
}
