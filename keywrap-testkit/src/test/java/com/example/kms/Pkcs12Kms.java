package com.example.kms;

import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.TestKek;
import io.keywrap.testkit.TestKms;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real PKCS#12 file, changed by the JDK's own means as its owner does it with keytool.
 *
 * <p>A key store knows no states: a key is in it or not, and the file is there or not.
 */
final class Pkcs12Kms implements TestKms {
    private static final KeyStore.ProtectionParameter PROTECTION = new KeyStore.PasswordProtection(password());

    private final Path file;
    private final Path away;
    private final AtomicInteger made = new AtomicInteger();

    Pkcs12Kms(Path folder) {
        this.file = folder.resolve("kek.p12");
        this.away = folder.resolve("kek.p12.away");
    }

    @Override
    public TestKek createKek() {
        KekId id = KekId.of("keystore:main#kek-" + made.incrementAndGet());
        try {
            Keystores.createKek(file, id, Pkcs12Kms::password);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Alias(id);
    }

    @Override
    public KekId unknownKek() {
        return KekId.of("keystore:main#never-made");
    }

    @Override
    public KeyProvider.Factory factory() {
        return Keystores.builder().pkcs12("main", file, Pkcs12Kms::password).build();
    }

    /** The folder is JUnit's to delete. */
    @Override
    public void close() {}

    private static char[] password() {
        return "correct horse battery".toCharArray();
    }

    private final class Alias implements TestKek {
        private final KekId id;
        private final String alias;
        private KeyStore.Entry taken;

        Alias(KekId id) {
            this.id = id;
            this.alias = id.uri().substring(id.uri().indexOf('#') + 1);
        }

        @Override
        public KekId id() {
            return id;
        }

        @Override
        public void remove() {
            edit(keyStore -> {
                taken = keyStore.getEntry(alias, PROTECTION);
                keyStore.deleteEntry(alias);
            });
        }

        @Override
        public void putBack() {
            edit(keyStore -> keyStore.setEntry(alias, taken, PROTECTION));
        }

        /** The file is not where the configuration says. */
        @Override
        public void misconfigure() {
            move(file, away);
        }

        @Override
        public void recover() {
            if (Files.exists(away)) {
                move(away, file);
            }
        }

        private void edit(Edit edit) {
            Path edited = file.resolveSibling("edited.p12");
            try {
                KeyStore keyStore = KeyStore.getInstance("PKCS12");
                try (InputStream in = Files.newInputStream(file)) {
                    keyStore.load(in, password());
                }
                edit.on(keyStore);
                try (OutputStream out = Files.newOutputStream(edited)) {
                    keyStore.store(out, password());
                }
                Files.move(edited, file, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException | GeneralSecurityException e) {
                throw new AssertionError("the key store cannot be edited", e);
            }
        }

        private static void move(Path from, Path to) {
            try {
                Files.move(from, to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private interface Edit {
        void on(KeyStore keyStore) throws GeneralSecurityException;
    }
}
