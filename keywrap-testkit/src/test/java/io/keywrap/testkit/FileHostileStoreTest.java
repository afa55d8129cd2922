package io.keywrap.testkit;

import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.io.TempDir;

/** Who edits the files of a store achieves nothing. */
class FileHostileStoreTest extends HostileStoreContract {
    @TempDir
    Path folder;

    @Override
    protected KeychainStore open() {
        return FileKeychainStore.open(folder.resolve("keychains"));
    }

    @Override
    protected void overwrite(String keychainId, KeychainRecord record) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(keychainId.getBytes(StandardCharsets.UTF_8));
        String name = HexFormat.of().formatHex(digest);
        Files.write(
                folder.resolve("keychains/records/" + name.substring(0, 2) + "/" + name + ".keychain"),
                record.toBytes());
    }
}
