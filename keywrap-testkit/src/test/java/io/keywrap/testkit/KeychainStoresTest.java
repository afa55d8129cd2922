package io.keywrap.testkit;

import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** keywrap's own stores keep their contract. */
class KeychainStoresTest {
    @Nested
    class InMemory extends KeychainStoreContract {
        private final InMemoryKeychainStore store = new InMemoryKeychainStore();

        @Override
        protected KeychainStore open() {
            return store;
        }
    }

    @Nested
    class InFiles extends KeychainStoreContract {
        @TempDir
        Path folder;

        @Override
        protected KeychainStore open() {
            return FileKeychainStore.open(folder.resolve("keychains"));
        }
    }
}
