package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A secret is found in whatever form a text tells it, and nowhere else. */
class SecretTest {
    private static final byte[] KEY =
            HexFormat.of().parseHex("8a3f00fbffc1127e9d5401b7ee62d80f" + "5ca96b03e1f4377d80ff2ab91e46c57b");
    private static final String VALUE = "tenant-whose-name-stays-out";

    static Stream<String> textsWithTheKey() {
        HexFormat hex = HexFormat.of();
        Base64.Encoder base64 = Base64.getEncoder();
        List<Integer> unsigned = new ArrayList<>();
        for (byte one : KEY) {
            unsigned.add(one & 255);
        }
        Stream<String> wholly = Stream.of(
                hex.formatHex(KEY),
                hex.withUpperCase().formatHex(KEY),
                HexFormat.ofDelimiter(":").formatHex(KEY),
                HexFormat.ofDelimiter(", ").withPrefix("0x").withUpperCase().formatHex(KEY),
                hex.formatHex(KEY, 5, 13),
                Arrays.toString(KEY),
                Arrays.toString(Arrays.copyOfRange(KEY, 20, 28)),
                unsigned.toString(),
                new BigInteger(KEY).toString(),
                new BigInteger(1, KEY).toString(),
                new BigInteger(1, Arrays.copyOfRange(KEY, 16, 32)).toString(),
                String.format(Locale.ROOT, "%,d", new BigInteger(1, KEY)),
                String.valueOf(ByteBuffer.wrap(KEY).getLong(3)),
                new String(KEY, StandardCharsets.ISO_8859_1),
                base64.encodeToString(Arrays.copyOf(KEY, 16)),
                base64.withoutPadding().encodeToString(Arrays.copyOfRange(KEY, 7, 15)),
                Base64.getUrlEncoder().encodeToString(KEY),
                Base64.getMimeEncoder(8, new byte[] {'\n'}).encodeToString(KEY));
        Stream<String> among = Stream.of(0, 1, 2, 3, 16, 17).map(before -> base64.encodeToString(amongOthers(before)));
        return Stream.concat(wholly, among);
    }

    @ParameterizedTest
    @MethodSource("textsWithTheKey")
    void aKeyIsFound(String text) {
        assertThat(Secret.ofKey(KEY).toldBy("request: '" + text + "' failed")).isPresent();
    }

    static Stream<String> textsWithTheValue() {
        byte[] bytes = ("{tenant=" + VALUE + "}").getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                VALUE,
                VALUE.toUpperCase(Locale.ROOT),
                VALUE.replace('-', '_'),
                URLEncoder.encode(VALUE, StandardCharsets.UTF_8),
                HexFormat.ofDelimiter(" ").formatHex(bytes),
                Base64.getEncoder().encodeToString(bytes),
                Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, 1, bytes.length)),
                Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, 2, bytes.length)));
    }

    @ParameterizedTest
    @MethodSource("textsWithTheValue")
    void aValueOfAContextIsFound(String text) {
        assertThat(Secret.ofText(VALUE).toldBy("of " + text + ".")).isPresent();
    }

    /** Texts that are full of numbers, hex and Base64, for thousands of keys. */
    @Test
    void nothingIsFoundByChance() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String text = textsWithTheKey().reduce("", (all, one) -> all + " " + one) + " 0 0, 0, 0 00:00:00:00";
        for (int i = 0; i < 2_000; i++) {
            byte[] other = new byte[32];
            random.nextBytes(other);
            if (i % 3 == 0) {
                Arrays.fill(other, 4, 8, (byte) 0); // A number that is small.
            }
            assertThat(Secret.ofKey(other).toldBy(text)).as("seed %d", seed).isEmpty();
        }
    }

    private static byte[] amongOthers(int before) {
        byte[] bytes = new byte[before + KEY.length + 20];
        Arrays.fill(bytes, (byte) 0xa5);
        System.arraycopy(KEY, 0, bytes, before, KEY.length);
        return bytes;
    }
}
