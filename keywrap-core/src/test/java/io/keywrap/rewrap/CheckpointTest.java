package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.ManualTime;
import io.keywrap.TimeSource;
import io.keywrap.rewrap.Checkpoint.Mark;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.StoreNotes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A note that anybody may have written. */
class CheckpointTest {
    @TempDir
    Path folder;

    @Test
    void isReadAsItWasWrittenUntilItIsCleared() {
        FileKeychainStore store = FileKeychainStore.open(folder);
        Checkpoint checkpoint = new Checkpoint(store, "job", TimeSource.system());
        assertThat(checkpoint.read()).isEmpty();
        Mark mark = new Mark(1, "tenant\n42", 7, 21);
        checkpoint.write(mark);
        assertThat(checkpoint.read()).contains(mark);
        Mark zeros = new Mark(0, "a", 0, 0);
        checkpoint.write(zeros);
        assertThat(checkpoint.read()).contains(zeros);
        assertThat(new Checkpoint(store, "other", TimeSource.system()).read()).isEmpty();
        checkpoint.clear();
        assertThat(checkpoint.read()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "2\n1\n7\n21\nid",
                "1\n-1\n7\n21\nid",
                "1\n4294967295\n7\n21\nid",
                "1\n1\n18446744073709551615\n21\nid",
                "1\n1\n7\n-21\nid",
                "1\n1\nx\n21\nid",
                "1\n1\n7\n99999999999999999999999\nid",
                "1\n1\n7\n21\n"
            })
    void whatIsNoMarkIsNone(String text) {
        FileKeychainStore store = FileKeychainStore.open(folder);
        ((StoreNotes) store).putNote("job", 0, text.getBytes(StandardCharsets.UTF_8));
        assertThat(new Checkpoint(store, "job", TimeSource.system()).read()).isEmpty();
    }

    @Test
    void isWrittenEveryTenSecondsAndNotMoreOften() {
        ManualTime time = new ManualTime();
        Checkpoint checkpoint = new Checkpoint(FileKeychainStore.open(folder), "job", time);
        Mark first = new Mark(0, "a", 1, 1);
        time.advance(Duration.ofSeconds(10).minusNanos(1));
        checkpoint.perhaps(first);
        assertThat(checkpoint.read()).isEmpty();
        time.advance(Duration.ofNanos(1));
        checkpoint.perhaps(first);
        assertThat(checkpoint.read()).contains(first);
        Mark second = new Mark(0, "b", 2, 2);
        time.advance(Duration.ofSeconds(10).minusNanos(1));
        checkpoint.perhaps(second);
        assertThat(checkpoint.read()).contains(first);
        time.advance(Duration.ofNanos(1));
        checkpoint.perhaps(second);
        assertThat(checkpoint.read()).contains(second);
    }
}
