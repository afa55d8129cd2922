package io.keywrap.cli;

import static io.keywrap.cli.RunningJob.DATA;
import static io.keywrap.cli.RunningJob.OBJECT;
import static io.keywrap.cli.RunningJob.assertIsTheData;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.aws.AwsKms;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.emulators.AwsRole;
import io.keywrap.keychain.Keychain;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;

/**
 * Spanning Backup, document {@code 001_17aff491c75560e3}: a customer deletes the key (third row of the product), rotates it, and
 * reads in CloudTrail who has used it for what (fourth row). The first two rows are in {@link Document000SpanningScenarioTest}.
 */
class Document001SpanningScenarioTest {
    private static final Duration LEAP = Duration.ofHours(6);

    @TempDir
    Path folder;

    private AwsVendor vendor;
    private String arn;
    private KekId kek;
    private ProductHost host;
    private Keychain keychain;
    private EnvelopeCipher cipher;
    private byte[] backup;

    @BeforeEach
    void start() {
        vendor = new AwsVendor(folder);
        arn = vendor.newKey("alias/Spanning-KMS");
        kek = AwsVendor.kekId(arn);
        vendor.allow(arn, AwsVendor.access().and(PolicyRole.REWRAP, AwsVendor.role("rewrap")));
        host = vendor.host("backup");
        keychain = host.keychains.create("tenant-42", spec -> spec.control(kek).keyContext("tenant", "acme"));
        cipher = EnvelopeCipher.using(keychain);
        backup = cipher.encrypt(DATA, OBJECT);
    }

    @AfterEach
    void end() {
        vendor.close();
    }

    private KekRevokedException refused() {
        return catchThrowableOfType(KekRevokedException.class, () -> cipher.decrypt(backup, OBJECT));
    }

    private Instant scheduleDeletion() {
        return vendor.customer
                .scheduleKeyDeletion(request -> request.keyId(arn).pendingWindowInDays(7))
                .deletionDate();
    }

    @Test
    void aDeletionIsToldWithItsDeadlineWhileItCanBeCancelled() {
        Instant deadline = scheduleDeletion();
        host.watchUntil(
                Duration.ofMinutes(2), () -> !host.told(DeadlineNear.class).isEmpty());

        assertThat(refused().reason()).isEqualTo(Reason.PENDING_DELETION);
        assertThat(refused().deletion()).contains(deadline);
        assertThat(refused().recoverable()).isTrue();
        assertThat(host.told(DeadlineNear.class)).singleElement().satisfies(event -> {
            assertThat(event.kekId()).isEqualTo(kek);
            assertThat(event.ending()).isEqualTo(Ending.DELETION);
            assertThat(event.deadline()).isEqualTo(deadline);
            assertThat(event.keychains()).isEqualTo(1);
            assertThat(event.deks()).isEqualTo(1);
        });

        toOneHourBefore(deadline);
        assertThat(host.told(DeadlineNear.class))
                .as("again, 3 days, 1 day and 1 hour before")
                .hasSizeGreaterThanOrEqualTo(4);

        vendor.customer.cancelKeyDeletion(request -> request.keyId(arn));
        vendor.customer.enableKey(request -> request.keyId(arn));
        host.watchUntil(Duration.ofMinutes(11), () -> host.state(kek) == KekState.ACTIVE);
        assertIsTheData(cipher.decrypt(backup, OBJECT));
    }

    @Test
    void deletedForGoodItIsPermanentAndNoWrapIsLost() {
        List<DekEntry> before = keychain.record().deks();
        Instant deadline = scheduleDeletion();
        host.watchUntil(host.monitor.bound(), () -> host.state(kek) == KekState.REVOKED);
        vendor.time.advance(Duration.between(vendor.time.now(), deadline));
        host.watchUntil(Duration.ofMinutes(11), () -> host.state(kek) == KekState.DESTROYED);

        assertThat(host.state(kek)).isEqualTo(KekState.DESTROYED);
        assertThat(vendor.aws.key(arn)).as("the key").isEmpty();
        assertThat(refused().operatorAction())
                .as("in another account, where AWS says no more")
                .contains("deleted");
        assertThat(vendor.store.load("tenant-42").orElseThrow().deks()).isEqualTo(before);
    }

    /** In leaps, each with some seconds for the monitor to take up its work again. */
    private void toOneHourBefore(Instant deadline) {
        Instant last = deadline.minus(Duration.ofMinutes(59));
        while (vendor.time.now().isBefore(last)) {
            Duration left = Duration.between(vendor.time.now(), last);
            vendor.time.advance(left.compareTo(LEAP) < 0 ? left : LEAP);
            host.watchUntil(Duration.ofSeconds(15), () -> false);
        }
    }

    @Test
    void aRotationOfTheKeyIsNotNoticedByAnybody() {
        vendor.customer.rotateKeyOnDemand(request -> request.keyId(arn));
        keychain.rotate();
        byte[] after = cipher.encrypt(DATA, OBJECT);

        List<DekEntry> deks = keychain.record().deks();
        assertThat(version(deks.get(0))).isNotEqualTo(version(deks.get(1)));
        EnvelopeCipher elsewhere = vendor.host("restore").cipher("tenant-42");
        assertIsTheData(elsewhere.decrypt(backup, OBJECT));
        assertIsTheData(elsewhere.decrypt(after, OBJECT));
    }

    @Test
    void aRewrapToTheNewVersionIsOfferedAndTouchesNoData() {
        vendor.customer.rotateKeyOnDemand(request -> request.keyId(arn));
        ProductHost rewrapping = vendor.host("rewrap");
        Rewrap job = Rewrap.builder(vendor.store, rewrapping.providers)
                .seal(rewrapping.seal)
                .renew(kek)
                .build();
        assertThat(job.plan().deks()).as("offered").isEqualTo(1);
        assertThat(needsRewrap(rewrapping)).isTrue();

        assertThat(job.run().count(Outcome.MOVED)).isEqualTo(1);

        assertThat(needsRewrap(rewrapping)).isFalse();
        assertThat(vendor.log("ReEncrypt", arn)).isNotEmpty();
        assertIsTheData(vendor.host("restore").cipher("tenant-42").decrypt(backup, OBJECT));
    }

    private boolean needsRewrap(ProductHost host) {
        Status status = host.providers.provider(kek).status(host.providers.foregroundDeadline());
        return vendor.store.load("tenant-42").orElseThrow().deks().stream()
                .anyMatch(dek -> status.needsRewrap(dek.wraps().get(0).wrapped()));
    }

    private static String version(DekEntry dek) {
        return dek.wraps().get(0).wrapped().kekVersion();
    }

    @Test
    void theCustomersLogTellsTenantKeychainDekAndPurpose() {
        vendor.host("restore").cipher("tenant-42").decrypt(backup, OBJECT);

        Map<String, String> context = Map.of(
                "tenant", "acme",
                "kw:keychain", "tenant-42",
                "kw:dek", keychain.record().deks().get(0).id().hex());
        assertThat(vendor.log("GenerateDataKey", arn)).singleElement().satisfies(event -> {
            assertThat(event.principalArn()).contains(AwsVendor.role("backup"));
            assertThat(event.encryptionContext()).isEqualTo(context);
        });
        assertThat(vendor.log("Decrypt", arn))
                .filteredOn(event -> event.principalArn().equals(Optional.of(AwsVendor.role("restore"))))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.encryptionContext()).isEqualTo(context);
                    assertThat(event.errorCode()).isEmpty();
                });
    }

    /** Where the vendor assumes a role of the customer's, the session has the name of what it is for. */
    @Test
    void theNameOfTheSessionTellsThePurposeWhereARoleIsAssumed() {
        String customers = "arn:aws:iam::" + AwsVendor.CUSTOMER + ":role/backup-provider";
        AwsPrincipal service = vendor.aws.principal("arn:aws:iam::" + AwsVendor.ACCOUNT + ":user/service");
        vendor.aws.role(AwsRole.of(customers).trusting(service.arn()));
        vendor.put(
                arn,
                AwsKeyPolicy.of(AwsKeyArn.parse(arn), VendorAccess.of(PolicyRole.RESTORE, customers), AwsVendor.TENANT)
                        .statements());
        List<String> settings = List.of("aws.endpointUrlKms", "aws.endpointUrlSts");
        settings.forEach(name -> System.setProperty(name, vendor.aws.endpoint().toString()));
        AwsKms assuming = AwsKms.builder()
                .credentials(() -> AwsBasicCredentials.create(service.accessKeyId(), service.secretAccessKey()))
                .assumeRole(io.keywrap.aws.AwsRole.of(customers).sessionName("restore-of-monday"))
                .build();
        try (ProductHost restoring = new ProductHost(
                vendor.store, vendor.vendorKek, vendor.time, InFlight.ABORT, options -> options.register(assuming))) {
            assertIsTheData(restoring.cipher("tenant-42").decrypt(backup, OBJECT));
        } finally {
            settings.forEach(System::clearProperty);
        }

        assertThat(vendor.log("Decrypt", arn))
                .extracting(event -> event.principalArn().orElseThrow())
                .containsOnlyOnce(
                        "arn:aws:sts::" + AwsVendor.CUSTOMER + ":assumed-role/backup-provider/restore-of-monday");
    }
}
