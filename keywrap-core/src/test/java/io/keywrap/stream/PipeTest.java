package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Envelopes out of a pipe, which has no length and no position. */
class PipeTest {
    @TempDir
    Path folder;

    @Test
    void aPipeThatIsOpenedAsAFileIsReadToItsEnd() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(
                new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "this platform has named pipes");
        EnvelopeCipher cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("k"));
        byte[] plaintext = new byte[200_000];
        byte[] envelope = cipher.encrypt(plaintext, EncryptionContext.empty());
        Thread writer = new Thread(() -> write(pipe, envelope));
        writer.start();

        ByteArrayOutputStream restored = new ByteArrayOutputStream();
        try (InputStream in = new FileInputStream(pipe.toFile())) {
            cipher.decrypt(in, restored, EncryptionContext.empty());
        }

        writer.join();
        assertThat(restored.toByteArray()).isEqualTo(plaintext);
    }

    private static void write(Path pipe, byte[] bytes) {
        try {
            Files.write(pipe, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
