package io.keywrap.store;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;

/** A record is refused with a typed exception or written again byte for byte. Its seal is checked elsewhere. */
class KeychainRecordFuzzTest {
    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "record.dict")
    void parseThenWriteIsIdentity(byte[] input) throws Exception {
        Cost.of(input, () -> {
            try {
                Same.bytes(KeychainRecord.parse(input).toBytes(), input);
            } catch (IllegalArgumentException | UnsupportedEnvelopeException refused) {
                // As it should be.
            }
        });
    }
}
