package com.example.backup;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.TimeSource;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.aws.AwsKeyReference;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keychain.Openers;
import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The vendor's product: it backs up the file of each tenant every night, and restores it. There is one of it in a process. It
 * knows keychains by the tenant's name, KEKs by their ids, and no key.
 *
 * <p>A tenant has chosen a key of their own, or the vendor's until they choose otherwise. Thread-safe.
 */
final class BackupService implements AutoCloseable {
    /** The rule of this data centre. */
    static final Set<String> REGIONS = Set.of("eu-west-1");
    /** How long a way back is kept after a migration. */
    static final Duration WAY_BACK = Duration.ofDays(90);

    private final Path backups;
    private final String role;
    private final KekId vendorKek;
    private final KeychainSeal seal;
    private final KeychainStore store;
    private final KeyProviders providers;
    private final Keychains keychains;
    private final KekMonitor monitor;
    private final Consumer<String> notices;
    private final Map<KekId, KekState> told = new ConcurrentHashMap<>();

    /**
     * Makes the objects that a process has once.
     *
     * @param folder for keychains and backups
     * @param kms the KMS that tenants have their keys in
     * @param vendorKek the vendor's own key: it seals the keychains, and wraps for tenants without a key of their own
     * @param role what this process is in AWS, which tenants allow
     * @param time the clocks; {@code TimeSource.system()} in production
     * @param notices is told what somebody should know
     */
    BackupService(
            Path folder,
            KeyProvider.Factory kms,
            KekId vendorKek,
            String role,
            TimeSource time,
            Consumer<String> notices)
            throws IOException {
        this.backups = Files.createDirectories(folder.resolve("backups"));
        this.role = role;
        this.vendorKek = vendorKek;
        this.notices = notices;
        this.seal = KeychainSeal.wrappedBy(vendorKek);
        this.store = FileKeychainStore.open(folder.resolve("keychains"));
        this.providers = KeyProviders.builder()
                .register(kms)
                .controlKek(vendorKek)
                .listener(this::heard)
                .time(time)
                .build();
        this.keychains = Keychains.builder(store, providers)
                .seal(seal)
                .inFlight(InFlight.ABORT)
                .vendorKeks(vendorKek::equals)
                .build();
        this.monitor = KekMonitor.builder(store, providers).seal(seal).build();
    }

    private void heard(KekEvent event) {
        if (event instanceof KekEvent.StateChanged change && change.ofState()) {
            KekState state = change.after().state();
            String toDo =
                    change.after().cause().map(KekException::operatorAction).orElse("it works");
            if (told.put(change.kekId(), state) != state) { // One notice for all versions and operations.
                notices.accept("the key of " + tenantsOf(change.kekId()) + " is " + state + ": " + toDo);
            }
        } else if (event instanceof KekEvent.DeadlineNear near) {
            notices.accept("the key of " + tenantsOf(near.kekId()) + " ends on " + near.deadline());
        } else if (event instanceof KekEvent.OwnFault fault) {
            notices.accept("page somebody: " + fault.operatorAction());
        }
    }

    /** Nobody, where a KEK is only being tried. */
    private String tenantsOf(KekId kek) {
        List<String> tenants = keychains.list(KeychainFilter.all().withKek(kek), Optional.empty(), 100);
        return tenants.isEmpty() ? "a tenant to be" : String.join(", ", tenants);
    }

    /** In production the monitor runs by itself; in the story it is stepped, so that nobody has to wait. */
    void start() {
        monitor.start();
    }

    KekMonitor monitor() {
        return monitor;
    }

    // ---- Onboarding -------------------------------------------------------------------------------------------------

    /** What a tenant has pasted: a key, or what they should paste instead. */
    KeyReference read(String pasted) {
        return AwsKeyReference.parse(pasted, REGIONS);
    }

    /** What the tenant reads and puts on their key: this role, these operations, the key context of this tenant alone. */
    AwsKeyPolicy policy(String tenant, KekId kek) {
        VendorAccess access = VendorAccess.of(PolicyRole.BACKUP, role)
                .and(PolicyRole.RESTORE, role)
                .and(PolicyRole.REWRAP, role)
                .and(PolicyRole.MONITOR, role);
        return AwsKeyPolicy.of(AwsKeyArn.of(kek), access, EncryptionContext.of("tenant", tenant));
    }

    /** A tenant who holds the key. Fails, and leaves nothing, if it cannot be used as it must. */
    void onboard(String tenant, KekId kek) {
        keychains.create(tenant, spec -> spec.control(kek).keyContext("tenant", tenant));
    }

    /** A tenant who may choose a key of their own later. */
    void onboardManaged(String tenant) {
        keychains.create(
                tenant,
                spec -> spec.control(vendorKek)
                        .keyManagement(KeyManagement.VENDOR)
                        .migratable()
                        .keyContext("tenant", tenant));
    }

    // ---- Every night ------------------------------------------------------------------------------------------------

    /**
     * Backs everybody up. Whoever has taken the key away stops nobody else, and is told; what cannot be reached is tried again;
     * whatever else is wrong with one tenant stops nobody else either.
     *
     * @param night the name of the backup
     * @param files the file of each tenant
     * @return how it ended, for each tenant
     */
    Map<String, String> backUpAll(String night, Map<String, Path> files) {
        Map<String, String> ends = new TreeMap<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            String tenant = file.getKey();
            try {
                backUp(tenant, night, file.getValue());
                ends.put(tenant, "backed up");
            } catch (KekRevokedException e) {
                ends.put(tenant, "refused, as the tenant has decided (" + e.reason() + "); " + e.operatorAction());
            } catch (KekException e) {
                ends.put(tenant, e.retryable() ? "later: " + e.getMessage() : "page somebody: " + e.operatorAction());
            } catch (KeywrapException e) {
                ends.put(tenant, (e.retryable() ? "later: " : "page somebody: ") + e.getMessage());
            } catch (IOException e) {
                ends.put(tenant, "page somebody: " + e);
            }
        }
        return ends;
    }

    /** The envelope appears whole or not at all. */
    void backUp(String tenant, String night, Path file) throws IOException {
        EnvelopeCipher cipher = cipher(tenant);
        Files.createDirectories(backups.resolve(tenant));
        cipher.encrypt(file, envelope(tenant, night), object(tenant, night));
    }

    /** Restores what is authentic, and is the backup of this tenant and night; else there is no file. */
    void restore(String tenant, String night, Path target) throws IOException {
        cipher(tenant).decrypt(envelope(tenant, night), target, object(tenant, night));
    }

    private EnvelopeCipher cipher(String tenant) {
        return EnvelopeCipher.using(keychains.open(tenant));
    }

    /** In a folder for each tenant, so that no name of one can be that of another. */
    private Path envelope(String tenant, String night) {
        return backups.resolve(tenant).resolve(night + ".kwrp");
    }

    private static EncryptionContext object(String tenant, String night) {
        return EncryptionContext.of(Map.of("tenant", tenant, "night", night));
    }

    // ---- Keys -------------------------------------------------------------------------------------------------------

    /** A new DEK for what is backed up from now on. */
    void rotate(String tenant) {
        keychains.open(tenant).rotate();
    }

    /** From the vendor's key to the tenant's own. No backup is read or written. */
    RewrapReport migrate(String tenant, KekId kek) {
        return Rewrap.builder(store, providers)
                .seal(seal)
                .filter(KeychainFilter.all().withKeyContext("tenant", tenant))
                .move(vendorKek, kek)
                .keyManagement(KeyManagement.CUSTOMER)
                .retain(WAY_BACK)
                .build()
                .run();
    }

    /** The line on the tenant's page. */
    String state(KekId kek) {
        return providers
                .states()
                .worst(kek)
                .map(KekStanding::state)
                .map(Enum::toString)
                .orElse("UNKNOWN");
    }

    /** Who could open the tenant's backups, were the envelopes theirs. */
    Openers openers(String tenant) {
        Keychain keychain = keychains.open(tenant);
        return keychain.whoCanStillOpen();
    }

    @Override
    public void close() {
        monitor.close();
        providers.close();
    }
}
