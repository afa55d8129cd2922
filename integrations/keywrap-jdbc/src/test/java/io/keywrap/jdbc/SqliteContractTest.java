package io.keywrap.jdbc;

import io.keywrap.store.KeychainStore;
import io.keywrap.testkit.KeychainStoreContract;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The store in a file of SQLite keeps the contract of stores. */
class SqliteContractTest extends KeychainStoreContract {
    @TempDir
    static Path folder;

    private Database database;

    @BeforeEach
    void begin() throws Exception {
        database();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private Database database() throws Exception {
        if (database == null) {
            database = Database.of(Dialect.SQLITE, Files.createTempDirectory(folder, "db"));
        }
        return database;
    }

    @Override
    protected KeychainStore open() throws Exception {
        return database().open();
    }

    @Override
    protected void damage(String keychainId) throws Exception {
        database.edit("UPDATE keywrap_keychain SET record = ? WHERE keychain_id = ?", new byte[] {1, 2, 3}, keychainId);
    }
}
