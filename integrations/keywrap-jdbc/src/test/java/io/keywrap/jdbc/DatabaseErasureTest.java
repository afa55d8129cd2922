package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.jdbc.Faulty.Commit;
import io.keywrap.keychain.Erasure;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keychain.Openers;
import io.keywrap.keychain.Openers.Opener;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKek;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.ManualTime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In a database, too, each path that the report names works before an erasure, and none of them afterwards. */
class DatabaseErasureTest {
    private static final String ID = "tenant-42";
    private static final byte[] PLAIN = "account,amount\n1,2\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path folder;

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-01-01T00:00:00Z"));
    private final InMemoryKms kms = new InMemoryKms(time);
    private final InMemoryKek seal = kms.kek("seal");
    private final InMemoryKek control = kms.kek("control");
    private final InMemoryKek replica = kms.kek("replica");
    private final InMemoryKek earlier = kms.kek("earlier");
    private final List<KeyProviders> processes = new ArrayList<>();
    private Database database;
    private JdbcKeychainStore store;
    private byte[] object;

    @AfterEach
    void close() {
        processes.forEach(KeyProviders::close);
        database.close();
    }

    /** As another process does, which knows nothing. */
    private Keychains aProcess() {
        KeyProviders providers = KeyProviders.builder().register(kms).time(time).build();
        processes.add(providers);
        return Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(seal.id()))
                .build();
    }

    private byte[] restore(Keychain keychain) {
        return EnvelopeCipher.using(keychain).decrypt(object, EncryptionContext.empty());
    }

    private byte[] byControl() {
        return restore(aProcess().open(ID));
    }

    private byte[] byTheReplica() {
        control.unreachable();
        try {
            return restore(aProcess().open(ID));
        } finally {
            control.recover();
        }
    }

    private byte[] byTheRetained() {
        Keychain changed = aProcess().open(ID);
        changed.changeRecipients(to -> to.control(earlier.id()));
        return restore(changed);
    }

    private static List<String> paths(Openers openers) {
        return openers.openers().stream()
                .filter(Opener::canOpen)
                .map(opener -> opener.role() + " " + opener.kekId())
                .toList();
    }

    private Keychain make(Dialect dialect) throws Exception {
        database = Database.of(dialect, Files.createTempDirectory(folder, "db"));
        store = database.open();
        Keychain keychain = aProcess().create(ID, spec -> spec.control(earlier.id()));
        object = EnvelopeCipher.using(keychain).encrypt(PLAIN, EncryptionContext.empty());
        keychain.changeRecipients(to -> to.control(control.id())
                .replica(replica.id())
                .retained(earlier.id(), time.now().plus(Duration.ofDays(30))));
        keychain.repair(Set.of(control.id(), replica.id()));
        return keychain;
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void noPathThatTheReportNamedOpensAfterAnErasure(Dialect dialect) throws Exception {
        Keychain keychain = make(dialect);
        Keychain running = aProcess().open(ID);
        assertThat(restore(running)).isEqualTo(PLAIN);
        assertThat(paths(keychain.whoCanStillOpen()))
                .containsExactly("CONTROL " + control.id(), "REPLICA " + replica.id(), "RETAINED " + earlier.id());
        assertThat(byControl()).isEqualTo(PLAIN);
        assertThat(byTheReplica()).isEqualTo(PLAIN);
        assertThat(byTheRetained()).isEqualTo(PLAIN);

        Erasure erasure = keychain.destroy(Optional.of("the data subject"));

        assertThat(erasure.before().openers())
                .filteredOn(Opener::canOpen)
                .extracting(Opener::kekId)
                .containsOnly(control.id(), replica.id(), earlier.id());
        assertThat(paths(erasure.after())).isEmpty();
        assertThat(paths(aProcess().open(ID).whoCanStillOpen())).isEmpty();
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(this::byControl);
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(this::byTheReplica);
        assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(this::byTheRetained);
        time.advance(Duration.between(time.now(), erasure.after().cachesUntil()));
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> restore(running));
        assertThat(database.text("SELECT count(*) FROM keywrap_term WHERE kind = 'WRAP'"))
                .isEqualTo("0");
        assertThat(store.list(KeychainFilter.all().withDekState(State.DESTROYED), Optional.empty(), 10))
                .containsExactly(ID);
    }

    /** Not even the second try is told what became of the commit; the database can be read by then. */
    @Test
    void anErasureWhoseAnswersWereLostGivesItsEvidence() throws Exception {
        Keychain keychain = make(Dialect.POSTGRESQL);
        Faulty faulty = new Faulty(database.source);
        store = JdbcKeychainStore.open(faulty.source());
        Keychain running = aProcess().open(ID);
        faulty.plan(Commit.DONE, Commit.DONE_AND_LOST, Commit.LOST);

        Erasure erasure = running.destroy(Optional.of("ticket 4711"));

        assertThat(erasure.whole()).isTrue();
        assertThat(erasure.deks()).hasSize(keychain.record().deks().size());
        assertThat(erasure.before().openers()).anyMatch(Opener::canOpen);
        assertThat(paths(erasure.after())).isEmpty();
        assertThat(erasure.revision()).isEqualTo(store.load(ID).orElseThrow().revision());
        assertThatExceptionOfType(KeychainDestroyedException.class)
                .isThrownBy(() -> keychain.destroy(Optional.empty()));
    }

    /** The database reports that another revision is kept by now, on which alone nobody can tell what became of the first. */
    @Test
    void anErasureWhoseAnswerWasLostAndThatOthersFollowedGivesItsEvidence() throws Exception {
        Keychain keychain = make(Dialect.POSTGRESQL);
        DekId dekId = keychain.record().deks().get(0).id();
        Faulty faulty = new Faulty(database.source);
        store = JdbcKeychainStore.open(faulty.source());
        Keychain running = aProcess().open(ID);
        faulty.plan(Commit.DONE, Commit.DONE_AND_LOST);
        faulty.afterLoss(keychain::rotate);

        Erasure erasure = running.destroyDek(dekId, Optional.of("ticket 4711"));

        assertThat(erasure.deks()).containsExactly(dekId);
        assertThat(erasure.toJson()).contains("not known whether by this call");
    }

    /** What the evidence says of backups is true: whoever has not seen the erasure takes an old row for the newest. */
    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aBackupOfTheRowSurvivesAsTheEvidenceSays(Dialect dialect) throws Exception {
        Keychain keychain = make(dialect);
        KeychainRecord backup = store.load(ID).orElseThrow();

        Erasure erasure = keychain.destroy(Optional.empty());

        assertThat(erasure.survives()).anySatisfy(one -> assertThat(one).contains("backup"));
        database.overwrite(ID, backup);
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(keychain::refresh);
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> restore(keychain));
        assertThat(byControl()).isEqualTo(PLAIN);
        control.disable();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(this::byControl);
    }
}
