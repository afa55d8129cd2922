package io.keywrap.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.keychain.RecordForge;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.KeychainStore.Unreadable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No record of a store is left out, however many there are and whatever lies between them; and if one is, it is said. */
class SealedScanTest {
    private final List<String> seen = new ArrayList<>();

    /** Ids alone. One page cannot be listed if something in it cannot be read, and that may be only for a moment. */
    private static final class Ids implements KeychainStore {
        private final TreeSet<String> ids = new TreeSet<>();
        private RuntimeException broken;
        private String from = "";
        private List<Unreadable> unreadable = List.of();

        Ids(int count) {
            IntStream.range(0, count).forEach(i -> ids.add("k%04d".formatted(i)));
        }

        @Override
        public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
            assertThat(limit).isEqualTo(SealedScan.PAGE);
            if (broken != null && after.orElse("").equals(from) && !filter.leavesOutUnreadable()) {
                throw broken;
            }
            return ids.tailSet(after.orElse(""), false).stream().limit(limit).toList();
        }

        @Override
        public List<Unreadable> unreadable() {
            return unreadable;
        }

        @Override
        public Optional<KeychainRecord> load(String keychainId) {
            throw new AssertionError();
        }

        @Override
        public void create(KeychainRecord record) {
            throw new AssertionError();
        }

        @Override
        public void replace(KeychainRecord record, long expectedRevision) {
            throw new AssertionError();
        }
    }

    private boolean scan(KeychainStore store) {
        return SealedScan.ids(store, KeychainFilter.all(), seen::add);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 199, 200, 201, 400, 450})
    void everyIdIsGivenOnce(int count) {
        Ids store = new Ids(count);
        assertThat(scan(store)).isTrue();
        assertThat(seen).containsExactlyElementsOf(store.ids);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k0199", "k0399"})
    void aPageThatCannotBeListedIsListedWithoutWhatCannotBeRead(String from) {
        for (RuntimeException broken : List.of(
                new KeychainSealBrokenException("x", "told to", null),
                new UnsupportedEnvelopeException("told to"),
                new StoreUnavailableException("told to", null))) {
            Ids store = new Ids(450);
            store.broken = broken;
            store.from = from;
            seen.clear();
            assertThat(scan(store)).isFalse();
            assertThat(seen).containsExactlyElementsOf(store.ids);
        }
    }

    @Test
    void whatWasLeftOutIsNamed() {
        Ids store = new Ids(1);
        assertThat(SealedScan.leftOut(true, store)).isEmpty();
        assertThat(SealedScan.leftOut(false, store))
                .as("it can be read again")
                .singleElement()
                .satisfies(place -> assertThat(place.reason()).contains("to do: ask again"));
        store.unreadable = List.of(new Unreadable("x.keychain", "it is damaged"));
        assertThat(SealedScan.leftOut(true, store)).isEqualTo(store.unreadable);
        assertThat(SealedScan.leftOut(false, store)).isEqualTo(store.unreadable);
    }

    @Test
    void recordsAreBelievedByTheirSealsAlone(@TempDir Path folder) {
        TestTenant tenant = TestTenant.in(folder);
        List.of("a", "b", "c").forEach(tenant::keychain);
        new RecordForge(tenant).edit("b", next -> next);
        List<String> refused = new ArrayList<>();
        SealedRecords records = new SealedRecords(tenant.store(), tenant.providers(), TestTenant.VENDOR);
        SealedScan scan = new SealedScan(
                tenant.store(), records, record -> seen.add(record.keychainId()), (id, why) -> refused.add(id + why));
        assertThat(scan.over(KeychainFilter.all())).isTrue();
        assertThat(seen).containsExactlyInAnyOrder("a", "c");
        assertThat(refused).singleElement().asString().startsWith("b").contains("its seal is wrong");
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(() -> records.load("b"));
        Ids broken = new Ids(0);
        broken.broken = new StoreUnavailableException("told to", null);
        assertThat(new SealedScan(broken, records, record -> {}, (id, why) -> {}).over(KeychainFilter.all()))
                .as("whether all were listed")
                .isFalse();
    }
}
