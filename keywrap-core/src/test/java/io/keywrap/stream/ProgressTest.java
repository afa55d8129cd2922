package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener of progress is told. */
class ProgressTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");

    @TempDir
    private Path folder;

    private final AtomicLong done = new AtomicLong();
    private EnvelopeCipher cipher;
    private EnvelopeCipher watched;

    @BeforeEach
    void setUp() {
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"));
        watched = cipher.withParallelism(3).withProgress(done::addAndGet);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 70_000, 1 << 20, (3 << 20) + 5})
    void allOfAFileIsTold(int length) throws IOException {
        Path plain = Files.write(folder.resolve("plain"), new byte[length]);
        Path envelope = folder.resolve("envelope");

        watched.encrypt(plain, envelope, CONTEXT);
        assertThat(done.getAndSet(0)).isEqualTo(length);

        watched.decrypt(envelope, folder.resolve("restored"), CONTEXT);
        assertThat(done.get()).isEqualTo(Files.size(envelope));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 70_000, (3 << 20) + 5})
    void allOfAStreamIsTold(int length) throws IOException {
        ByteArrayOutputStream envelope = new ByteArrayOutputStream();

        watched.encrypt(new ByteArrayInputStream(new byte[length]), envelope, CONTEXT);
        assertThat(done.getAndSet(0)).isEqualTo(length);

        watched.decrypt(
                new ByteArrayInputStream(envelope.toByteArray()), ByteArrayOutputStream.nullOutputStream(), CONTEXT);
        assertThat(done.get()).isEqualTo(envelope.size());
    }

    @Test
    void itIsToldMeanwhile() throws IOException {
        Path plain = Files.write(folder.resolve("plain"), new byte[3 << 20]);
        AtomicLong times = new AtomicLong();

        cipher.withProgress(more -> times.incrementAndGet()).encrypt(plain, folder.resolve("envelope"), CONTEXT);

        assertThat(times.get()).isGreaterThanOrEqualTo(12);
    }

    @Test
    void whatItThrowsEndsTheCallAndLeavesNoTarget() throws IOException {
        Path plain = Files.write(folder.resolve("plain"), new byte[3 << 20]);
        Path envelope = folder.resolve("envelope");
        EnvelopeCipher failing = cipher.withProgress(more -> {
            throw new IllegalStateException("no room on the screen");
        });

        assertThatThrownBy(() -> failing.encrypt(plain, envelope, CONTEXT)).hasMessage("no room on the screen");
        assertThat(envelope).doesNotExist();
    }
}
