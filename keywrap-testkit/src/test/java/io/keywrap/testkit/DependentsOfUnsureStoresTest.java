package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.Dependents;
import io.keywrap.rewrap.Dependents.Unknown;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What cannot be read or believed is never a yes. */
class DependentsOfUnsureStoresTest {
    private final InMemoryKms kms = new InMemoryKms(ManualTime.startingAt(Instant.parse("2026-01-01T00:00:00Z")));
    private final KeyProviders providers =
            KeyProviders.builder().register(kms).time(kms.time()).build();
    private final InMemoryKek vendor = kms.kek("vendor");
    private final InMemoryKek old = kms.kek("old");
    private final InMemoryKek next = kms.kek("next");
    private final KeychainSeal seal = KeychainSeal.wrappedBy(vendor.id());
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private final Keychains keychains =
            Keychains.builder(store, providers).seal(seal).build();

    @AfterEach
    void end() {
        providers.close();
    }

    private Keychain keychain(String id, InMemoryKek kek) {
        return keychains.create(id, spec -> spec.control(kek.id()));
    }

    private Dependents of(KekId kekId) {
        return Dependents.of(kekId).read(store, providers, seal);
    }

    @Test
    void aRecordThatIsNoneIsNeverYes() {
        keychain("a", next);
        keychain("b", next);
        assertThat(of(old.id()).safeToDelete()).isTrue();
        store.damage("b");

        Dependents dependents = of(old.id());

        assertThat(dependents.safeToDelete()).isFalse();
        assertThat(dependents.neededToOpen()).isTrue();
        assertThat(dependents.unknown()).extracting(Unknown::place).containsExactly("b");
        assertThat(dependents.reasons()).singleElement().asString().contains("1 record, slot or envelope", "such as b");
    }

    @Test
    void aRecordThatNobodyVouchesForIsNeverYes() {
        keychain("a", next);
        keychain("b", next);
        byte[] record = store.load("b").orElseThrow().toBytes();
        record[record.length - 1] ^= 1;
        store.overwrite("b", KeychainRecord.parse(record));

        Dependents dependents = of(old.id());

        assertThat(dependents.safeToDelete()).isFalse();
        assertThat(dependents.unknown()).extracting(Unknown::place).containsExactly("b");
    }

    /** Such as too many open files, or a mount that comes and goes. */
    @Test
    void aRecordThatIsAwayOnlyWhileTheRecordsAreListedIsNeverYes() {
        keychain("a", next);
        keychain("b", old);
        KeychainRecord kept = store.load("b").orElseThrow();
        store.damage("b");
        KeychainStore recovering = (KeychainStore) Proxy.newProxyInstance(
                KeychainStore.class.getClassLoader(),
                new Class<?>[] {KeychainStore.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("unreadable")) {
                        store.overwrite("b", kept);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });

        Dependents dependents = Dependents.of(old.id()).read(recovering, providers, seal);

        assertThat(dependents.safeToDelete()).isFalse();
        assertThat(dependents.neededToOpen()).isTrue();
        assertThat(dependents.reasons()).singleElement().asString().contains("could not be read or believed");
    }

    /** Such as the folder of a mount that is missing, or the wrong database. */
    @Test
    void aStoreWithoutKeychainsIsNeverYes() {
        assertThat(of(old.id()).reasons()).singleElement().asString().contains("no keychains at all");
    }

    @Test
    void recordsUnderAnotherSealAreNeverYes() {
        keychain("a", next);

        assertThat(Dependents.of(old.id())
                        .read(store, providers, KeychainSeal.wrappedBy(next.id()))
                        .safeToDelete())
                .isFalse();
    }
}
