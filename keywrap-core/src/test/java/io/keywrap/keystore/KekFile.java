package io.keywrap.keystore;

import io.keywrap.TestTenant;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;

/** What an owner does to the KEKs in a PKCS#12 file with the tools of the JDK; the file is replaced in one step. */
public final class KekFile {
    private final Path file;

    public KekFile(Path file) {
        this.file = file;
    }

    public Key get(String alias) {
        try {
            return load().getKey(alias, TestTenant.password());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Takes a key out and gives it to the caller, who may put it back. */
    public Key remove(String alias) {
        Key key = get(alias);
        change(keyStore -> keyStore.deleteEntry(alias));
        return key;
    }

    public void put(String alias, Key key) {
        change(keyStore -> keyStore.setKeyEntry(alias, key, TestTenant.password(), null));
    }

    /** Puts a secret key of a length and algorithm of the test's choice. */
    public void put(String alias, String algorithm, int bytes) {
        byte[] key = new byte[bytes];
        Arrays.fill(key, (byte) 0x5A);
        put(alias, new SecretKeySpec(key, algorithm));
    }

    private void change(Change change) {
        try {
            KeyStore keyStore = load();
            change.to(keyStore);
            Path next = file.resolveSibling(file.getFileName() + ".next");
            try (OutputStream out = Files.newOutputStream(next)) {
                keyStore.store(out, TestTenant.password());
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private KeyStore load() {
        try {
            KeyStore keyStore = KeyStore.getInstance("PKCS12");
            if (Files.exists(file)) {
                try (InputStream in = Files.newInputStream(file)) {
                    keyStore.load(in, TestTenant.password());
                }
            } else {
                keyStore.load(null, null);
            }
            return keyStore;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private interface Change {
        void to(KeyStore keyStore) throws GeneralSecurityException;
    }
}
