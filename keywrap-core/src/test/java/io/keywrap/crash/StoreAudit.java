package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.file.AtomicFile;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.store.DekEntry;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainFilter;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Holds a store and a folder of envelopes against a journal. */
final class StoreAudit {
    private final Path folder;
    private final TestTenant tenant;
    private final Map<String, Long> newest = new HashMap<>();
    private final Set<String> decrypted = new HashSet<>();
    private Tally tally = new Tally(0, 0, 0, 0, 0);

    StoreAudit(Path folder) {
        this.folder = folder;
        this.tenant = TestTenant.in(folder);
    }

    /** Checks everything; opened keychains are remembered, so what goes back is seen. */
    void check(Journal journal) throws IOException {
        FileKeychainStore store = FileKeychainStore.open(tenant.storeFolder());
        Keychains keychains = Keychains.builder(store, tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .build();
        Map<String, Keychain> opened = new HashMap<>();
        for (String id : list(keychains)) {
            opened.put(id, keychains.open(id));
        }
        checkCommits(journal, opened);
        int deks = checkDeks(journal, opened);
        checkEnvelopes(journal, opened);
        long revisions = opened.values().stream()
                .mapToLong(keychain -> keychain.record().revision())
                .sum();
        tally = new Tally(
                opened.size(),
                deks,
                decrypted.size(),
                revisions - journal.commits().size(),
                temporaryFiles());
    }

    private static List<String> list(Keychains keychains) {
        List<String> all = new ArrayList<>();
        List<String> page = List.of();
        do {
            Optional<String> last = all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
            page = keychains.list(KeychainFilter.all(), last, 100);
            all.addAll(page);
        } while (!page.isEmpty());
        assertThat(all).doesNotHaveDuplicates();
        return all;
    }

    /** No revision was told twice, none is missing, and none went back. */
    private void checkCommits(Journal journal, Map<String, Keychain> opened) {
        assertThat(journal.commits()).as("revisions, each committed once").doesNotHaveDuplicates();
        for (Journal.Commit commit : journal.commits()) {
            assertThat(opened).as("keychains that were created").containsKey(commit.keychainId());
            assertThat(opened.get(commit.keychainId()).record().revision())
                    .as(commit.keychainId())
                    .isGreaterThanOrEqualTo(commit.revision());
        }
        assertThat(opened.keySet()).containsAll(newest.keySet());
        opened.forEach((id, keychain) -> {
            long revision = keychain.record().revision();
            assertThat(revision).as(id).isGreaterThanOrEqualTo(newest.getOrDefault(id, 0L));
            newest.put(id, revision);
        });
    }

    /** Every DEK that is there unwraps to its key, told or not; every DEK that was told is there. */
    private static int checkDeks(Journal journal, Map<String, Keychain> opened) {
        Map<String, String> keys = new HashMap<>();
        for (Keychain keychain : opened.values()) {
            for (DekEntry entry : keychain.record().deks()) {
                try (DekLease lease = keychain.lease(entry.id(), entry.usage())) {
                    keys.put(keychain.id() + " " + lease.dekId().hex(), lease.withBytes(Journal::digest));
                }
            }
        }
        for (Journal.Dek dek : journal.deks()) {
            String key = keys.get(keychainAnd(dek));
            assertThat(key).as("DEK %s, told to be committed", keychainAnd(dek)).isNotNull();
            assertThat(dek.digest()).isIn("-", key);
        }
        return keys.size();
    }

    private static String keychainAnd(Journal.Dek dek) {
        return dek.keychainId() + " " + DekId.of(dek.dekId()).hex();
    }

    /** Every envelope decrypts, told or not, so its DEK was committed; every file that was told is there. */
    private void checkEnvelopes(Journal journal, Map<String, Keychain> opened) throws IOException {
        Set<String> there = new HashSet<>();
        for (Path file : files(Journal.envelopes(folder), Journal.ENVELOPE_SUFFIX)) {
            String name = file.getFileName().toString();
            there.add(name);
            if (decrypted.add(name)) {
                assertThat(decrypt(name, Files.readAllBytes(file), opened)).isEqualTo(Journal.contentOf(name));
            }
        }
        assertThat(there).containsAll(journal.envelopes());
        for (Map.Entry<String, byte[]> upload : journal.uploads().entrySet()) {
            String object = upload.getKey();
            if (decrypted.add(object)) {
                assertThat(decrypt(object, upload.getValue(), opened)).isEqualTo(Journal.smallContentOf(object));
            }
        }
    }

    private static byte[] decrypt(String object, byte[] envelope, Map<String, Keychain> opened) throws IOException {
        EnvelopeHeader header = EnvelopeHeader.read(new ByteArrayInputStream(envelope));
        assertThat(opened).as("keychain of %s", object).containsKey(header.keychainId());
        Keychain keychain = opened.get(header.keychainId());
        assertThat(keychain.record().dek(header.dekId()))
                .as("DEK %s of keychain %s, which encrypted %s", header.dekId(), keychain.id(), object)
                .isPresent();
        return EnvelopeCipher.using(keychain).decrypt(envelope, EncryptionContext.of("object", object));
    }

    private int temporaryFiles() throws IOException {
        return files(folder, AtomicFile.TEMPORARY_SUFFIX).size();
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .toList();
        }
    }

    Tally tally() {
        return tally;
    }

    /**
     * What was found.
     *
     * @param untold commits that happened, and whose process was killed before it could tell
     */
    record Tally(int keychains, int deks, int envelopes, long untold, int temporaryFiles) {}
}
