package io.keywrap.keystore;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.crypto.Jca;
import io.keywrap.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A PKCS#12 file (RFC 7292): read again whenever it has changed, so that a key taken out of it is gone here too. */
final class Pkcs12File implements KeyStoreSource {
    private static final String TYPE = "PKCS12";

    private final Path file;
    private final Supplier<char[]> password;
    private final ReentrantLock opening =
            new ReentrantLock(); // No monitor, which would hold a virtual thread's carrier.
    private @Nullable Opened opened;

    Pkcs12File(Path file, Supplier<char[]> password) {
        this.file = file;
        this.password = password;
    }

    @Override
    public KeyStore open(KekId kekId) {
        opening.lock();
        try {
            Stamp stamp = Stamp.of(file);
            if (opened == null || !opened.stamp.equals(stamp)) {
                opened = new Opened(stamp, load());
            }
            return opened.keyStore;
        } catch (NoSuchFileException e) {
            throw failure(kekId, "the key store file " + file + " does not exist", "name the right file", e);
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw failure(kekId, "the password does not open the key store " + file, "give its password", e);
            }
            throw failure(kekId, "the key store " + file + " cannot be read", "check that it is PKCS#12", e);
        } catch (GeneralSecurityException e) {
            throw failure(kekId, "the key store " + file + " cannot be read", "see the cause", e);
        } finally {
            opening.unlock();
        }
    }

    @Override
    public char[] keyPassword() {
        return password.get();
    }

    /**
     * Adds a random AES-256 key to the file, which is made if it is missing and replaced in one step if not.
     *
     * <p>One writer at a time: a key that a second writer overwrote would be lost with all that it wraps.     */
    void addKey(KekId kekId, String alias) throws IOException {
        Path real = AtomicFile.isThere(file) ? file.toRealPath() : file;
        try (AtomicFile.Lock held = AtomicFile.Lock.acquire(real.resolveSibling("." + real.getFileName() + ".lock"))) {
            held.ensureHeld();
            addKeyAlone(kekId, alias);
        }
    }

    private void addKeyAlone(KekId kekId, String alias) throws IOException {
        char[] secret = password.get();
        byte[] key = Jca.platform().random(Jca.KEY_BYTES);
        try {
            boolean exists = AtomicFile.isThere(file);
            KeyStore keyStore = exists ? open(kekId) : KeyStore.getInstance(TYPE);
            if (!exists) {
                keyStore.load(null, null);
            }
            if (keyStore.containsAlias(alias)) {
                throw new FileAlreadyExistsException(
                        file.toString(), null, "has a key '" + alias + "' already; to do: choose another alias");
            }
            keyStore.setEntry(
                    alias,
                    new KeyStore.SecretKeyEntry(new SecretKeySpec(key, "AES")),
                    new KeyStore.PasswordProtection(secret));
            store(keyStore, secret);
        } catch (GeneralSecurityException e) {
            throw new IOException("the key store " + file + " cannot take the key", e);
        } finally {
            Arrays.fill(secret, '\0');
            Arrays.fill(key, (byte) 0);
        }
    }

    private void store(KeyStore keyStore, char[] secret) throws IOException, GeneralSecurityException {
        if (AtomicFile.isThere(file) && Files.getFileStore(file).supportsFileAttributeView("posix")) {
            // The replacement takes over what is there, which somebody else may have made readable by all.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        try (AtomicFile replacement = AtomicFile.replacingInPrivate(file)) {
            OutputStream out = Channels.newOutputStream(replacement.channel());
            keyStore.store(out, secret);
            replacement.commit();
        }
    }

    private KeyStore load() throws IOException, GeneralSecurityException {
        char[] secret = password.get();
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore keyStore = KeyStore.getInstance(TYPE);
            keyStore.load(in, secret);
            return keyStore;
        } finally {
            Arrays.fill(secret, '\0');
        }
    }

    private static KekConfigurationException failure(KekId kekId, String what, String action, Exception cause) {
        return new KekConfigurationException(
                Failure.of(kekId, what).operatorAction(action).cause(cause));
    }

    private record Opened(Stamp stamp, KeyStore keyStore) {}

    /** What changes when a file is replaced or written. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object fileKey) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        }
    }
}
