package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.backup.Worker.Vendor;
import io.keywrap.KekId;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one tenant must not notice of another. */
class BackupServiceTest {
    @TempDir
    Path folder;

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-02T22:00:00Z"));
    private final Cloud cloud = new Cloud(time);
    private BackupService service;

    @BeforeEach
    void start() throws IOException {
        Vendor vendor =
                new Vendor(cloud.newVendorKey(), FileKeychainStore.open(folder.resolve("keychains")), cloud, time);
        service = new BackupService(folder.resolve("backups"), vendor, notice -> {});
        service.onboardManaged("acme");
        service.onboardManaged("acme-eu");
    }

    @AfterEach
    void end() {
        service.close();
        cloud.close();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve(text + ".csv"), text);
    }

    @Test
    void aFileThatIsMissingOrATenantThatIsStopsNobodyElse() throws IOException {
        Map<String, String> ends = service.backUpAll(
                "monday", Map.of("acme", folder.resolve("none.csv"), "acme-eu", file("eu"), "globex", file("globex")));

        assertThat(ends.get("acme")).startsWith("page somebody: ").contains("none.csv");
        assertThat(ends.get("globex")).startsWith("page somebody: ");
        assertThat(ends.get("acme-eu")).isEqualTo("backed up");
    }

    @Test
    void noBackupTakesThePlaceOfAnotherTenants() throws IOException {
        service.backUp("acme", "eu-monday", file("acme"));
        service.backUp("acme-eu", "monday", file("eu"));

        service.restore("acme", "eu-monday", folder.resolve("restored"));
        assertThat(folder.resolve("restored")).hasContent("acme");
    }

    /** What another tenant has allowed works for the service, whoever has pasted it. */
    @Test
    void aKeyOfAnotherAccountOrOfAnotherTenantIsNotTaken() {
        String arn = cloud.newKey("eu-west-1");
        KekId kek = service.read(arn).required();
        cloud.allow(arn, service.policy("globex", kek));

        assertThat(service.onboard("globex", kek, "222233334444"))
                .isNotEmpty()
                .allMatch(problem -> problem.contains("the key belongs to " + Cloud.TENANTS));
        assertThat(service.onboard("globex", kek, Cloud.TENANTS)).isEmpty();

        cloud.allow(cloud.newKey("eu-west-1"), service.policy("initech", kek));
        assertThat(service.onboard("initech", kek, Cloud.TENANTS))
                .anyMatch(problem -> problem.contains("in use for another tenant"));
    }

    @Test
    void noRoleMayDoTheWorkOfAnother() throws IOException {
        String arn = cloud.newKey("eu-west-1");
        KekId kek = service.read(arn).required();
        cloud.allow(arn, service.policy("globex", kek));
        assertThat(service.onboard("globex", kek, Cloud.TENANTS)).isEmpty();
        service.backUp("globex", "monday", file("globex"));
        service.restore("globex", "monday", folder.resolve("restored"));

        assertThat(uses(arn, PolicyRole.BACKUP)).containsExactly("GenerateDataKey");
        assertThat(uses(arn, PolicyRole.RESTORE)).containsExactly("Decrypt");
        assertThat(uses(arn, PolicyRole.REWRAP)).isEmpty();
    }

    private Set<String> uses(String arn, PolicyRole role) {
        return cloud.log(arn).stream()
                .filter(event -> event.principalArn().equals(Optional.of(cloud.name(role))))
                .filter(event -> "globex".equals(event.encryptionContext().get("kw:keychain")))
                .map(CloudTrailEvent::eventName)
                .collect(Collectors.toSet());
    }
}
