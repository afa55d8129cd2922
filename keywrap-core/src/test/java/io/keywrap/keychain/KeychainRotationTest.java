package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.TestTenant;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotation, by one and by many at once. */
class KeychainRotationTest {
    private static final String ID = "tenant-42";

    @TempDir
    Path folder;

    private TestTenant tenant;

    @BeforeEach
    void makeTheKeks() {
        tenant = TestTenant.in(folder);
    }

    @Test
    void makesANewPrimaryAndTheOldOneGoesOnDecrypting() {
        Keychain keychain = tenant.keychain(ID);
        DekId old = idOf(keychain.primary());
        keychain.rotate();
        assertThat(idOf(keychain.primary())).isNotEqualTo(old);
        assertThat(idOf(keychain.lease(old))).isEqualTo(old);
        assertThat(keychain.record().dek(old).orElseThrow().state()).isEqualTo(State.DECRYPT_ONLY);
    }

    @Test
    void isSeenByAnotherObjectAtRefreshAndForAnUnknownDek() {
        Keychain here = tenant.keychain(ID);
        Keychain there = TestTenant.in(folder).keychains().open(ID);
        DekId first = idOf(here.primary());
        here.rotate();
        DekId second = idOf(here.primary());

        assertThat(there.record().dek(first)).isEmpty();
        assertThat(idOf(there.lease(first))).isEqualTo(first);
        assertThat(idOf(there.primary())).isEqualTo(second);
        there.rotate();
        here.refresh();
        assertThat(here.record().toBytes()).isEqualTo(there.record().toBytes());
    }

    @Test
    void betweenAReadAndItsCheckIsNoRollback() {
        FailingStore store = new FailingStore(tenant.store());
        Keychains keychains = Keychains.builder(store, tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .build();
        Keychain keychain = keychains.create(ID, spec -> spec.control(TestTenant.CUSTOMER));
        Keychain rival = keychains.open(ID);

        store.afterLoad = rival::rotate;
        keychain.refresh();
        assertThat(keychain.record().revision()).isEqualTo(1);
        keychain.refresh();
        assertThat(keychain.record().revision()).isEqualTo(2);
    }

    @Test
    void betweenACommitAndItsEndIsNoRollback() {
        FailingStore store = new FailingStore(tenant.store());
        Keychains keychains = Keychains.builder(store, tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .build();
        Keychain keychain = keychains.create(ID, spec -> spec.control(TestTenant.CUSTOMER));
        Keychain rival = keychains.open(ID);

        store.afterReplace = rival::rotate;
        keychain.rotate();
        assertThat(rival.record().revision()).isEqualTo(3);
        keychain.refresh();
        assertThat(keychain.record().revision()).isEqualTo(3);
    }

    @Test
    void betweenACreationAndItsEndIsRemembered() {
        FailingStore store = new FailingStore(tenant.store());
        Keychains keychains = Keychains.builder(store, tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .build();
        RecordForge forge = new RecordForge(tenant);
        byte[][] first = new byte[1][];
        store.afterCreate = () -> {
            first[0] = forge.bytes(ID);
            keychains.open(ID).rotate();
        };
        keychains.create(ID, spec -> spec.control(TestTenant.CUSTOMER));

        forge.write(ID, first[0]);
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> keychains.open(ID))
                .withMessageContaining("rolled back");
    }

    @Test
    void byManyThreadsAndObjectsAtOnceLosesNoDek() throws Exception {
        tenant.keychain(ID).primary().close();
        Keychain shared = tenant.keychains().open(ID);
        Keychain second = tenant.keychains().open(ID);
        Keychain elsewhere = TestTenant.in(folder).keychains().open(ID);
        Map<DekId, byte[]> leased = new ConcurrentHashMap<>();
        List<Callable<Integer>> workers = new ArrayList<>();
        for (Keychain keychain : List.of(shared, shared, shared, second, elsewhere)) {
            workers.add(() -> work(keychain, leased));
        }
        ExecutorService threads = Executors.newFixedThreadPool(workers.size());
        int rotations = 0;
        try {
            for (Future<Integer> worker : threads.invokeAll(workers)) {
                rotations += worker.get();
            }
        } finally {
            threads.shutdownNow();
        }

        KeychainRecord record = tenant.keychains().open(ID).record();
        assertThat(rotations).isPositive();
        assertThat(record.revision()).isEqualTo(2 + rotations);
        assertThat(record.deks()).hasSize(2 + 2 * rotations);
        for (Usage usage : Usage.values()) {
            assertThat(record.deks())
                    .filteredOn(entry -> entry.usage() == usage && entry.state() == State.PRIMARY)
                    .hasSize(1);
        }
        Keychain fresh = TestTenant.in(folder).keychains().open(ID);
        assertThat(leased).isNotEmpty();
        leased.forEach((dekId, key) -> {
            try (DekLease lease = fresh.lease(dekId)) {
                assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(key);
            }
        });
    }

    private static int work(Keychain keychain, Map<DekId, byte[]> leased) {
        int rotations = 0;
        for (int i = 0; i < 8; i++) {
            try {
                keychain.rotate();
                rotations++;
            } catch (KeychainConflictException e) {
                assertThat(e.retryable()).isTrue();
            }
            try (DekLease lease = keychain.primary()) {
                byte[] key = lease.withBytes(byte[]::clone);
                byte[] earlier = leased.putIfAbsent(lease.dekId(), key);
                assertThat(earlier == null || Arrays.equals(earlier, key)).isTrue();
            }
        }
        return rotations;
    }

    private static DekId idOf(DekLease lease) {
        try (lease) {
            return lease.dekId();
        }
    }
}
