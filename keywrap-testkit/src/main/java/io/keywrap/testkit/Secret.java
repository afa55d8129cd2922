package io.keywrap.testkit;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Something that no text may tell, and the forms in which texts are wont to tell it.
 *
 * <p>A key is found by any eight bytes of it in a row. No form is so short that a text has it by chance.
 *
 * <p><b>Security:</b> holds what it looks for, so it is no record, and has no {@code toString} of its own.
 */
final class Secret {
    private static final int WINDOW_BYTES = 8;
    private static final int LEAST_DIGITS = 15;
    private static final Pattern BETWEEN = Pattern.compile("[\\s:,_-]+|0x");
    private static final Pattern UNSIGNED = Pattern.compile("\\d+");
    private static final Pattern SIGNED = Pattern.compile("-?\\d+");

    private final Map<String, Form> forms = new LinkedHashMap<>();

    private Secret() {}

    static Secret ofKey(byte[] key) {
        Secret secret = new Secret();
        List<byte[]> windows = windowsOf(key);
        secret.add("as it is", text -> text, windows, Secret::latin);
        secret.add("in hex", Secret::squeezed, windows, HexFormat.of()::formatHex);
        secret.add("as a list of bytes", text -> bytesIn(text, UNSIGNED), windows, Secret::latin);
        secret.add("as a list of signed bytes", text -> bytesIn(text, SIGNED), windows, Secret::latin);
        secret.addBase64(windows);
        secret.addNumbers(key, windows);
        return secret;
    }

    static Secret ofText(String value) {
        Secret secret = new Secret();
        List<byte[]> whole = List.of(value.getBytes(StandardCharsets.UTF_8));
        secret.add("as it is", Secret::squeezed, whole, bytes -> squeezed(value));
        secret.add("in hex", Secret::squeezed, whole, HexFormat.of()::formatHex);
        secret.addBase64(whole);
        return secret;
    }

    /** In which form a text tells it, in words that do not; empty if it does not. */
    Optional<String> toldBy(String text) {
        return forms.entrySet().stream()
                .filter(form -> form.getValue().isIn(text))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void add(
            String name, Function<String, String> reading, List<byte[]> parts, Function<byte[], String> writing) {
        List<String> needles = new ArrayList<>();
        parts.forEach(part -> needles.add(writing.apply(part)));
        forms.put(name, new Form(reading, needles));
    }

    /** A part may begin at any byte of what was encoded; of the characters at its edges others have a share. */
    private void addBase64(List<byte[]> parts) {
        for (int before = 0; before < 3; before++) {
            int alignment = before;
            add("in Base64 from byte " + before, Secret::asBase64, parts, part -> {
                byte[] bytes = new byte[alignment + part.length];
                System.arraycopy(part, 0, bytes, alignment, part.length);
                String encoded = Base64.getEncoder().encodeToString(bytes);
                return encoded.substring((alignment * 8 + 5) / 6, bytes.length * 8 / 6);
            });
        }
    }

    /** Of the whole, the halves and the windows; but not those that happen to be small, which many texts have. */
    private void addNumbers(byte[] key, List<byte[]> windows) {
        List<byte[]> parts = new ArrayList<>(windows);
        parts.add(key);
        parts.add(Arrays.copyOf(key, key.length / 2));
        parts.add(Arrays.copyOfRange(key, key.length / 2, key.length));
        parts.removeIf(part -> new BigInteger(part).abs().toString().length() < LEAST_DIGITS);
        add("as a number", Secret::squeezed, parts, part -> new BigInteger(1, part).toString());
        add("as a signed number", Secret::squeezed, parts, part -> squeezed(new BigInteger(part).toString()));
    }

    private static List<byte[]> windowsOf(byte[] key) {
        List<byte[]> windows = new ArrayList<>();
        for (int i = 0; i + WINDOW_BYTES <= key.length; i++) {
            windows.add(Arrays.copyOfRange(key, i, i + WINDOW_BYTES));
        }
        return windows;
    }

    /** Without what stands between digits, and in one case. */
    private static String squeezed(String text) {
        return BETWEEN.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    }

    /** In the alphabet of Base64 that is not for URLs, and without the breaks of lines. */
    private static String asBase64(String text) {
        return text.replaceAll("\\s+", "").replace('-', '+').replace('_', '/');
    }

    /** The numbers of a text as bytes, a character each; what is no byte becomes a character that no byte is. */
    private static String bytesIn(String text, Pattern number) {
        StringBuilder bytes = new StringBuilder();
        number.matcher(text).results().forEach(match -> {
            int value = match.group().length() > 4 ? Integer.MAX_VALUE : Integer.parseInt(match.group());
            bytes.append(value < Byte.MIN_VALUE || value > 255 ? '\uffff' : (char) (value & 255));
        });
        return bytes.toString();
    }

    /**
     * One way to write a secret.
     *
     * @param reading makes of a text what its needles are looked for in
     * @param needles the secret and its parts
     */
    private record Form(Function<String, String> reading, List<String> needles) {
        boolean isIn(String text) {
            String read = reading.apply(text);
            return needles.stream().anyMatch(read::contains);
        }
    }
}
