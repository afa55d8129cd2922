package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keychain.Recipients;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainStore;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A store, KEKs and keychains to be re-wrapped, on a clock that stands still. */
final class RewrapBench implements AutoCloseable {
    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-28T08:00:00Z"));
    final InMemoryKms kms = new InMemoryKms(time);
    final InMemoryKek vendor = kms.kek("vendor");
    final InMemoryKek from = kms.kek("from");
    final InMemoryKek to = kms.kek("to");
    final InMemoryKek replica = kms.kek("replica");
    final InMemoryKeychainStore store = new InMemoryKeychainStore();
    final KeychainSeal seal = KeychainSeal.wrappedBy(vendor.id());
    volatile Consumer<KekEvent> onEvent = event -> {};
    final KeyProviders providers = providers();
    private final Map<DekId, byte[]> keys = new HashMap<>();

    /** As a process of its own has it. */
    KeyProviders providers() {
        return KeyProviders.builder()
                .register(kms)
                .time(time)
                .listener(event -> onEvent.accept(event))
                .build();
    }

    Keychains keychains(KeyProviders process) {
        return Keychains.builder(store, process).seal(seal).build();
    }

    /** A keychain with some DEKs, under the old KEK. */
    Keychain keychain(String id, int deks) {
        return keychain(id, deks, recipients -> recipients.control(from.id()));
    }

    Keychain keychain(String id, int deks, Consumer<Recipients> recipients) {
        Keychain keychain = keychains(providers).create(id, spec -> spec.control(from.id()));
        keychain.changeRecipients(recipients);
        while (live(keychain.record()).size() < deks) {
            keychain.rotate();
        }
        remember(keychain);
        return keychain;
    }

    void remember(Keychain keychain) {
        for (DekEntry entry : live(keychain.record())) {
            try (DekLease lease = keychain.lease(entry.id(), entry.usage())) {
                keys.put(entry.id(), lease.withBytes(byte[]::clone));
            }
        }
    }

    static List<DekEntry> live(KeychainRecord record) {
        return record.deks().stream()
                .filter(entry -> entry.state() != State.DESTROYED)
                .toList();
    }

    Rewrap.Builder job() {
        return job(store, providers);
    }

    Rewrap.Builder job(KeychainStore itsStore, KeyProviders process) {
        return Rewrap.builder(itsStore, process).seal(seal).rate(10_000).concurrency(4);
    }

    Rewrap.Builder move() {
        return job().move(from.id(), to.id());
    }

    KeychainRecord record(String id) {
        return store.load(id).orElseThrow();
    }

    /** Every DEK is what it was, to a process that has seen nothing before. */
    void assertAllOpen(String id) {
        try (KeyProviders process = providers()) {
            Keychain keychain = keychains(process).open(id);
            for (DekEntry entry : live(keychain.record())) {
                try (DekLease lease = keychain.lease(entry.id(), entry.usage())) {
                    assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(keys.get(entry.id()));
                }
            }
        }
    }

    void assertRoles(DekEntry entry, Map<KekId, Role> roles) {
        Map<KekId, Role> there = new HashMap<>();
        entry.wraps().forEach(wrap -> there.put(wrap.wrapped().kekId(), wrap.role()));
        assertThat(there).isEqualTo(roles);
        assertThat(entry.wraps()).hasSameSizeAs(roles.keySet());
    }

    /** All of a keychain has gone from the old KEK to the new one. */
    void assertMoved(String id) {
        for (DekEntry entry : live(record(id))) {
            assertThat(entry.wrapUnder(to.id()).orElseThrow().role()).isEqualTo(Role.CONTROL);
            assertThat(entry.wrapUnder(from.id()).filter(wrap -> wrap.role() != Role.RETAINED))
                    .isEmpty();
        }
        assertAllOpen(id);
    }

    static void assertComplete(RewrapReport report) {
        assertThat(report.items()).isEmpty();
        assertThat(report.complete()).isTrue();
    }

    @Override
    public void close() {
        providers.close();
        kms.close();
    }
}
