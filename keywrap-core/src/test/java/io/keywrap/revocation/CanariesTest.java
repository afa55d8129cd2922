package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.ManualTime;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.revocation.Canaries.Cursor;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which wraps a KEK is asked by, and what it costs to find one. */
class CanariesTest {
    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final KekId replica = cloud.kek("replica");
    private final VersionInUse version = new VersionInUse(kek, "1");
    private final Jvm writer = new Jvm(store, time, 1, options -> {}, cloud, vendor);
    /** Whose providers have kept nothing yet. */
    private final Jvm reader = new Jvm(store, time, 2, options -> {}, cloud, vendor);

    private final Canaries canaries = new Canaries(store, reader.providers, KeychainSeal.wrappedBy(Jvm.SEAL));

    @AfterEach
    void close() {
        writer.close();
        reader.close();
    }

    private Keychain keychain(String id) {
        return writer.keychains.create(id, spec -> spec.control(kek).replica(replica));
    }

    private KeychainRecord record(String id) {
        return store.load(id).orElseThrow();
    }

    @Test
    void itIsTheWrapOfThatVersionWithTheKeyContextOfItsDek() {
        keychain("tenant-1");
        DekEntry dek = record("tenant-1").deks().get(0);
        for (KekId one : List.of(kek, replica)) {
            Canary canary = canaries.in("tenant-1", new VersionInUse(one, "1")).orElseThrow();
            assertThat(canary.keychainId()).isEqualTo("tenant-1");
            assertThat(canary.wrapped())
                    .isEqualTo(dek.wrapUnder(one).orElseThrow().wrapped());
            assertThat(canary.keyContext())
                    .isEqualTo(EncryptionContext.ofDek(
                            "tenant-1", dek.id(), record("tenant-1").keyContext()));
        }
    }

    @Test
    void ofTheKekOfTheSealsItIsTheKeyOfTheSeal() {
        keychain("tenant-1");
        KeychainRecord record = record("tenant-1");
        Canary canary = canaries.in("tenant-1", new VersionInUse(Jvm.SEAL, "1")).orElseThrow();
        assertThat(canary.wrapped()).isEqualTo(record.sealKey());
        assertThat(canary.keyContext())
                .isEqualTo(
                        EncryptionContext.ofSealKey("tenant-1", record.sealKey().dekId()));
        assertThat(canaries.isOfSeal(new VersionInUse(Jvm.SEAL, "7"))).isTrue();
        assertThat(canaries.isOfSeal(version)).isFalse();
    }

    @Test
    void whereARecordHasNoneTheKekOfTheSealsIsNotAsked() {
        keychain("tenant-1");
        Keychain moved = keychain("moved");
        moved.changeRecipients(to -> to.control(replica).retained(kek));
        moved.repair(Set.of(replica));
        assertThat(record("moved").deks().get(0).wrapUnder(kek)).isPresent();
        int before = vendor.unwraps(Jvm.SEAL);
        assertThat(canaries.in("tenant-1", new VersionInUse(cloud.kek("another"), "1")))
                .isEmpty();
        assertThat(canaries.in("tenant-1", new VersionInUse(kek, "2"))).isEmpty();
        assertThat(canaries.in("tenant-1", new VersionInUse(Jvm.SEAL, "2"))).isEmpty();
        assertThat(canaries.in("moved", version)).as("one that is retained").isEmpty();
        assertThat(canaries.in("nowhere", version)).isEmpty();
        assertThat(vendor.unwraps(Jvm.SEAL)).isEqualTo(before);
        assertThat(canaries.in("tenant-1", version)).isPresent();
        assertThat(vendor.unwraps(Jvm.SEAL)).isEqualTo(before + 1);
    }

    @Test
    void aRecordThatNobodyVouchesForGivesNone() {
        keychain("tenant-1");
        store.records.put(
                "tenant-1",
                record("tenant-1").next().build(body -> new byte[48]).toBytes());
        for (VersionInUse one : List.of(version, new VersionInUse(Jvm.SEAL, "1"))) {
            assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(() -> canaries.in("tenant-1", one));
        }
        keychain("tenant-2");
        store.records.put("tenant-1", store.records.get("tenant-2"));
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(() -> canaries.in("tenant-1", version));
    }

    @Test
    void aDekThatIsDestroyedGivesNone() {
        Keychain keychain = keychain("tenant-1");
        keychain.rotate();
        DekId first = record("tenant-1").deks().get(0).id();
        Canary canary = canaries.in("tenant-1", version).orElseThrow();
        assertThat(canary.wrapped().dekId()).isEqualTo(first);
        keychain.destroyDek(first, Optional.empty());
        assertThat(canaries.in("tenant-1", version).orElseThrow().wrapped().dekId())
                .isNotEqualTo(first);
        assertThat(Canaries.isIn(record("tenant-1"), canary)).isFalse();
    }

    @Test
    void oneIsOneStillAsLongAsItsRecordHasItInARoleThatIsWatched() {
        Keychain keychain = keychain("tenant-1");
        keychain("tenant-2");
        Canary ofDek = canaries.in("tenant-1", version).orElseThrow();
        Canary ofSeal = canaries.in("tenant-1", new VersionInUse(Jvm.SEAL, "1")).orElseThrow();
        KeychainRecord before = record("tenant-1");
        assertThat(Canaries.isIn(before, ofDek)).isTrue();
        assertThat(Canaries.isIn(before, ofSeal)).isTrue();
        assertThat(Canaries.isIn(record("tenant-2"), ofDek)).isFalse();
        assertThat(Canaries.isIn(record("tenant-2"), ofSeal)).isFalse();
        for (Canary canary : List.of(ofDek, ofSeal)) {
            Canary ofAnother = new Canary("tenant-2", canary.wrapped(), canary.keyContext());
            assertThat(Canaries.isIn(before, ofAnother)).isFalse();
        }
        keychain.changeRecipients(to -> to.control(replica).retained(kek));
        keychain.repair(Set.of(replica));
        assertThat(record("tenant-1").deks().get(0).wrapUnder(kek)).isPresent();
        assertThat(Canaries.isIn(record("tenant-1"), ofDek)).isFalse();
    }

    @Test
    void aSearchGivesThoseItControlsFirstAPageAtATimeAndEnds() {
        List<String> controlled = new ArrayList<>();
        for (int i = 0; i < 45; i++) {
            String id = "control-%02d".formatted(i);
            keychain(id);
            controlled.add(id);
        }
        writer.keychains.create(
                "also", spec -> spec.control(cloud.kek("another")).replica(kek));
        cloud.version = "2";
        keychain("of-another-version");
        Cursor cursor = new Cursor();
        assertThat(canaries.more(version, cursor)).isEqualTo(controlled.subList(0, 20));
        cursor.restart(); // It is not over yet.
        assertThat(canaries.more(version, cursor)).isEqualTo(controlled.subList(20, 40));
        assertThat(canaries.more(version, cursor)).isEqualTo(controlled.subList(40, 45));
        assertThat(cursor.isOver()).isFalse();
        assertThat(canaries.more(version, cursor)).containsExactly("also");
        assertThat(cursor.isOver()).isTrue();
        assertThat(canaries.more(version, cursor)).isEmpty();
        cursor.restart();
        assertThat(cursor.isOver()).isFalse();
        assertThat(canaries.more(version, cursor)).isEqualTo(controlled.subList(0, 20));
    }

    @Test
    void aPageThatIsJustFullIsFollowedByTheNextRole() {
        for (int i = 0; i < 20; i++) {
            keychain("control-%02d".formatted(i));
        }
        Cursor cursor = new Cursor();
        assertThat(canaries.more(version, cursor)).hasSize(20);
        assertThat(canaries.more(version, cursor)).isEmpty();
        assertThat(cursor.isOver()).isTrue();
    }

    @Test
    void forTheKekOfTheSealsEveryKeychainIsLookedAt() {
        keychain("tenant-1");
        keychain("tenant-2");
        assertThat(canaries.more(new VersionInUse(Jvm.SEAL, "1"), new Cursor()))
                .containsExactly("tenant-1", "tenant-2");
        assertThat(canaries.sealService()).isEqualTo("vendor");
    }
}
