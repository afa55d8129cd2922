package io.keywrap.testkit;

import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The store in files keeps the contract of stores, on a real file system. */
class FileKeychainStoreContractTest extends KeychainStoreContract {
    @TempDir
    Path folder;

    @Override
    protected KeychainStore open() {
        return FileKeychainStore.open(folder.resolve("keychains"));
    }
}
