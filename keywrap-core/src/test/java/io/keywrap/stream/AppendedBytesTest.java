package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes behind the last segment are the same failure for arrays and for streams, however many there are. */
class AppendedBytesTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");

    @ParameterizedTest
    @CsvSource({"0, 1", "5, 1", "5, 31", "5, 65536", "65504, 1", "65504, 31", "65504, 32", "65505, 1"})
    @FormatRule("P9")
    void areMalformed(int length, int appended, @TempDir Path folder) {
        EnvelopeCipher cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"));
        byte[] envelope = cipher.encrypt(new byte[length], CONTEXT);
        byte[] longer = Arrays.copyOf(envelope, envelope.length + appended);

        assertThatExceptionOfType(MalformedEnvelopeException.class)
                .isThrownBy(() -> cipher.decrypt(longer, CONTEXT))
                .withMessageContaining("follows the last segment");
        assertThatExceptionOfType(MalformedEnvelopeException.class)
                .isThrownBy(() ->
                        cipher.decrypt(new ByteArrayInputStream(longer), OutputStream.nullOutputStream(), CONTEXT))
                .withMessageContaining("follows the last segment");
    }
}
