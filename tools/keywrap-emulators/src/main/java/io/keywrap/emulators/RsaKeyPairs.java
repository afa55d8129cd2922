package io.keywrap.emulators;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * RSA key pairs of one emulator, no two alike. Making one takes up to seconds, so the emulators of a JVM give out the same
 * ones in the same order. Guarded by its own monitor.
 */
final class RsaKeyPairs {
    private static final Map<Integer, List<KeyPair>> MADE = new HashMap<>();

    private final Map<Integer, Integer> given = new HashMap<>();

    synchronized KeyPair next(int bits) {
        int index = given.merge(bits, 1, Integer::sum) - 1;
        synchronized (MADE) {
            List<KeyPair> made = MADE.computeIfAbsent(bits, size -> new ArrayList<>());
            while (made.size() <= index) {
                made.add(make(bits));
            }
            return made.get(index);
        }
    }

    private static KeyPair make(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK makes no RSA keys", e);
        }
    }
}
