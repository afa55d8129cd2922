package io.keywrap;

import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/**
 * What a block of Java in the documentation finds there: a folder with a key store {@code kek.p12} and a file
 * {@code accounts.csv}, and everything that was set up on a page before.
 */
public abstract class DocBlock {
    protected final Path folder;
    protected final KekId vendorKek = TestTenant.VENDOR;
    protected final KekId customerKek = TestTenant.CUSTOMER;
    protected final KekId replicaKek = TestTenant.OTHER_CUSTOMER;
    protected final FileKeychainStore store;
    protected final KeyProviders providers;
    protected final Keychains keychains;
    protected final Keychain keychain;
    protected final EnvelopeCipher cipher;

    protected DocBlock(Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("accounts.csv"), "id,name\n1,acme\n".repeat(10_000));
        TestTenant tenant = TestTenant.in(folder);
        this.store = tenant.store();
        this.providers = tenant.providers();
        this.keychains = tenant.keychains();
        this.keychain = tenant.keychain("tenant-1");
        this.cipher = EnvelopeCipher.using(keychain);
    }

    protected static char[] password() {
        return TestTenant.password();
    }

    /** Stands for the log of whoever reads the documentation. */
    protected static void log(Object line) {
        LoggerFactory.getLogger(DocBlock.class).info("{}", line);
    }

    /** Runs a compiled block in a process of its own: its class and its folder. */
    public static void main(String[] args) throws Exception {
        Class<?> block = Class.forName(args[0]);
        ((DocBlock) block.getConstructor(Path.class).newInstance(Path.of(args[1]))).run();
    }

    /** The block. */
    public abstract void run() throws Exception;
}
