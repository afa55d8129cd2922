package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A stream without helpers: each segment is out before more is read than the byte behind it. */
class InStepTest {
    private static final int SEGMENT = 65_536;
    private static final int FULL = SEGMENT - 32;
    private static final int SEGMENTS = 40;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream sink = new ByteArrayOutputStream() {
        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            assertThat(length).isPositive();
            super.write(bytes, offset, length);
        }
    };
    private EnvelopeCipher cipher;

    @BeforeEach
    void setUp() {
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"));
    }

    @Test
    void ofOneThreadWhateverIsAtHand() throws IOException {
        assertInStep(cipher.withParallelism(1), SourcesFromTheWildTest.AtHand.EVERYTHING);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EVERYTHING")
    void ofManyWhereTheSourceDoesNotSayThatMoreIsAtHand(SourcesFromTheWildTest.AtHand atHand) throws IOException {
        assertInStep(cipher.withParallelism(3).withExecutor(task -> {}), atHand);
    }

    private void assertInStep(EnvelopeCipher inStep, SourcesFromTheWildTest.AtHand atHand) throws IOException {
        byte[] plaintext = new byte[SEGMENTS * FULL];
        InputStream source = new FilterInputStream(new ByteArrayInputStream(plaintext)) {
            private int given;

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int whole = Math.max(0, given - 1) / FULL;
                assertThat(sink.size() / SEGMENT)
                        .as("segments out of %d", whole)
                        .isEqualTo(whole);
                int n = super.read(target, offset, length);
                given += Math.max(0, n);
                return n;
            }

            @Override
            public int available() throws IOException {
                return atHand.available();
            }
        };
        inStep.encrypt(source, sink, EncryptionContext.empty());
        assertThat(cipher.decrypt(sink.toByteArray(), EncryptionContext.empty()))
                .isEqualTo(plaintext);
    }
}
