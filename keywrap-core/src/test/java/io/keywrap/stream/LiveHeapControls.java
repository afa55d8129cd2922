package io.keywrap.stream;

import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.keychain.Keychain;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/** Whatever must be found: things that were not closed, and copies that a user made of a key. */
final class LiveHeapControls extends LiveHeapScenario {
    LiveHeapControls(Path folder) {
        super(folder);
    }

    @Override
    void run() throws IOException, GeneralSecurityException {
        EnvelopeCipher cipher = cipher(keychain("streams", spec -> {}));
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        EnvelopeWriter writer = kept(cipher.writer(sink, CONTEXT));
        writer.stream().write(plaintext());
        saved(sink.toByteArray());
        byte[] envelope = saved(cipher.encrypt(plaintext(), CONTEXT));
        InputStream reader = kept(cipher.reader(new ByteArrayInputStream(envelope), CONTEXT));
        reader.read();

        Keychain leased = keychain("leased", spec -> {});
        kept(leased.primary());

        Keychain outside = keychain("copied", spec -> {});
        try (DekLease lease = outside.primary()) {
            ciphers(lease.secretKey());
            byte[] key = lease.withBytes(byte[]::clone);
            words(key);
            texts(key);
            kept(new Object[] {key, reversed(key)});
        }
    }

    /** Closing the lease does not reach what the JCA has copied. */
    private static void ciphers(SecretKey key) throws GeneralSecurityException {
        Cipher gcm = kept(Cipher.getInstance("AES/GCM/NoPadding"));
        gcm.init(Cipher.ENCRYPT_MODE, key);
        gcm.updateAAD(new byte[32]);
        Cipher block = kept(Cipher.getInstance("AES/ECB/NoPadding"));
        block.init(Cipher.DECRYPT_MODE, key);
        Mac mac = kept(Mac.getInstance("HmacSHA384"));
        mac.init(key);
        mac.update((byte) 1);
    }

    private static void words(byte[] key) {
        int[] ints = new int[Dek.BYTES / Integer.BYTES];
        ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ints);
        long[] longs = new long[Dek.BYTES / Long.BYTES];
        ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(longs);
        kept(new Object[] {ints, longs});
    }

    private static void texts(byte[] key) {
        kept("key=" + HexFormat.of().formatHex(key));
        kept(HexFormat.of().withUpperCase().formatHex(key).toCharArray());
        kept(Base64.getEncoder().encodeToString(key));
        kept("„" + Base64.getUrlEncoder().withoutPadding().encodeToString(key) + "“");
        kept(Arrays.toString(key));
    }

    private static byte[] reversed(byte[] key) {
        byte[] reversed = new byte[key.length];
        for (int i = 0; i < key.length; i++) {
            reversed[i] = key[key.length - 1 - i];
        }
        return reversed;
    }
}
