package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** KEKs that never leave a PKCS#11 token, here SoftHSM2; each scenario has a token and a process of its own. */
class SoftHsmKeystoreTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void needsSoftHsm() {
        if (SoftHsmToken.library().isEmpty()) {
            System.out.println("SKIPPED: SoftHSM2 is not installed, so KEKs in PKCS#11 tokens are not tested here"
                    + " (Debian: apt-get install softhsm2)");
        }
        assumeTrue(SoftHsmToken.library().isPresent(), "SoftHSM2 is not installed: apt-get install softhsm2");
    }

    @ParameterizedTest
    @EnumSource(SoftHsmScenarios.Scenario.class)
    void withARealToken(SoftHsmScenarios.Scenario scenario) throws Exception {
        Path configuration = SoftHsmToken.initialise(folder);
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SoftHsmScenarios.class.getName(),
                folder.toString(),
                scenario.name());
        java.environment().put("SOFTHSM2_CONF", configuration.toString());
        Process process = java.redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(printed).endsWith(SoftHsmScenarios.DONE + System.lineSeparator());
    }
}
