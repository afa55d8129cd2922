package io.keywrap.byok;

import io.keywrap.Dek;
import io.keywrap.ManualTime;
import io.keywrap.TestTenant;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.RsaOaep;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;

/** A vendor's transport keys under a real keychain, with key pairs that were made once, since making them takes long. */
final class TransportFixture {
    static final Path RESOURCES = Path.of("src/test/resources/uploads");
    static final String REGION = "eu-west-1";

    final TestTenant tenant;
    final ManualTime time = new ManualTime();
    final EnvelopeCipher cipher;
    private final Iterator<String> names =
            List.of("one", "two", "three", "one", "two").iterator();

    TransportFixture(Path folder) {
        tenant = TestTenant.withoutCache(folder);
        cipher = EnvelopeCipher.using(tenant.keychains().create("transport", spec -> spec.control(TestTenant.VENDOR)));
    }

    TransportKeys.Builder builder() {
        return builder(REGION);
    }

    TransportKeys.Builder builder(String region) {
        return TransportKeys.builder(cipher).region(region).time(time).keyPairs(() -> pair(names.next()));
    }

    /** Each made by {@code openssl genpkey | openssl pkcs8 -topk8}. */
    static KeyPair pair(String name) {
        try {
            KeyFactory factory = KeyFactory.getInstance("RSA");
            RSAPrivateCrtKey key = (RSAPrivateCrtKey) factory.generatePrivate(
                    new PKCS8EncodedKeySpec(Files.readAllBytes(RESOURCES.resolve(name + ".p8"))));
            return new KeyPair(
                    factory.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())), key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Encrypts as a customer does. */
    static byte[] encrypted(String name, byte[] plaintext) {
        return RsaOaep.of(Jca.platform()).encrypt(pair(name).getPublic(), plaintext);
    }

    static String digestOf(byte[] secret) {
        return Base64.getEncoder().encodeToString(Jca.platform().sha256(secret));
    }

    static BigInteger modulusOf(String name) {
        return ((RSAPrivateCrtKey) pair(name).getPrivate()).getModulus();
    }

    /** What is in an upload, as a copy. */
    static byte[] opened(Upload upload, TransportKeys keys) {
        try (Dek secret = upload.secret(keys)) {
            return secret.withBytes(byte[]::clone);
        }
    }

    static byte[] flipped(byte[] bytes, int bit) {
        byte[] changed = bytes.clone();
        changed[bit / 8] ^= (byte) (1 << (bit % 8));
        return changed;
    }
}
