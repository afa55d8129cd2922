package io.keywrap.cli;

import static io.keywrap.cli.RunningJob.DATA;
import static io.keywrap.cli.RunningJob.OBJECT;
import static io.keywrap.cli.RunningJob.assertIsTheData;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotRefusedException;
import io.keywrap.byok.SlotState;
import io.keywrap.byok.SlotStatus;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Own, document {@code 003_4b6cb46888fe808f}: a customer rotates the key that they have uploaded (second row), and revokes it and
 * gives it back (third row). How it is uploaded is in {@link Document003OwnUploadScenarioTest}. Backups run in one JVM, and the
 * customer clicks in the portal, which is another.
 */
class Document003OwnScenarioTest {
    private static final String SLOT = "acme";
    private static final KekId KEK = ByokKms.kekId(SLOT);

    @TempDir
    Path folder;

    private ThreeClouds clouds;
    private FileKeychainStore store;
    private Jvm portal;
    private Jvm worker;
    private EnvelopeCipher cipher;
    private byte[] before;

    @BeforeEach
    void start() throws IOException {
        clouds = new ThreeClouds();
        store = FileKeychainStore.open(folder.resolve("store"));
        portal = new Jvm();
        worker = new Jvm();
        SlotStatus pending = validate(1);
        assertThat(pending.versions().get(0).state()).isEqualTo(SlotState.PENDING);
        portal.slots.activate(SLOT, 1);
        cipher = EnvelopeCipher.using(worker.host.keychains.create("tenant-42", spec -> spec.control(KEK)));
        before = cipher.encrypt(DATA, OBJECT);
        worker.byok.step();
    }

    @AfterEach
    void end() {
        worker.close();
        portal.close();
        clouds.close();
    }

    private static Dek key(int number) {
        byte[] key = new byte[Dek.BYTES];
        Arrays.fill(key, (byte) number);
        return Dek.takeOwnershipOf(DekId.random(), key);
    }

    private SlotStatus validate(int number) {
        try (Dek uploaded = key(number)) {
            return portal.slots.validate(SLOT, uploaded);
        }
    }

    private SlotStatus uploadAgain(int number) {
        try (Dek uploaded = key(number)) {
            return portal.slots.restore(SLOT, uploaded);
        }
    }

    @Test
    void aRotationDisturbsNoBackupAndTheArchivedKeyStillUnwraps() throws Exception {
        try (RunningJob backup = RunningJob.backup(cipher)) {
            portal.slots.archive(SLOT, validate(2).pending().orElseThrow().number());
            worker.pollLater();

            assertThat(backup.isRunning()).isTrue();
            assertIsTheData(cipher.decrypt(backup.finished(), OBJECT));
        }
        assertThat(portal.slots.status(SLOT).orElseThrow().versions())
                .extracting(SlotStatus.Version::state)
                .containsExactly(SlotState.ARCHIVED, SlotState.ACTIVE);
        try (Jvm other = new Jvm()) {
            assertIsTheData(other.host.cipher("tenant-42").decrypt(before, OBJECT));
        }
    }

    @Test
    void theBackgroundRewrapMovesAllToTheNewKeySoThatTheOldOneCanGo() {
        portal.slots.archive(SLOT, validate(2).pending().orElseThrow().number());
        worker.pollLater();
        assertThat(needsRewrap()).isTrue();

        assertThat(Rewrap.builder(store, worker.host.providers)
                        .seal(worker.host.seal)
                        .renew(KEK)
                        .build()
                        .run()
                        .complete())
                .isTrue();

        assertThat(needsRewrap()).isFalse();
        portal.slots.drop(SLOT, 1, "drop");
        try (Jvm other = new Jvm()) {
            assertIsTheData(other.host.cipher("tenant-42").decrypt(before, OBJECT));
        }
    }

    private boolean needsRewrap() {
        Status status = worker.host.providers.provider(KEK).status(worker.host.providers.foregroundDeadline());
        return store.load("tenant-42").orElseThrow().deks().stream()
                .flatMap(dek -> dek.wraps().stream())
                .filter(wrap -> wrap.wrapped().kekId().equals(KEK))
                .anyMatch(wrap -> status.needsRewrap(wrap.wrapped()));
    }

    @Test
    void theWordRevokeStopsAllJobsOfOtherJvmsWithinThePollInterval() throws Exception {
        try (RunningJob backup = RunningJob.backup(cipher);
                RunningJob restore = RunningJob.restore(cipher, before)) {
            assertThatExceptionOfType(SlotRefusedException.class)
                    .isThrownBy(() -> portal.slots.revoke(SLOT, "yes"))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(SlotRefusedException.Reason.NOT_CONFIRMED));
            worker.pollLater();
            assertThat(backup.isRunning()).as("not without the word").isTrue();

            portal.slots.revoke(SLOT, "revoke");
            worker.time.advance(ByokKms.POLL.minusSeconds(1));
            worker.byok.step();
            assertThat(backup.isRunning()).as("before the interval").isTrue();
            worker.time.advance(Duration.ofSeconds(1));
            worker.byok.step();

            backup.aborted();
            restore.aborted();
        }
        assertThat(worker.host.state(KEK)).isEqualTo(KekState.REVOKED);
        assertNoAccess();
    }

    @Test
    void theSameKeyGivesAccessBackAndNoOtherIsTaken() {
        portal.slots.revoke(SLOT, "revoke");
        worker.pollLater();
        assertNoAccess();

        assertThatExceptionOfType(SlotRefusedException.class)
                .isThrownBy(() -> uploadAgain(2))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(SlotRefusedException.Reason.OTHER_KEY));
        assertThatExceptionOfType(SlotRefusedException.class)
                .isThrownBy(() -> validate(2))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(SlotRefusedException.Reason.IS_REVOKED));
        assertNoAccess();

        uploadAgain(1);
        worker.pollLater();
        assertIsTheData(cipher.decrypt(before, OBJECT));
        assertIsTheData(cipher.decrypt(cipher.encrypt(DATA, OBJECT), OBJECT));
    }

    private void assertNoAccess() {
        assertRevoked(() -> cipher.encrypt(DATA, OBJECT));
        assertRevoked(() -> cipher.decrypt(before, OBJECT));
        try (Jvm other = new Jvm()) {
            assertRevoked(() -> other.host.cipher("tenant-42").decrypt(before, OBJECT));
        }
    }

    private static void assertRevoked(ThrowingCallable work) {
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.recoverable()).isTrue());
    }

    /** A JVM whose clock is moved by itself, so that it hears of nothing because another's has moved. */
    private final class Jvm implements AutoCloseable {
        final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-28T00:00:00Z"));
        final ByokKms byok = ByokKms.builder(store, clouds.vendorKek()).build();
        final ProductHost host = new ProductHost(
                store,
                clouds.vendorKek(),
                time,
                InFlight.ABORT,
                options -> clouds.register(options).register(byok).refusalsFor(Duration.ZERO));
        final ByokSlots slots = byok.slots(host.providers);

        void pollLater() {
            time.advance(ByokKms.POLL);
            byok.step();
        }

        @Override
        public void close() {
            byok.close();
            host.close();
        }
    }
}
