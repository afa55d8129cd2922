package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.heap.DumpedProcess;
import io.keywrap.heap.Form;
import io.keywrap.heap.HeapSearch;
import io.keywrap.heap.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dump of another process discloses of uploads that it has opened or refused, and of private transport keys. */
class UploadHeapTest {
    private static final String PASSPHRASE = "correct horse battery staple 3.0.19";

    @TempDir
    Path folder;

    @Test
    void nothingIsLeftOnceASecretWasClosed() throws Exception {
        Map<String, Map<Form, Integer>> found = dumped("closed");
        assertThat(found).isEmpty();
    }

    @Test
    void whatIsNotClosedIsFound() throws Exception {
        assertThat(dumped("open").keySet()).containsExactlyInAnyOrder("the secret", "the secret of the key file");
    }

    private Map<String, Map<Form, Integer>> dumped(String scenario) throws Exception {
        assumeThat(Files.isExecutable(DumpedProcess.jcmd()))
                .as("%s, which a JVM without development tools lacks", DumpedProcess.jcmd())
                .isTrue();
        Path reachable = folder.resolve("reachable.hprof");
        try (DumpedProcess process = DumpedProcess.start(UploadHeapScenario.class, scenario, folder.toString())) {
            process.dumpReachable(reachable);
        }
        return HeapSearch.search(reachable, secrets());
    }

    private static List<Secret> secrets() throws Exception {
        Path made = TransportFixture.RESOURCES.resolve("openssl-3.0.19");
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) TransportFixture.pair("one").getPrivate();
        byte[] prime = key.getPrimeP().toByteArray();
        return List.of(
                Secret.of("the secret", line(made.resolve("secret.txt"))),
                Secret.of("the secret of the key file", line(made.resolve("key-file-secret.txt"))),
                Secret.of("the passphrase", PASSPHRASE.getBytes(StandardCharsets.US_ASCII)),
                Secret.of("the passphrase, as characters", PASSPHRASE.getBytes(StandardCharsets.UTF_16BE)),
                Secret.of("a prime of the transport key", Arrays.copyOfRange(prime, 1, 129)));
    }

    private static byte[] line(Path file) throws Exception {
        return Base64.getDecoder().decode(Files.readString(file).strip());
    }
}
