package io.keywrap.tink;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import java.util.Arrays;

/**
 * Whatever bytes come: the header of a ciphertext is refused with a typed exception, or written again byte for byte.
 *
 * <p>A build runs the corpus; {@code ./mvnw test -Pfuzz -pl integrations/keywrap-tink -am
 * -Dtest='HeaderFuzzTest#parseThenWriteIsIdentity' -Dsurefire.failIfNoSpecifiedTests=false} looks for more.
 */
class HeaderFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void parseThenWriteIsIdentity(byte[] input) {
        Header header;
        try {
            header = Header.parse(input);
        } catch (DataException refused) {
            return;
        }
        byte[] written = Header.of(header.wrapped()).followedBy(new byte[0]);
        if (written.length != header.length() || !Arrays.equals(written, Arrays.copyOf(input, written.length))) {
            throw new AssertionError("accepted, but written differently");
        }
        if (input.length < written.length + Header.AES_GCM_BYTES) {
            throw new AssertionError("accepted, but nothing that AES-GCM could decrypt follows");
        }
    }
}
