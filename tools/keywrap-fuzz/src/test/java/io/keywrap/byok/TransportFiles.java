package io.keywrap.byok;

import io.keywrap.fuzz.Vendor;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;

/** Transport keys of a region, of a key pair that lies with the tests of core, since making one takes long. */
final class TransportFiles {
    static final String REGION = "eu-west-1";
    static final KeyPair PAIR = pair();
    static final TransportKeys KEYS = builder().create();

    private TransportFiles() {}

    static TransportKeys.Builder builder() {
        EnvelopeCipher cipher = EnvelopeCipher.using(Holder.VENDOR.keychains.open("transport"));
        return TransportKeys.builder(cipher).region(REGION).keyPairs(() -> PAIR);
    }

    private static KeyPair pair() {
        try {
            KeyFactory factory = KeyFactory.getInstance("RSA");
            RSAPrivateCrtKey key = (RSAPrivateCrtKey) factory.generatePrivate(
                    new PKCS8EncodedKeySpec(Files.readAllBytes(Path.of("src/test/resources/io/keywrap/byok/one.p8"))));
            return new KeyPair(
                    factory.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())), key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Holder {
        static final Vendor VENDOR = new Vendor();

        static {
            VENDOR.keychains.create("transport", spec -> spec.control(VENDOR.vendorKek));
        }
    }
}
