package io.keywrap.jdbc;

import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.testkit.HostileStoreContract;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Whoever edits a record, and columns and terms with it so that they fit, achieves nothing but an exception. */
abstract class HostileStore extends HostileStoreContract {
    @TempDir
    static Path folder;

    private Database database;

    abstract Dialect dialect();

    @AfterEach
    void closeDatabase() {
        database.close();
    }

    @Override
    protected KeychainStore open() throws Exception {
        database = Database.of(dialect(), Files.createTempDirectory(folder, "db"));
        return database.open();
    }

    @Override
    protected void overwrite(String keychainId, KeychainRecord record) throws Exception {
        database.overwrite(keychainId, record);
    }
}
