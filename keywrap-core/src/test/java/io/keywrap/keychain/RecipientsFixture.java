package io.keywrap.keychain;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.ManualTime;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.FileKeychainStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** KEKs that fail as a test says, clocks that it moves, and as many processes on one store as it likes. */
abstract class RecipientsFixture {
    static final String ID = "tenant";
    static final KekId SEAL = KekId.of("fake:seal");
    static final KekId A = KekId.of("fake:a");
    static final KekId B = KekId.of("fake:b");
    static final KekId C = KekId.of("fake:c");
    static final Duration DEADLINE = Duration.ofMinutes(5);
    static final Duration MAX_IN_FLIGHT = Duration.ofHours(24);

    @TempDir
    Path folder;

    final ManualTime time = new ManualTime();
    final FakeKms kms = new FakeKms();
    final List<KeyProviders> processes = new ArrayList<>();
    FailingStore store = new FailingStore();
    Keychains keychains;

    @BeforeEach
    void open() {
        store.delegate = FileKeychainStore.open(folder);
        keychains = process();
    }

    @AfterEach
    void close() {
        processes.forEach(KeyProviders::close);
    }

    /** Another JVM, with nothing in its memory. */
    Keychains process() {
        KeyProviders providers = KeyProviders.builder()
                .time(time)
                .register(kms)
                .executor(Runnable::run)
                .cacheDeadline(DEADLINE)
                .maxInFlight(MAX_IN_FLIGHT)
                .build();
        processes.add(providers);
        return Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(SEAL))
                .vendorKeks(kekId -> kekId.uri().contains("vendor"))
                .build();
    }

    /** A host that may wrap and not unwrap, with a job of its own. */
    Keychain job(KeyProviders providers) {
        return Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(SEAL))
                .wrapOnly()
                .build()
                .open(ID);
    }

    Keychain keychain(Consumer<Keychains.Spec> spec) {
        return keychains.create(ID, spec);
    }

    static <T> T onAnotherThread(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    static DekId use(Keychain keychain) {
        try (DekLease lease = keychain.primary()) {
            lease.withBytes(byte[]::clone);
            return lease.dekId();
        }
    }

    static void open(Keychain keychain, DekId dekId) {
        try (DekLease lease = keychain.lease(dekId)) {
            lease.withBytes(byte[]::clone);
        }
    }

    /** Such as {@code CONTROL fake:a}. */
    static List<String> wraps(DekEntry entry) {
        return entry.wraps().stream()
                .map(wrap -> wrap.role() + " " + wrap.wrapped().kekId())
                .toList();
    }

    static List<String> wraps(Keychain keychain, int dek) {
        return wraps(keychain.record().deks().get(dek));
    }

    static KekException disabled(Failure failure) {
        return new KekRevokedException(failure, Reason.DISABLED);
    }
}
