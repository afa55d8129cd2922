package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.TestTenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers of one key store file take turns: no KEK that somebody was told of is ever missing. */
class ConcurrentKeksTest {
    private static final int EACH = 12;

    @TempDir
    Path folder;

    @Test
    void processesAndThreadsLoseNoKek() throws Exception {
        Path file = folder.resolve("kek.p12");
        List<Process> processes = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            file.toString(),
                            name)
                    .redirectErrorStream(true)
                    .start());
        }
        for (Process process : processes) {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        }
        KeyStore keyStore = KeyStore.getInstance(file.toFile(), TestTenant.password());
        assertThat(Collections.list(keyStore.aliases())).hasSize(2 * 2 * EACH);
    }

    /** A monitor would hold the carrier of a virtual thread as long as the file is read. */
    @Test
    void noMonitorIsHeldWhileTheFileIsRead() throws IOException {
        Path file = folder.resolve("kek.p12");
        KekId kek = KekId.of("keystore:main#one");
        Keystores.createKek(file, kek, TestTenant::password);
        Pkcs12File[] watched = new Pkcs12File[1];
        boolean[] asked = new boolean[1];
        watched[0] = new Pkcs12File(file, () -> {
            assertThat(Thread.holdsLock(watched[0])).isFalse();
            asked[0] = true;
            return TestTenant.password();
        });
        assertThat(watched[0].open(kek)).isNotNull();
        assertThat(asked[0]).isTrue();
    }

    /** Two threads that each add some KEKs. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws InterruptedException {
            TestTenant.password();
            List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (String thread : List.of("a", "b")) {
                Thread writer = new Thread(() -> write(Path.of(arguments[0]), arguments[1] + thread));
                writer.setUncaughtExceptionHandler((which, failure) -> failures.add(failure));
                writer.start();
                threads.add(writer);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            failures.forEach(Throwable::printStackTrace);
            System.exit(failures.isEmpty() ? 0 : 1);
        }

        private static void write(Path file, String name) {
            try {
                for (int i = 0; i < EACH; i++) {
                    Keystores.createKek(file, KekId.of("keystore:main#" + name + i), TestTenant::password);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
