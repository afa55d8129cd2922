package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines for {@code gcloud}, run by a shell with one that refuses a role which is there, as Google's does. */
class GcpCommandsTest {
    private static final String GCLOUD = """
            #!/bin/sh
            set -eu
            touch roles bindings
            case "$*" in
            "iam roles describe"*) grep -Fxq "$4 $5" roles || { echo "NOT_FOUND: $4" >&2; exit 1; };;
            "iam roles create"*)
                if grep -Fxq "$4 $5" roles; then echo "$4 already exists" >&2; exit 1; fi
                echo "$4 $5" >> roles;;
            "kms keys add-iam-policy-binding"*) echo "$*" >> bindings;;
            *) echo "not known: $*" >&2; exit 2;;
            esac
            """;

    @TempDir
    Path folder;

    private void run(String key) throws Exception {
        Path gcloud = Files.writeString(folder.resolve("gcloud"), GCLOUD);
        assertThat(gcloud.toFile().setExecutable(true)).isTrue();
        List<String> script = new ArrayList<>(List.of("set -eu"));
        script.addAll(GcpKeyPolicy.of(
                        GcpKeyName.parse(key),
                        VendorAccess.of(PolicyRole.MONITOR, "monitor@vendor.iam.gserviceaccount.com"))
                .commands());
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", String.join("\n", script))
                .directory(folder.toFile())
                .redirectErrorStream(true);
        shell.environment().merge("PATH", folder + ":", (path, first) -> first + path);
        Process process = shell.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s", said).isZero();
    }

    @Test
    void theRoleIsMadeOnceInAProjectHoweverManyKeysThereAre() throws Exception {
        run("projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek");
        run("projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek");
        run("projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/another");
        run("projects/acme-test/locations/europe-west1/keyRings/backup/cryptoKeys/kek");

        assertThat(Files.readAllLines(folder.resolve("roles")))
                .containsExactly("keywrapKeyStatus --project=acme-prod", "keywrapKeyStatus --project=acme-test");
        assertThat(Files.readAllLines(folder.resolve("bindings")))
                .anyMatch(line -> line.startsWith("kms keys add-iam-policy-binding another"));
    }
}
