package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.jdbc.Faulty.Commit;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.StoreNotes.Note;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection dies while it commits, so that nobody knows whether it has. */
class LostCommitTest {
    @TempDir
    Path folder;

    private final KeychainRecord first = Rows.first("tenant-42");
    private final KeychainRecord second = Rows.next(first);
    private Database database;
    private Faulty faulty;
    private JdbcKeychainStore store;

    @BeforeEach
    void open() {
        database = Database.of(Dialect.POSTGRESQL, folder);
        database.open();
        faulty = new Faulty(database.source);
        store = JdbcKeychainStore.open(faulty.source());
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void assertKept(KeychainRecord expected) {
        assertThat(database.open().load("tenant-42").orElseThrow().toBytes()).isEqualTo(expected.toBytes());
    }

    @ParameterizedTest
    @EnumSource(Commit.class)
    void aCreationIsMadeOnce(Commit fate) {
        faulty.plan(fate);
        store.create(first);
        assertKept(first);
        assertThatThrownBy(() -> store.create(first)).isInstanceOf(KeychainExistsException.class);
    }

    @ParameterizedTest
    @EnumSource(Commit.class)
    void aReplacementIsMadeOnce(Commit fate) {
        store.create(first);
        faulty.plan(fate);
        store.replace(second, 1);
        assertKept(second);
        assertThatThrownBy(() -> store.replace(second, 1)).isInstanceOf(KeychainConflictException.class);
    }

    @ParameterizedTest
    @EnumSource(Commit.class)
    void aNoteIsPutOnce(Commit fate) {
        faulty.plan(fate);
        assertThat(store.putNote("kek-monitor", 0, new byte[] {1})).isTrue();
        faulty.plan(fate);
        assertThat(store.putNote("kek-monitor", 1, new byte[] {2})).isTrue();
        assertThat(store.note("kek-monitor")).hasValue(Note.of(2, new byte[] {2}));
    }

    @Test
    void aCreationThatNeverArrivedIsRefusedIfAnotherWasFirst() {
        KeychainRecord other = Rows.first("tenant-42");
        faulty.plan(Commit.LOST);
        faulty.afterLoss(() -> database.open().create(other));
        assertThatThrownBy(() -> store.create(first)).isInstanceOf(KeychainExistsException.class);
        assertKept(other);
    }

    @Test
    void aReplacementThatWasMadeAndFollowedIsNoConflict() {
        KeychainRecord third = Rows.next(second);
        store.create(first);
        faulty.plan(Commit.DONE_AND_LOST);
        faulty.afterLoss(() -> database.open().replace(third, 2));
        assertThatThrownBy(() -> store.replace(second, 1))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("others have changed it since")
                .hasMessageContaining("whether the change was made is not known");
        assertKept(third);
    }

    @Test
    void aReplacementThatOthersWereFasterThanIsAConflict() {
        KeychainRecord other = Rows.next(Rows.first("tenant-42"));
        store.create(first);
        faulty.plan(Commit.LOST);
        faulty.afterLoss(() -> database.open().replace(other, 1));
        assertThatThrownBy(() -> store.replace(second, 1)).isInstanceOf(KeychainConflictException.class);
        assertKept(other);
    }

    @Test
    void aChangeThatIsLostAgainAndAgainIsSaidToBeUnknown() {
        store.create(first);
        faulty.plan(Commit.DONE_AND_LOST, Commit.LOST);
        assertThatThrownBy(() -> store.replace(second, 1))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("whether the change was made is not known, and a load will tell");
        assertKept(second);
    }

    @Test
    void aReadIsMadeAgain() {
        store.create(first);
        faulty.plan(Commit.LOST);
        assertThat(store.load("tenant-42")).isPresent();
        faulty.plan(Commit.LOST, Commit.LOST);
        assertThatThrownBy(() -> store.load("tenant-42"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageNotContaining("not known");
    }
}
