package io.keywrap.envelope;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import io.keywrap.FormatRule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * Whatever bytes come: a header is refused with a typed exception, or it is written again byte for byte.
 *
 * <p>A build runs the corpus; {@code ./mvnw test -Pfuzz -pl keywrap-core -Dtest=EnvelopeHeaderFuzzTest} looks for more.
 */
class EnvelopeHeaderFuzzTest {
    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "header.dict")
    @FormatRule("H8")
    void parseThenWriteIsIdentity(byte[] input) throws IOException {
        try {
            byte[] written = EnvelopeHeader.parse(input).toBytes();
            if (!Arrays.equals(written, input)) {
                throw new AssertionError("accepted, but written differently");
            }
        } catch (DataException refused) {
            // As it should be.
        }
        try {
            byte[] written =
                    EnvelopeHeader.read(new ByteArrayInputStream(input)).toBytes();
            if (!Arrays.equals(written, Arrays.copyOf(input, written.length))) {
                throw new AssertionError("read, but written differently");
            }
        } catch (DataException refused) {
            // As it should be.
        }
        KnownHeaderTest.assertSameOutcome(input);
    }
}
