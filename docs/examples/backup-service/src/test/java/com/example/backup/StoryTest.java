package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The story is true, and all of it is told. */
class StoryTest {
    @TempDir
    Path folder;

    @Test
    void everyStepEndsAsItShould() throws Exception {
        List<String> lines = new ArrayList<>();
        try (Story story = new Story(folder, lines::add)) {
            story.tellAll();
        }

        assertThat(String.join("\n", lines))
                .containsSubsequence(
                        "1. Acme comes",
                        "a key in us-east-1, where this data centre takes none",
                        "make a key in eu-west-1",
                        "first of BACKUP, permission: wrap: kms:Encrypt is denied: access to the key is denied",
                        "new lines for four roles and this tenant alone",
                        "The check of each role finds 0 things in the way",
                        "Acme is on board. Their page says: ACTIVE",
                        "2. Globex leaves",
                        "VENDOR as CONTROL",
                        "3. The first night",
                        "monday, acme: backed up",
                        "monday, globex: backed up",
                        "A restore gives back what was there",
                        "4. Keys are rotated",
                        "acme's of monday, acme's of tuesday",
                        "5. Acme takes the key away",
                        "! the key of acme is REVOKED",
                        "Their page says: REVOKED",
                        "wednesday, acme: refused, as the tenant has decided (DISABLED)",
                        "wednesday, globex: backed up",
                        "A restore for Acme: the key is disabled",
                        "6. Acme gives the key back",
                        "Their page says: ACTIVE",
                        "thursday, acme: backed up",
                        "acme's of monday, acme's of thursday",
                        "7. Globex moves",
                        "The check of each role finds 0 things in the way",
                        "without touching a backup: 5 data keys",
                        "CUSTOMER as CONTROL",
                        "VENDOR as RETAINED until 2027-",
                        "globex's of monday, globex's of friday",
                        "8. Acme reads the log",
                        ":role/backup: GenerateDataKey for tenant acme",
                        ":role/restore: Decrypt for tenant acme",
                        ":role/rewrap: nothing but the check",
                        ":role/monitor: Decrypt for tenant acme",
                        "The end.");
        assertThat(folder.resolve("backups/acme/wednesday.kwrp"))
                .as("nothing half-made of the night without the key")
                .doesNotExist();
        assertThat(Files.readString(folder.resolve("backups/acme/monday.kwrp"), StandardCharsets.ISO_8859_1))
                .doesNotContain("Coyote");
    }
}
