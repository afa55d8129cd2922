package io.keywrap.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keychain.Keychains.Spec;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A store whose KEKs are in three clouds and in a key store, backups made with it, and jobs in new processes. */
final class RewrapWire implements AutoCloseable {
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");
    private static final byte[] PLAIN = "account,amount\n1,2\n".getBytes(UTF_8);
    private static final Map<String, String> OPERATIONS = Map.ofEntries(
            Map.entry("Encrypt", "WRAP"),
            Map.entry("Decrypt", "UNWRAP"),
            Map.entry("ReEncrypt", "REWRAP"),
            Map.entry("DescribeKey", "STATUS"),
            Map.entry("GetCryptoKey", "STATUS"),
            Map.entry("KeyWrap", "WRAP"),
            Map.entry("KeyUnwrap", "UNWRAP"),
            Map.entry("KeyGet", "STATUS"));

    final ThreeClouds clouds = new ThreeClouds();
    final AwsKmsKey otherKey = clouds.aws.createKey();
    final KekId inAws = clouds.inAws;
    final KekId otherInAws = KekId.of("aws-kms://" + otherKey.arn());
    final KekId inKeystore = KekId.of("keystore:main#customer");
    final KekId vendor = KekId.of("aws-kms://" + clouds.seal.arn());
    final KeychainSeal seal = KeychainSeal.wrappedBy(vendor);
    final KeychainStore store;
    private final Path folder;
    private final Path keks;
    private final Map<Path, Backup> backups = new HashMap<>();
    private volatile Duration later = Duration.ZERO;

    private record Backup(byte[] bytes, FileTime written) {}

    RewrapWire(Path folder) throws IOException {
        this.folder = folder;
        this.store = FileKeychainStore.open(folder.resolve("store"));
        this.keks = folder.resolve("main.p12");
        Keystores.createKek(keks, inKeystore, "password"::toCharArray);
    }

    KeyProviders process() {
        return process(options -> options);
    }

    KeyProviders process(UnaryOperator<KeyProviders.Builder> options) {
        return clouds.process(all -> options.apply(all.register(Keystores.builder()
                        .pkcs12("main", keks, "password"::toCharArray)
                        .build())
                .time(new Later())));
    }

    /** Time passes, for processes. */
    void pass(Duration duration) {
        later = later.plus(duration);
    }

    /** Makes a keychain, and a backup with each of its DEKs. */
    void keychain(String id, int deks, Consumer<Spec> content) throws IOException {
        Keychain keychain = keychains(process()).create(id, content);
        for (int i = 0; i < deks; i++) {
            if (i > 0) {
                keychain.rotate();
            }
            Path plain = Files.write(folder.resolve("plain"), PLAIN);
            Path backup = folder.resolve(id + "-" + i + ".kwrp");
            EnvelopeCipher.using(keychain).encrypt(plain, backup, OBJECT);
            Files.setLastModifiedTime(backup, FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
            backups.put(backup, new Backup(Files.readAllBytes(backup), Files.getLastModifiedTime(backup)));
        }
    }

    /** By a process that has seen nothing. */
    Keychain open(String id) {
        return keychains(process()).open(id);
    }

    private Keychains keychains(KeyProviders process) {
        return clouds.keychains(folder, process);
    }

    Rewrap.Builder job() {
        return job(process());
    }

    Rewrap.Builder job(KeyProviders process) {
        return Rewrap.builder(store, process).seal(seal).rate(10_000).concurrency(4);
    }

    RewrapReport move(KekId from, KekId to) {
        return job().move(from, to).build().run();
    }

    KeychainRecord record(String id) {
        return store.load(id).orElseThrow();
    }

    /** In a process that has seen nothing, each opens; and nobody has touched one. */
    void assertEachBackupOpens() throws IOException {
        Keychains keychains = keychains(process());
        for (Map.Entry<Path, Backup> one : backups.entrySet()) {
            String name = String.valueOf(one.getKey().getFileName());
            Keychain keychain = keychains.open(name.substring(0, name.lastIndexOf('-')));
            Path restored = folder.resolve("restored");
            EnvelopeCipher.using(keychain).decrypt(one.getKey(), restored, OBJECT);
            assertThat(restored).hasBinaryContent(PLAIN);
            assertThat(one.getKey()).hasBinaryContent(one.getValue().bytes());
            assertThat(Files.getLastModifiedTime(one.getKey()))
                    .isEqualTo(one.getValue().written());
        }
    }

    /** What the clouds' own logs have, by KEK and operation; what is neither stands there under its own name. */
    Map<String, Long> requests() {
        List<String> all = new ArrayList<>();
        clouds.aws
                .events()
                .forEach(
                        event -> all.add("aws-kms://" + event.keyId().orElse("") + " " + operation(event.eventName())));
        clouds.gcp
                .events()
                .forEach(event -> all.add("gcp-kms://" + event.resource() + " " + operation(event.method())));
        clouds.azure.events().stream()
                .filter(event -> event.keyName().isPresent())
                .filter(event -> !event.operationName().equals("Authentication"))
                .forEach(event -> all.add(azure(event.keyName().get()) + " " + operation(event.operationName())));
        Map<String, Long> counts = new TreeMap<>();
        all.forEach(one -> counts.merge(one, 1L, Long::sum));
        return counts;
    }

    private String azure(String name) {
        return clouds.azure.key(name).orElseThrow().id().equals(clouds.azureKey.id())
                ? clouds.inAzure.uri()
                : "azure-kms:" + name;
    }

    private static String operation(String name) {
        return OPERATIONS.getOrDefault(name, name);
    }

    static Map<String, Long> counted(List<Calls> calls) {
        Map<String, Long> counts = new TreeMap<>();
        calls.forEach(one -> counts.put(one.kekId().uri() + " " + one.operation(), one.count()));
        return counts;
    }

    void forgetRequests() {
        clouds.aws.clearEvents();
        clouds.gcp.clearEvents();
        clouds.azure.clearEvents();
    }

    @Override
    public void close() {
        clouds.close();
    }

    /** The clocks of this machine, the calendar moved on. */
    private final class Later implements TimeSource {
        @Override
        public long nanoTime() {
            return TimeSource.system().nanoTime();
        }

        @Override
        public Instant now() {
            return TimeSource.system().now().plus(later);
        }
    }
}
