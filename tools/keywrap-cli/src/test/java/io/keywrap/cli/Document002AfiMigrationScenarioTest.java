package io.keywrap.cli;

import static io.keywrap.cli.RunningJob.DATA;
import static io.keywrap.cli.RunningJob.OBJECT;
import static io.keywrap.cli.RunningJob.assertIsTheData;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.keychain.Openers.KekOwner;
import io.keywrap.provider.InFlight;
import io.keywrap.rewrap.Dependents;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Afi, document {@code 002_c2c278cf9d83259a}: a new secret for everything, archived things too, and one that was deleted by
 * accident (third row); from the vendor's key to the customer's (fourth row). The other rows are in
 * {@link Document002AfiScenarioTest}.
 */
class Document002AfiMigrationScenarioTest {
    private static final Duration MONTHS = Duration.ofDays(90);

    @TempDir
    Path folder;

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-28T00:00:00Z"));
    private final List<ProductHost> hosts = new ArrayList<>();
    private ThreeClouds clouds;
    private FileKeychainStore store;
    private ProductHost host;

    @BeforeEach
    void start() throws IOException {
        clouds = new ThreeClouds(time);
        store = FileKeychainStore.open(folder.resolve("store"));
        host = host();
    }

    @AfterEach
    void end() {
        hosts.forEach(ProductHost::close);
        clouds.close();
    }

    private ProductHost host() {
        ProductHost made = new ProductHost(store, clouds.vendorKek(), time, InFlight.FINISH, clouds::register);
        hosts.add(made);
        return made;
    }

    private byte[] backup(String keychainId) {
        return host.cipher(keychainId).encrypt(DATA, OBJECT);
    }

    private Rewrap.Builder rewrap() {
        return Rewrap.builder(store, host.providers).seal(host.seal);
    }

    private Dependents dependents(KekId kek) {
        return Dependents.of(kek).noOtherEnvelopes().read(store, host.providers, host.seal);
    }

    @Test
    void everythingGetsTheNewSecretAlsoWhatIsWrittenNoMore() {
        Map<String, byte[]> backups = new LinkedHashMap<>();
        for (String id : List.of("mail", "drive", "archived-in-2024")) {
            host.keychains.create(id, spec -> spec.control(clouds.inAws));
            backups.put(id, backup(id));
        }
        host.keychains.open("mail").rotate();
        assertThat(dependents(clouds.inAws).keychains())
                .extracting(Dependent::keychainId)
                .containsExactlyInAnyOrderElementsOf(backups.keySet());

        assertThat(rewrap().move(clouds.inAws, clouds.inGcp)
                        .retain(MONTHS)
                        .build()
                        .run()
                        .complete())
                .isTrue();

        assertThat(dependents(clouds.inAws).neededToOpen()).isFalse();
        assertThat(dependents(clouds.inAws).safeToDelete())
                .as("kept for months")
                .isFalse();
        clouds.awsKey.disable();
        ProductHost later = host();
        backups.forEach((id, backup) -> assertIsTheData(later.cipher(id).decrypt(backup, OBJECT)));

        time.advance(MONTHS.minusDays(1));
        rewrap().dropRetained().build().run();
        assertThat(dependents(clouds.inAws).keychainCount())
                .as("before its time")
                .isEqualTo(3);
        time.advance(Duration.ofDays(2));
        assertThat(rewrap().dropRetained().build().run().complete()).isTrue();
        assertThat(dependents(clouds.inAws).safeToDelete())
                .as("%s", dependents(clouds.inAws).reasons())
                .isTrue();
        ProductHost last = host();
        backups.forEach((id, backup) -> assertIsTheData(last.cipher(id).decrypt(backup, OBJECT)));
    }

    @Test
    void aSecretThatWasDeletedByAccidentIsRecovered() {
        host.keychains.create("mail", spec -> spec.control(clouds.inAzure));
        host.keychains.create("drive", spec -> spec.control(clouds.inGcp));
        byte[] mail = backup("mail");
        byte[] drive = backup("drive");
        clouds.azureKey.softDelete();
        clouds.gcpKey.primary().scheduleDestroy();

        ProductHost meanwhile = host();
        for (String id : List.of("mail", "drive")) {
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> meanwhile.cipher(id).decrypt(id.equals("mail") ? mail : drive, OBJECT))
                    .satisfies(e -> {
                        assertThat(e.reason()).isEqualTo(Reason.PENDING_DELETION);
                        assertThat(e.deletion())
                                .as("until when it can be recovered")
                                .isPresent();
                        assertThat(e.recoverable()).isTrue();
                    });
        }

        clouds.azureKey.recover();
        clouds.gcpKey.version(1).restore();
        clouds.gcpKey.version(1).enable();
        time.advance(Duration.ofMinutes(1));
        assertIsTheData(meanwhile.cipher("mail").decrypt(mail, OBJECT));
        assertIsTheData(meanwhile.cipher("drive").decrypt(drive, OBJECT));
    }

    @Test
    void theVendorsKeyIsKeptWhenTheCustomerSwitchesToTheirOwn() {
        host.keychains.create(
                "mail",
                spec -> spec.control(clouds.vendorKek())
                        .keyManagement(KeyManagement.VENDOR)
                        .migratable());
        byte[] before = backup("mail");

        Duration years = Duration.ofDays(3_650);
        assertThat(rewrap().move(clouds.vendorKek(), clouds.inAws)
                        .keyManagement(KeyManagement.CUSTOMER)
                        .retain(years)
                        .build()
                        .run()
                        .complete())
                .isTrue();

        ProductHost later = host();
        assertThat(later.keychains.open("mail").record().keyManagement()).isEqualTo(KeyManagement.CUSTOMER);
        assertThat(later.keychains.open("mail").whoCanStillOpen().openers())
                .anySatisfy(opener -> {
                    assertThat(opener.kekId()).isEqualTo(clouds.vendorKek());
                    assertThat(opener.role()).isEqualTo(Role.RETAINED);
                    assertThat(opener.owner()).isEqualTo(KekOwner.VENDOR);
                    assertThat(opener.until()).contains(time.now().plus(years));
                })
                .anySatisfy(opener -> {
                    assertThat(opener.kekId()).isEqualTo(clouds.inAws);
                    assertThat(opener.role()).isEqualTo(Role.CONTROL);
                });
        assertIsTheData(later.cipher("mail").decrypt(before, OBJECT));

        clouds.awsKey.disable();
        EnvelopeCipher shutOut = host().cipher("mail");
        assertThatExceptionOfType(KekRevokedException.class)
                .as("the vendor's wrap opens nothing by itself")
                .isThrownBy(() -> shutOut.decrypt(before, OBJECT));
    }
}
