package io.keywrap.revocation;

import static io.keywrap.revocation.TallyTest.control;
import static io.keywrap.revocation.TallyTest.dek;
import static io.keywrap.revocation.TallyTest.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.keychain.KeychainSeal;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.StoreNotes.Note;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Rounds of a monitor over a store, on a clock that a test moves. */
abstract class RoundsFixture {
    static final long SECOND = 1_000_000_000L;
    static final long MINUTE = 60 * SECOND;
    static final Duration POLL = Duration.ofSeconds(10);
    static final VersionInUse SEAL = new VersionInUse(Jvm.SEAL, "");

    final Asker asker = new Asker();
    final SharedStore store = new SharedStore();
    final long begun = asker.time.nanoTime() - 3;
    final Watches watches = new Watches(Asker.options(), () -> Long.MIN_VALUE, asker.providers.states());
    final Unvouched unsealed = new Unvouched();
    final StoreRounds rounds = new StoreRounds(
            store,
            asker.providers,
            Asker.options(),
            new Canaries(store, asker.providers, KeychainSeal.wrappedBy(Jvm.SEAL)),
            watches,
            unsealed,
            this::now);
    final VersionInUse version = asker.version("acme");
    final VersionInUse other = asker.version("other");

    @AfterEach
    void close() {
        asker.close();
    }

    long now() {
        return asker.time.nanoTime() - begun;
    }

    KeychainRecord keychain(String id, VersionInUse of) {
        KeychainRecord record = record(id, dek(State.PRIMARY, control(of.kekId(), of.version())));
        store.create(record);
        return record;
    }

    void keychains(int count) {
        for (int i = 0; i < count; i++) {
            keychain("tenant-%03d".formatted(i), version);
        }
    }

    Watch find(VersionInUse of) {
        return watches.find(of).orElseThrow();
    }

    /** Everything that is due until then, each at its time. */
    void runFor(Duration howLong) {
        long end = now() + howLong.toNanos();
        for (int i = 0; rounds.nextAt() <= end; i++) {
            assertThat(i).as("rounds").isLessThan(5_000);
            asker.time.advance(Duration.ofNanos(Math.max(0, rounds.nextAt() - now())));
            rounds.run();
        }
        asker.time.advance(Duration.ofNanos(end - now()));
    }

    void put(String name, byte[] content) {
        long revision = store.note(name).map(Note::revision).orElse(0L);
        assertThat(store.putNote(name, revision, content)).isTrue();
    }

    List<StatesNote.Entry> said() {
        return store.note(StatesNote.NOTE)
                .map(note -> StatesNote.parse(note.content()))
                .orElse(List.of());
    }

    long saidTimes() {
        return store.note(StatesNote.NOTE).map(Note::revision).orElse(0L);
    }

    /** It answers so from now on, and has been heard of. */
    void answered(VersionInUse of, Runnable change) {
        change.run();
        asker.time.advance(Duration.ofMillis(1));
        asker.ask(of);
        watches.hear(asker.providers.states().all(), now());
    }

    void anotherMonitors() {
        put(MonitorLease.NOTE, new byte[] {1});
        rounds.run();
        assertThat(rounds.isHolder()).isFalse();
    }
}
