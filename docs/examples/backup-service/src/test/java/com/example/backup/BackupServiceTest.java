package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
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
        service = new BackupService(folder, cloud.kms(), cloud.newVendorKey(), Cloud.VENDOR_ROLE, time, notice -> {});
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
}
