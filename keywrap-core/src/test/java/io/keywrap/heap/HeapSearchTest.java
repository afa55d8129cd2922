package io.keywrap.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The search finds what was planted, wherever it is, and nothing else. */
class HeapSearchTest {
    private static final int BLOCK = 1 << 20;
    private static final byte[] KEY = random(48, 7);
    private static final Secret SECRET = Secret.of("the key", KEY);

    @TempDir
    Path folder;

    @Nested
    class AKey {
        @ParameterizedTest
        @ValueSource(
                ints = {0, 1, 1000, BLOCK - 48, BLOCK - 17, BLOCK - 1, BLOCK, BLOCK + 70, 2 * BLOCK, 3 * BLOCK - 48})
        void isFoundAtAnyPlace(int at) throws IOException {
            byte[] file = random(3 * BLOCK, 1);
            System.arraycopy(KEY, 0, file, at, KEY.length);
            assertThat(found(file)).isEqualTo(Map.of(Form.RAW, 3));
        }

        @Test
        void isFoundAtTheEndOfFilesOfAnyLength() throws IOException {
            for (int length = BLOCK - 40; length < BLOCK + 200; length += 3) {
                byte[] file = random(length, 1);
                System.arraycopy(KEY, 0, file, length - KEY.length, KEY.length);
                assertThat(found(file)).as("%d bytes", length).isEqualTo(Map.of(Form.RAW, 3));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 16, 32})
        void isFoundByOneThirdOfIt(int piece) throws IOException {
            byte[] file = random(5000, 1);
            System.arraycopy(KEY, piece, file, 100, 16);
            assertThat(found(file)).isEqualTo(Map.of(Form.RAW, 1));
        }

        @Test
        void isNotFoundWhereItIsNot() throws IOException {
            assertThat(found(random(2 * BLOCK, 1))).isEmpty();
            assertThat(found(Arrays.copyOf(KEY, 15))).isEmpty();
            assertThat(found(new byte[0])).isEmpty();
        }

        @Test
        void isLongEnoughNotToBeFoundByChance() {
            assertThatIllegalArgumentException().isThrownBy(() -> Secret.of("a short one", new byte[16]));
        }
    }

    @Nested
    class Forms {
        @ParameterizedTest
        @MethodSource("io.keywrap.heap.HeapSearchTest#charsets")
        void ofTextAreFoundInEveryCharset(Charset charset) throws IOException {
            Map<Form, String> texts = new EnumMap<>(Form.class);
            texts.put(Form.HEX_LOWER, HexFormat.of().formatHex(KEY));
            texts.put(Form.HEX_UPPER, HexFormat.of().withUpperCase().formatHex(KEY));
            texts.put(Form.DECIMAL, Arrays.toString(KEY));
            for (Map.Entry<Form, String> text : texts.entrySet()) {
                byte[] file = ("the key is " + text.getValue() + ".").getBytes(charset);
                assertThat(found(file).keySet()).containsExactly(text.getKey());
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.heap.HeapSearchTest#charsets")
        void ofBase64AreFoundAtEveryPlaceOfALongerText(Charset charset) throws IOException {
            for (int before = 0; before < 6; before++) {
                byte[] longer = ByteBuffer.allocate(before + KEY.length + 5)
                        .put(random(before, 2))
                        .put(KEY)
                        .array();
                String text = Base64.getEncoder().encodeToString(longer);
                String url = Base64.getUrlEncoder().encodeToString(longer);
                assertThat(found(text.getBytes(charset))).containsKey(Form.BASE64);
                assertThat(found(url.getBytes(charset))).containsKey(Form.BASE64_URL);
            }
        }

        @Test
        void ofWordsAreFound() throws IOException {
            for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                ByteBuffer ints = ByteBuffer.allocate(KEY.length).order(order);
                ByteBuffer longs = ByteBuffer.allocate(KEY.length).order(order);
                ByteBuffer in = ByteBuffer.wrap(KEY);
                while (in.hasRemaining()) {
                    ints.putInt(in.getInt());
                }
                in.rewind();
                while (in.hasRemaining()) {
                    longs.putLong(in.getLong());
                }
                boolean big = order == ByteOrder.BIG_ENDIAN;
                assertThat(found(ints.array())).containsOnlyKeys(big ? Form.RAW : Form.LITTLE_ENDIAN_INTS);
                assertThat(found(longs.array())).containsOnlyKeys(big ? Form.RAW : Form.LITTLE_ENDIAN_LONGS);
            }
        }
    }

    @Nested
    class Arithmetic {
        /** The usual examples of MixColumns: the column db 13 53 45 becomes 8e 4d a1 bc, and so on. */
        @Test
        void ofInverseMixColumnsUndoesAPublishedExample() {
            assertThat(Bytes.inverseMixColumns(hex("8e4da1bc9fdc589d01010101c6c6c6c6")))
                    .isEqualTo(hex("db135345f20a225c01010101c6c6c6c6"));
        }

        /** A digest of one block, padded by hand, ends in the state that comes after it. */
        @Test
        void ofSha384GivesTheDigestsOfTheJdk() throws Exception {
            byte[] message = random(100, 3);
            byte[] padded = ByteBuffer.allocate(128)
                    .put(message)
                    .put((byte) 0x80)
                    .putLong(120, 8L * message.length)
                    .array();
            byte[] digest = MessageDigest.getInstance("SHA-384").digest(message);
            assertThat(Arrays.copyOf(Sha384State.after(padded), 48)).isEqualTo(digest);
        }
    }

    static Stream<Charset> charsets() {
        return Stream.of(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE);
    }

    private Map<Form, Integer> found(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("dump"), bytes);
        return HeapSearch.search(file, Set.of(SECRET)).getOrDefault("the key", Map.of());
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
