package io.keywrap.jdbc;

import io.keywrap.store.StoreNotes;
import io.keywrap.testkit.StoreNotesContract;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Notes in a file of SQLite. */
class SqliteNotesTest extends StoreNotesContract {
    @TempDir
    static Path folder;

    private Database database;

    @AfterEach
    void close() {
        database.close();
    }

    @Override
    protected StoreNotes open() throws Exception {
        if (database == null) {
            database = Database.of(Dialect.SQLITE, Files.createTempDirectory(folder, "db"));
        }
        return database.open();
    }
}
