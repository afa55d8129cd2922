package io.keywrap.tink;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.util.Arrays;

/** The header of a ciphertext of Tink is refused with a typed exception, or written again byte for byte. */
class HeaderFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void parseThenWriteIsIdentity(byte[] input) throws Exception {
        Cost.of(input, () -> {
            Header header;
            try {
                header = Header.parse(input);
            } catch (DataException refused) {
                return;
            }
            byte[] written = Header.of(header.wrapped()).followedBy(new byte[0]);
            Same.value(written.length, header.length());
            Same.bytes(written, Arrays.copyOf(input, written.length));
            if (input.length < written.length + Header.AES_GCM_BYTES) {
                throw new AssertionError("accepted, but nothing that AES-GCM could decrypt follows");
            }
        });
    }
}
