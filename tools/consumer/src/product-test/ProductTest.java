package com.example.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.KeywrapExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The test of a product that is a module. */
class ProductTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "accounts.csv");

    @RegisterExtension
    final KeywrapExtension keywrap = new KeywrapExtension();

    @Test
    void servesNothingOnceTheCustomerDisablesTheKek() {
        EnvelopeCipher cipher = EnvelopeCipher.using(keywrap.keychain());
        byte[] stored = cipher.encrypt(new byte[] {1, 2, 3}, CONTEXT);
        assertArrayEquals(new byte[] {1, 2, 3}, cipher.decrypt(stored, CONTEXT));
        keywrap.kek().disable();
        assertThrows(KekRevokedException.class, () -> cipher.decrypt(stored, CONTEXT));
    }

    @Test
    void allOfItAreModules() {
        assertTrue(ProductTest.class.getModule().isNamed() || Boolean.getBoolean("class.path"));
        assertTrue(KeywrapExtension.class.getModule().isNamed() || Boolean.getBoolean("class.path"));
        assertTrue(EnvelopeCipher.class.getModule().isNamed() || Boolean.getBoolean("class.path"));
    }
}
