package io.keywrap.byok;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.codec.Canonical;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;

/** The note of a slot, without its seal, is refused or written again byte for byte. */
class SlotNoteFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void parseThenWriteIsIdentity(byte[] input) throws Exception {
        Cost.of(input, () -> {
            try {
                SlotRecord record = SlotRecord.parse(input);
                Same.bytes(record.toBytes(), input);
                Same.value(record.status().slot(), record.slot());
            } catch (Canonical.Malformed refused) {
                // As it should be.
            }
        });
    }
}
