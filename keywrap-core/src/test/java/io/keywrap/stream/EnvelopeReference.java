package io.keywrap.stream;

import io.keywrap.floe.FloeReference;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * A second reader of envelopes, written from docs/format.md alone and sharing no code with the product.
 *
 * @param keychainId the keychain that the header names
 * @param dekId the DEK that the header names, in hexadecimal
 * @param keyContext the key context
 * @param objectContext the object context
 * @param recipients how many wraps there are
 * @param plaintext the plaintext
 */
public record EnvelopeReference(
        String keychainId,
        String dekId,
        Map<String, String> keyContext,
        Map<String, String> objectContext,
        int recipients,
        byte[] plaintext) {
    public static EnvelopeReference read(byte[] envelope, byte[] dek) throws GeneralSecurityException {
        ByteBuffer in = ByteBuffer.wrap(envelope);
        if (in.getInt() != 0x4B575250 || in.get() != 1) {
            throw new IllegalArgumentException("magic and version");
        }
        byte[] bound = new byte[in.getInt()];
        byte[] wraps = new byte[in.getInt()];
        in.get(bound).get(wraps);
        byte[] payload = Arrays.copyOfRange(envelope, in.position(), envelope.length);

        ByteArrayOutputStream aad = new ByteArrayOutputStream();
        aad.writeBytes(Arrays.copyOf(envelope, 5));
        aad.writeBytes(bound);
        byte[] plaintext = FloeReference.decrypt(dek, aad.toByteArray(), payload, 20);

        ByteBuffer fields = ByteBuffer.wrap(bound);
        String keychainId = text(fields);
        byte[] dekId = new byte[16];
        fields.get(dekId);
        return new EnvelopeReference(
                keychainId,
                HexFormat.of().formatHex(dekId),
                context(ByteBuffer.wrap(sized(fields))),
                context(ByteBuffer.wrap(sized(fields))),
                count(ByteBuffer.wrap(wraps)),
                plaintext);
    }

    private static Map<String, String> context(ByteBuffer in) {
        Map<String, String> pairs = new TreeMap<>();
        int count = in.getShort();
        for (int i = 0; i < count; i++) {
            pairs.put(text(in), text(in));
        }
        return pairs;
    }

    private static int count(ByteBuffer wraps) {
        int count = 0;
        for (; wraps.hasRemaining(); count++) {
            sized(wraps);
        }
        return count;
    }

    private static String text(ByteBuffer in) {
        return new String(sized(in), StandardCharsets.UTF_8);
    }

    private static byte[] sized(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort() & 0xFFFF];
        in.get(bytes);
        return bytes;
    }
}
