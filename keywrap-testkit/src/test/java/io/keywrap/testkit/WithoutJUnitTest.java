package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Those who test with something else than JUnit 5 have all of the testkit but its contracts and its extension. */
class WithoutJUnitTest {
    @Test
    void aProductIsTestedAllTheSame() throws Exception {
        try (URLClassLoader alone = new URLClassLoader(classPathWithoutJUnit(), ClassLoader.getPlatformClassLoader())) {
            assertThatExceptionOfType(ClassNotFoundException.class)
                    .isThrownBy(() -> alone.loadClass("org.opentest4j.TestAbortedException"));
            Class<?> scenario = alone.loadClass(Scenario.class.getName());
            assertThat(scenario.getMethod("run").invoke(null)).isEqualTo("DISABLED");
        }
    }

    private static URL[] classPathWithoutJUnit() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.matches(".*(junit|opentest4j|apiguardian|assertj).*\\.jar")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(new URL[0]);
    }

    /** What runs there. */
    public static final class Scenario {
        private Scenario() {}

        /** Gives the reason for which a revoked KEK is refused. */
        public static String run() {
            ManualTime time = ManualTime.startingAt(Instant.EPOCH);
            InMemoryKms kms = new InMemoryKms(time);
            InMemoryKek customer = kms.kek("customer");
            try (KeyProviders providers =
                    KeyProviders.builder().register(kms).time(time).build()) {
                Keychain keychain = Keychains.builder(new InMemoryKeychainStore(), providers)
                        .seal(KeychainSeal.wrappedBy(kms.kek("vendor").id()))
                        .build()
                        .create("tenant-42", spec -> spec.control(customer.id()));
                customer.faults(FaultPlan.ofUnwraps().slow(Duration.ofSeconds(1), 1));
                keychain.primary().close();
                customer.disable();
                keychain.primary().close();
                return "not refused";
            } catch (KekRevokedException e) {
                return e.reason().name();
            }
        }
    }
}
