package io.keywrap;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;

/** A context is refused, or written again byte for byte, from its pairs too. */
class EncryptionContextFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void parseThenWriteIsIdentity(byte[] input) throws Exception {
        Cost.of(input, () -> {
            try {
                EncryptionContext context = EncryptionContext.parse(input);
                Same.bytes(context.toBytes(), input);
                Same.bytes(EncryptionContext.of(context.asMap()).toBytes(), input);
            } catch (IllegalArgumentException refused) {
                // As it should be.
            }
        });
    }
}
