package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeywrapException;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.EnvelopeSource;
import io.keywrap.recovery.Finding;
import io.keywrap.recovery.StoreRecovery;
import io.keywrap.recovery.Summary;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recovery under attack, under bad luck, and in the wrong order. */
class RecoveryAttackTest {
    private static final EncryptionContext OBJ = EncryptionContext.of("object", "x");
    private final InMemoryKms kms = new InMemoryKms(ManualTime.startingAt(Instant.parse("2026-01-01T00:00:00Z")));
    private final KeyProviders providers =
            KeyProviders.builder().register(kms).time(kms.time()).build();
    private final KekId vendor = kms.kek("vendor").id();
    private final KekId a = kms.kek("a").id();
    private final KekId b = kms.kek("b").id();
    private final List<Finding> findings = new ArrayList<>();

    @TempDir
    Path dir;

    private KeychainStore store(String name) {
        return FileKeychainStore.open(dir.resolve(name));
    }

    private Keychains keychains(String name) {
        return Keychains.builder(store(name), providers)
                .seal(KeychainSeal.wrappedBy(vendor))
                .build();
    }

    private StoreRecovery recovery(String name) {
        return StoreRecovery.of(store(name), providers, KeychainSeal.wrappedBy(vendor));
    }

    private List<KekId> recipients(String name, String id) {
        return keychains(name).open(id).record().recipients().stream()
                .map(Recipient::kekId)
                .toList();
    }

    private void copyStore(String from, String to) throws IOException {
        try (var all = Files.walk(dir.resolve(from))) {
            for (Path p : all.toList()) {
                Path q = dir.resolve(to).resolve(dir.resolve(from).relativize(p).toString());
                if (Files.isDirectory(p)) {
                    Files.createDirectories(q);
                } else {
                    Files.copy(p, q, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static EnvelopeSource source(String name, byte[] content) {
        return new EnvelopeSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(content);
            }
        };
    }

    private static byte[] withRecipients(byte[] envelope, List<WrappedDek> wraps) throws IOException {
        EnvelopeHeader h = EnvelopeHeader.read(new ByteArrayInputStream(envelope));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(EnvelopeHeader.builder(h.keychainId(), h.dekId())
                .keyContext(h.keyContext())
                .objectContext(h.objectContext())
                .recipients(wraps)
                .build()
                .toBytes());
        int length = h.toBytes().length;
        out.write(envelope, length, envelope.length - length);
        return out.toByteArray();
    }

    @Test
    void aRebuildNeverMakesAStrangersKekARecipient() throws IOException {
        byte[] genuine = EnvelopeCipher.using(
                        keychains("s").create("tenant-a", s -> s.control(a).portable()))
                .encrypt(new byte[1], OBJ);
        // Tenant B needs its own KEK and write access to the bucket; a store and seal of its own will do.
        byte[] planted = EnvelopeCipher.using(
                        keychains("evil").create("tenant-a", s -> s.control(b).portable()))
                .encrypt(new byte[2], OBJ);
        Summary summary = recovery("new")
                .rebuild(
                        Map.of("tenant-a", Set.of(a)),
                        List.of(source("1", genuine), source("2", planted)),
                        findings::add);
        assertThat(recipients("new", "tenant-a").equals(List.of(a)) || !summary.clean())
                .as("B is a recipient, and nobody was told: " + findings)
                .isTrue();
        byte[] fresh = EnvelopeCipher.using(keychains("new").open("tenant-a")).encrypt(new byte[3], OBJ);
        assertThatExceptionOfType(KeywrapException.class)
                .isThrownBy(() -> EnvelopeCipher.portable(providers, Set.of(b)).decrypt(fresh, OBJ));
    }

    @Test
    void anImportNeverBringsBackAKekThatTheExportTookOut() throws IOException {
        Keychain k = keychains("s").create("t", s -> s.control(a).migratable().keyManagement(KeyManagement.VENDOR));
        copyStore("s", "old");
        k.changeKeyManagement(KeyManagement.CUSTOMER, List.of(b));
        recovery("s").exportTo(dir.resolve("e"));
        keychains("old").open("t").rotate();
        Summary summary = recovery("old").importFrom(dir.resolve("e"), findings::add);
        assertThat(recipients("old", "t").equals(List.of(b)) || !summary.clean())
                .as(findings.toString())
                .isTrue();
    }

    @Test
    void anImportNeverMakesADekPrimaryAgainThatWasRotatedAway() throws IOException {
        Keychain k = keychains("s").create("t", s -> s.control(a));
        DekId first = k.record().primary(Usage.ENVELOPES).orElseThrow().id();
        copyStore("s", "old");
        k.rotate();
        recovery("s").exportTo(dir.resolve("e"));
        keychains("old").open("t").primary().close(); // any commit that is no rotation
        recovery("old").importFrom(dir.resolve("e"), findings::add);
        assertThat(keychains("old")
                        .open("t")
                        .record()
                        .primary(Usage.ENVELOPES)
                        .orElseThrow()
                        .id())
                .isNotEqualTo(first);
    }

    @Test
    void aRebuildTellsOfAVetoThatAStrippedEnvelopeLost() throws IOException {
        byte[] e = EnvelopeCipher.using(
                        keychains("s").create("t", s -> s.control(a).control(b).portable()))
                .encrypt(new byte[1], OBJ);
        byte[] stripped = withRecipients(
                e, EnvelopeHeader.read(new ByteArrayInputStream(e)).recipients().subList(0, 1));
        assertThat(recovery("new")
                        .rebuild(Map.of("t", Set.of(a, b)), List.of(source("1", stripped)), findings::add)
                        .clean())
                .as(findings.toString())
                .isFalse();
    }

    @Test
    void anExportLeavesNothingOutThoughACopyLiesInAWrongFolder() throws IOException {
        for (int i = 0; i < 40; i++) {
            keychains("s").create("t" + i, s -> s.control(a));
        }
        List<Path> files;
        try (var all = Files.walk(dir.resolve("s/records"))) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        Path last = files.get(files.size() - 1);
        Files.copy(last, files.get(0).resolveSibling(last.getFileName()));
        Set<String> seen = new TreeSet<>();
        KeychainStore store = store("s");
        try {
            Optional<String> after = Optional.empty();
            List<String> page;
            do {
                page = store.list(KeychainFilter.all(), after, 2);
                seen.addAll(page);
                after = page.isEmpty() ? after : Optional.of(page.get(page.size() - 1));
            } while (page.size() == 2);
        } catch (KeywrapException refused) {
            return; // As good.
        }
        assertThat(seen).hasSize(40);
    }

    @Test
    void aRecordInAWrongFolderIsNoSilentGapInAnExport() throws IOException {
        for (int i = 0; i < 5; i++) {
            keychains("s").create("t" + i, s -> s.control(a));
        }
        List<Path> files;
        try (var all = Files.walk(dir.resolve("s/records"))) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        Files.move(files.get(4), files.get(0).resolveSibling(files.get(4).getFileName()));
        assertThat(recovery("s").check(findings::add).clean()).isFalse();
    }

    @Test
    void anExportCanBeImportedAfterARebuild() throws IOException {
        Keychain k = keychains("s").create("t", s -> s.control(a).portable());
        copyStore("s", "old");
        k.rotate();
        byte[] e = EnvelopeCipher.using(k).encrypt(new byte[1], OBJ);
        DekId outside;
        try (DekLease lease = k.primary()) {
            outside = lease.dekId();
        }
        recovery("s").exportTo(dir.resolve("e"));
        kms.advance(Duration.ofDays(1));
        recovery("old").rebuild(Map.of("t", Set.of(a)), List.of(source("1", e)), findings::add);
        recovery("old").importFrom(dir.resolve("e"), findings::add);
        keychains("old").open("t").lease(outside).close();
    }

    @Test
    void anImportIsOfTheFileThatWasCheckedThoughItIsCutMeanwhile() throws IOException {
        for (int i = 0; i < 600; i++) {
            keychains("s").create("t" + i, s -> s.control(a));
        }
        recovery("s").exportTo(dir.resolve("e"));
        Summary summary = recovery("new").importFrom(dir.resolve("e"), finding -> {
            try (RandomAccessFile file = new RandomAccessFile(dir.resolve("e").toFile(), "rw")) {
                file.setLength(file.length() - 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(summary.count(Finding.Kind.ADDED)).isEqualTo(600);
    }

    @Test
    void theIdOfExportsIsNoKeychainOfAUser() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> keychains("s")
                        .create("keywrap-store-export", s -> s.control(vendor).portable()));
    }

    @Test
    void oneDamagedFileDoesNotStopTheRescueOfTheOthers() throws IOException {
        for (int i = 0; i < 3; i++) {
            keychains("s").create("t" + i, s -> s.control(a));
        }
        Path file;
        try (var all = Files.walk(dir.resolve("s/records"))) {
            file = all.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("nowhere")); // or a folder, or a bad sector
        assertThat(recovery("s").exportSound(dir.resolve("e"), findings::add).count(Finding.Kind.UNREADABLE))
                .isEqualTo(1);
    }

    @Test
    void anOpenKeychainNeverDropsADekBecauseTheStoreWasReplaced() throws IOException {
        Keychain p1 = keychains("s").create("t", s -> s.control(a));
        copyStore("s", "old");
        p1.rotate();
        byte[] e = EnvelopeCipher.using(p1).encrypt(new byte[1], OBJ);
        copyStore("old", "s");
        Keychain p2 = keychains("s").open("t");
        p2.rotate();
        p2.rotate();
        try {
            p1.refresh();
        } catch (KeywrapException refused) {
            /* as it should be */
        }
        EnvelopeCipher.using(p1).decrypt(e, OBJ);
    }

    @Test
    void aRebuildTakesAWrapUnderOneKekOnce() throws IOException {
        byte[] e = EnvelopeCipher.using(
                        keychains("s").create("t", s -> s.control(a).portable()))
                .encrypt(new byte[1], OBJ);
        WrappedDek wrap =
                EnvelopeHeader.read(new ByteArrayInputStream(e)).recipients().get(0);
        recovery("new")
                .rebuild(
                        Map.of("t", Set.of(a)),
                        List.of(source("1", withRecipients(e, Collections.nCopies(16, wrap)))),
                        findings::add);
        assertThat(keychains("new").open("t").record().deks().get(0).wraps()).hasSize(1);
    }

    @Test
    void whatARebuildHasProvenStaysWhenTheKmsThrottles() throws IOException {
        List<EnvelopeSource> all = new ArrayList<>();
        Map<String, Set<KekId>> named = new HashMap<>();
        for (int i = 0; i < 10; i++) {
            named.put("t" + i, Set.of(a));
            all.add(source(
                    "e" + i,
                    EnvelopeCipher.using(keychains("s")
                                    .create("t" + i, s -> s.control(a).portable()))
                            .encrypt(new byte[1], OBJ)));
        }
        kms.kek("a").faults(FaultPlan.ofUnwraps().pass(9).throttle(1000));
        assertThatExceptionOfType(KeywrapException.class)
                .isThrownBy(() -> recovery("new").rebuild(named, all, findings::add));
        assertThat(store("new").list(KeychainFilter.all(), Optional.empty(), 100))
                .isNotEmpty();
    }

    @Test
    void anEnvelopeSourceThatFailsUncheckedIsAFinding() throws IOException {
        EnvelopeSource bad = new EnvelopeSource() {
            @Override
            public String name() {
                return "bad";
            }

            @Override
            public InputStream open() {
                throw new UncheckedIOException(new IOException("403"));
            }
        };
        assertThat(recovery("s").checkEnvelopes(List.of(bad), findings::add).count(Finding.Kind.ENVELOPE_REFUSED))
                .isEqualTo(1);
    }

    @Test
    void aRebuildAsksAKekThatIsRefusedOnce() {
        List<EnvelopeSource> all = new ArrayList<>();
        Keychain keychain = keychains("s").create("t", s -> s.control(a).portable());
        for (int i = 0; i < 5; i++) {
            keychain.rotate();
            all.add(source("e" + i, EnvelopeCipher.using(keychain).encrypt(new byte[1], OBJ)));
        }
        kms.kek("a").disable();
        long before = kms.kek("a").unwraps();
        recovery("new").rebuild(Map.of("t", Set.of(a)), all, findings::add);
        assertThat(findings).hasSize(5).allMatch(finding -> finding.kind() == Finding.Kind.ENVELOPE_REFUSED);
        assertThat(kms.kek("a").unwraps() - before).isEqualTo(1);
    }

    @Test
    void aComparisonTellsOfARecordThatTheStoreCouldNotGive() throws IOException {
        keychains("s").create("t", s -> s.control(a));
        recovery("s").exportTo(dir.resolve("e"));
        Path file;
        try (var all = Files.walk(dir.resolve("s/records"))) {
            file = all.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        Files.write(file, new byte[1]);
        KeychainStore silent = (KeychainStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {KeychainStore.class}, (proxy, method, arguments) -> {
                    try {
                        return method.getName().equals("unreadable") ? List.of() : method.invoke(store("s"), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        StoreRecovery recovery = StoreRecovery.of(silent, providers, KeychainSeal.wrappedBy(vendor));
        assertThat(recovery.compareWith(dir.resolve("e"), findings::add).clean())
                .isFalse();
        assertThat(findings).extracting(Finding::kind).containsExactly(Finding.Kind.UNREADABLE);
    }
}
