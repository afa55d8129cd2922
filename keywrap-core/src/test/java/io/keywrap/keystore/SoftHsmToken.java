package io.keywrap.keystore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.login.LoginException;

/**
 * A SoftHSM2 token, through SunPKCS11. The native library finds its tokens through the environment of the process, so
 * whoever uses one runs in a process of its own with {@code SOFTHSM2_CONF} set.
 */
final class SoftHsmToken {
    private static final String PIN = "4711";

    private final AuthProvider provider;
    private final KeyStore keyStore;

    private SoftHsmToken(AuthProvider provider, KeyStore keyStore) {
        this.provider = provider;
        this.keyStore = keyStore;
    }

    /** The native library, where it is installed. */
    static Optional<Path> library() {
        return Stream.of(
                        "/usr/lib/softhsm/libsofthsm2.so",
                        "/usr/lib64/softhsm/libsofthsm2.so",
                        "/usr/lib64/pkcs11/libsofthsm2.so",
                        "/usr/local/lib/softhsm/libsofthsm2.so",
                        "/opt/homebrew/lib/softhsm/libsofthsm2.so")
                .map(Path::of)
                .filter(Files::exists)
                .findFirst();
    }

    /** Makes a configuration with a fresh token in a folder. */
    static Path initialise(Path folder) throws IOException, InterruptedException {
        Path tokens = Files.createDirectories(folder.resolve("tokens"));
        Path configuration = folder.resolve("softhsm2.conf");
        Files.writeString(configuration, "directories.tokendir = " + tokens + "\nobjectstore.backend = file\n");
        ProcessBuilder util = new ProcessBuilder(
                "softhsm2-util", "--init-token", "--free", "--label", "keywrap", "--so-pin", PIN, "--pin", PIN);
        util.environment().put("SOFTHSM2_CONF", configuration.toString());
        Process process = util.redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("softhsm2-util: " + printed);
        }
        return configuration;
    }

    /** Logs in to the first token. Keys made through it are sensitive and never leave it. */
    static SoftHsmToken open() {
        String configuration = "--name=keywrap\nlibrary=" + library().orElseThrow() + "\nslotListIndex=0\n"
                + "attributes(*,CKO_SECRET_KEY,CKK_AES)={\nCKA_SENSITIVE=true\nCKA_EXTRACTABLE=false\n"
                + "CKA_ENCRYPT=true\nCKA_DECRYPT=true\n}\n";
        try {
            Provider provider = Security.getProvider("SunPKCS11").configure(configuration);
            KeyStore keyStore = KeyStore.getInstance("PKCS11", provider);
            keyStore.load(null, PIN.toCharArray());
            return new SoftHsmToken((AuthProvider) provider, keyStore);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    KeyStore keyStore() {
        return keyStore;
    }

    Provider provider() {
        return provider;
    }

    void generate(String alias, int bits) throws GeneralSecurityException {
        KeyGenerator generator = KeyGenerator.getInstance("AES", provider);
        generator.init(bits);
        SecretKey key = generator.generateKey();
        keyStore.setKeyEntry(alias, key, null, null);
    }

    void logOut() throws LoginException {
        provider.logout();
    }

    void logIn() throws LoginException {
        CallbackHandler pin = callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof PasswordCallback password) {
                    password.setPassword(PIN.toCharArray());
                }
            }
        };
        provider.login(null, pin);
    }
}
