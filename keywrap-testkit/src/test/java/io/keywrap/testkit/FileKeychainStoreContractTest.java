package io.keywrap.testkit;

import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.io.TempDir;

/** The store in files keeps the contract of stores, on a real file system. */
class FileKeychainStoreContractTest extends KeychainStoreContract {
    @TempDir
    Path folder;

    @Override
    protected KeychainStore open() {
        return FileKeychainStore.open(folder.resolve("keychains"));
    }

    @Override
    protected void damage(String keychainId) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(keychainId.getBytes(StandardCharsets.UTF_8));
        String name = HexFormat.of().formatHex(digest);
        Path file = folder.resolve("keychains/records/" + name.substring(0, 2) + "/" + name + ".keychain");
        Files.writeString(file, "no record", StandardOpenOption.TRUNCATE_EXISTING);
    }
}
