package com.example.backup;

import com.example.backup.Worker.Vendor;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.aws.AwsKeyReference;
import io.keywrap.keychain.Openers;
import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The vendor's product: it backs up the file of each tenant every night, and restores it. It knows keychains by the tenant's name,
 * KEKs by their ids, and no key.
 *
 * <p>A tenant has chosen a key of their own, or the vendor's until they choose otherwise. Backups, restores, migrations and the
 * monitor are principals of their own, each with the rights of its role alone. Thread-safe.
 */
final class BackupService implements AutoCloseable {
    /** The rule of this data centre. */
    static final Set<String> REGIONS = Set.of("eu-west-1");
    /** How long a way back is kept after a migration. */
    static final Duration WAY_BACK = Duration.ofDays(90);

    private final Path backups;
    private final Vendor vendor;
    private final Map<PolicyRole, Worker> workers = new EnumMap<>(PolicyRole.class);
    private final Consumer<String> notices;
    private final Map<KekId, KekState> told = new ConcurrentHashMap<>();

    /**
     * Makes the service.
     *
     * @param folder for backups
     * @param vendor what the workers are made of
     * @param notices is told what somebody should know
     */
    BackupService(Path folder, Vendor vendor, Consumer<String> notices) throws IOException {
        this.backups = Files.createDirectories(folder);
        this.vendor = vendor;
        this.notices = notices;
        for (PolicyRole role : PolicyRole.values()) {
            workers.put(role, new Worker(vendor, role, role == PolicyRole.MONITOR ? this::heard : event -> {}));
        }
    }

    private Worker worker(PolicyRole role) {
        return Objects.requireNonNull(workers.get(role));
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

    private String tenantsOf(KekId kek) {
        List<String> tenants = holders(kek);
        return tenants.isEmpty() ? "nobody" : String.join(", ", tenants);
    }

    private List<String> holders(KekId kek) {
        return worker(PolicyRole.MONITOR).keychains.list(KeychainFilter.all().withKek(kek), Optional.empty(), 100);
    }

    /** In production monitors run by themselves; in the story they are stepped, so that nobody has to wait. */
    void start() {
        monitors().forEach(KekMonitor::start);
    }

    void step() {
        monitors().forEach(KekMonitor::step);
    }

    /** Of all that share a store the first asks for every key; the others hear from it, and end what they are doing. */
    private Stream<KekMonitor> monitors() {
        return Stream.of(PolicyRole.MONITOR, PolicyRole.RESTORE).flatMap(role -> worker(role).monitor().stream());
    }

    /** The longest that a revocation is not noticed. */
    Duration bound() {
        return worker(PolicyRole.MONITOR).monitor().orElseThrow().bound();
    }

    // ---- Onboarding -------------------------------------------------------------------------------------------------

    /** What a tenant has pasted: a key, or what they should paste instead. */
    KeyReference read(String pasted) {
        return AwsKeyReference.parse(pasted, REGIONS);
    }

    /** What the tenant reads and puts on their key: a principal for each role, the key context of this tenant alone. */
    AwsKeyPolicy policy(String tenant, KekId kek) {
        VendorAccess access = VendorAccess.of(PolicyRole.BACKUP, name(PolicyRole.BACKUP))
                .and(PolicyRole.RESTORE, name(PolicyRole.RESTORE))
                .and(PolicyRole.REWRAP, name(PolicyRole.REWRAP))
                .and(PolicyRole.MONITOR, name(PolicyRole.MONITOR));
        return AwsKeyPolicy.of(AwsKeyArn.of(kek), access.withStatus(), pairs(tenant));
    }

    private String name(PolicyRole role) {
        return vendor.principals().name(role);
    }

    private static EncryptionContext pairs(String tenant) {
        return EncryptionContext.of("tenant", tenant);
    }

    /**
     * Whether a key will do, looked at as each principal: nothing is made of it, and nothing at the tenant's is changed.
     *
     * @param tenant whose it is to be
     * @param kek the key
     * @param account the tenant's account as the contract has it, and not as somebody has pasted it
     * @return what is in the way, and what to do about it; empty if nothing is
     */
    List<String> problems(String tenant, KekId kek, String account) {
        List<String> problems = new ArrayList<>();
        if (holders(kek).stream().anyMatch(other -> !other.equals(tenant))) {
            problems.add("the key is in use for another tenant. Please ask for one of their own");
        }
        for (PolicyRole role : PolicyRole.values()) {
            PreflightReport report = Preflight.of(vendor.principals().kms(role))
                    .regions(REGIONS)
                    .owner(account)
                    .keyContext(pairs(tenant))
                    .roles(role)
                    .time(vendor.time())
                    .build()
                    .check(kek);
            report.lines().stream()
                    .filter(line -> line.verdict() == PreflightReport.Verdict.FAIL)
                    .forEach(line -> problems.add(
                            role + ", " + line.check().label() + ": " + line.detail() + ". Please " + line.toDo()));
        }
        return problems;
    }

    /**
     * A tenant who holds the key.
     *
     * @return {@link #problems}; with any of them nothing is made
     */
    List<String> onboard(String tenant, KekId kek, String account) {
        List<String> problems = problems(tenant, kek, account);
        if (problems.isEmpty()) {
            worker(PolicyRole.BACKUP)
                    .keychains
                    .create(tenant, spec -> spec.control(kek).keyContext("tenant", tenant));
        }
        return problems;
    }

    /** A tenant who may choose a key of their own later. */
    void onboardManaged(String tenant) {
        worker(PolicyRole.BACKUP)
                .keychains
                .create(
                        tenant,
                        spec -> spec.control(vendor.kek())
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

    /** Under a data key of its own. The envelope appears whole or not at all. */
    void backUp(String tenant, String night, Path file) throws IOException {
        EnvelopeCipher cipher = cipher(PolicyRole.BACKUP, tenant);
        Files.createDirectories(backups.resolve(tenant));
        cipher.encrypt(file, envelope(tenant, night), object(tenant, night));
    }

    /** Restores what is authentic, and is the backup of this tenant and night; else there is no file. */
    void restore(String tenant, String night, Path target) throws IOException {
        cipher(PolicyRole.RESTORE, tenant).decrypt(envelope(tenant, night), target, object(tenant, night));
    }

    private EnvelopeCipher cipher(PolicyRole role, String tenant) {
        return EnvelopeCipher.using(worker(role).keychains.open(tenant));
    }

    /** In a folder for each tenant, so that no name of one can be that of another. */
    private Path envelope(String tenant, String night) {
        return backups.resolve(tenant).resolve(night + ".kwrp");
    }

    private static EncryptionContext object(String tenant, String night) {
        return EncryptionContext.of(Map.of("tenant", tenant, "night", night));
    }

    // ---- Keys -------------------------------------------------------------------------------------------------------

    /** From the vendor's key to the tenant's own, once there are no {@link #problems}. No backup is read or written. */
    RewrapReport migrate(String tenant, KekId kek) {
        Worker worker = worker(PolicyRole.REWRAP);
        return Rewrap.builder(vendor.store(), worker.providers)
                .seal(worker.seal)
                .filter(KeychainFilter.all().withKeyContext("tenant", tenant))
                .move(vendor.kek(), kek)
                .keyManagement(KeyManagement.CUSTOMER)
                .retain(WAY_BACK)
                .build()
                .run();
    }

    /** The line on the tenant's page. */
    String state(KekId kek) {
        return worker(PolicyRole.MONITOR)
                .providers
                .states()
                .worst(kek)
                .map(KekStanding::state)
                .map(Enum::toString)
                .orElse("UNKNOWN");
    }

    /** Who could open the tenant's backups, were the envelopes theirs. */
    Openers openers(String tenant) {
        return worker(PolicyRole.MONITOR).keychains.open(tenant).whoCanStillOpen();
    }

    @Override
    public void close() {
        workers.values().forEach(Worker::close);
    }
}
