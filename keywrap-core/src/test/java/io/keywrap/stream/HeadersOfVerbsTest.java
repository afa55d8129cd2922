package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever encrypts or decrypts is given the header of the very envelope. */
class HeadersOfVerbsTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");
    private static final byte[] PLAINTEXT = {1, 2, 3};

    @TempDir
    Path folder;

    private EnvelopeCipher cipher;
    private Path plain;
    private Path target;

    @BeforeEach
    void setUp() throws IOException {
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"));
        plain = Files.write(folder.resolve("plain"), PLAINTEXT);
        target = folder.resolve("target");
    }

    @Test
    void isThatOfWhatWasEncrypted() throws IOException {
        ByteArrayOutputStream streams = new ByteArrayOutputStream();
        assertThat(cipher.encrypt(new ByteArrayInputStream(PLAINTEXT), streams, CONTEXT)
                        .toBytes())
                .isEqualTo(written(streams));
        ByteArrayOutputStream channels = new ByteArrayOutputStream();
        assertThat(cipher.encrypt(
                                Channels.newChannel(new ByteArrayInputStream(PLAINTEXT)),
                                Channels.newChannel(channels),
                                CONTEXT)
                        .toBytes())
                .isEqualTo(written(channels));
        assertThat(cipher.encrypt(plain, target, CONTEXT).toBytes()).isEqualTo(written());
        assertThat(cipher.encrypt(new ByteArrayInputStream(PLAINTEXT), target, CONTEXT)
                        .toBytes())
                .isEqualTo(written());
        try (EnvelopeWriter writer = cipher.writer(target, CONTEXT)) {
            writer.commit();
            assertThat(writer.header().toBytes()).isEqualTo(written());
        }
    }

    @Test
    void isThatOfWhatWasDecrypted() throws IOException {
        cipher.encrypt(plain, target, CONTEXT);
        byte[] envelope = Files.readAllBytes(target);
        byte[] header = written();
        Path back = folder.resolve("back");
        assertThat(cipher.decrypt(new ByteArrayInputStream(envelope), new ByteArrayOutputStream(), CONTEXT)
                        .toBytes())
                .isEqualTo(header);
        assertThat(cipher.decrypt(
                                Channels.newChannel(new ByteArrayInputStream(envelope)),
                                Channels.newChannel(new ByteArrayOutputStream()),
                                CONTEXT)
                        .toBytes())
                .isEqualTo(header);
        assertThat(cipher.decrypt(target, back, CONTEXT).toBytes()).isEqualTo(header);
        assertThat(cipher.decrypt(new ByteArrayInputStream(envelope), back, CONTEXT)
                        .toBytes())
                .isEqualTo(header);
    }

    /** By a way of its own. */
    @Test
    void isThatOfALargeFile() throws IOException {
        Files.write(plain, new byte[2 << 20]);
        assertThat(cipher.encrypt(plain, target, CONTEXT).toBytes()).isEqualTo(written());
        assertThat(cipher.decrypt(target, folder.resolve("back"), CONTEXT).toBytes())
                .isEqualTo(written());
    }

    private byte[] written(ByteArrayOutputStream envelope) throws IOException {
        Files.write(target, envelope.toByteArray());
        return written();
    }

    private byte[] written() throws IOException {
        return EnvelopeCipher.inspect(target).header().toBytes();
    }
}
