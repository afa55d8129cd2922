package io.keywrap;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;

/** A wrap, in bytes and as text, is refused with its typed exception or written again as it was. */
class WrappedDekFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void bytes(byte[] input) throws Exception {
        Cost.of(input, () -> {
            try {
                Same.bytes(WrappedDek.parse(input).toBytes(), input);
            } catch (InvalidWrappedDekException refused) {
                // As it should be.
            }
        });
    }

    @FuzzTest(maxDuration = "60m")
    void text(byte[] input) throws Exception {
        Cost.of(input, () -> {
            String text = Same.text(input);
            try {
                Same.value(WrappedDek.parseText(text).toText(), text);
            } catch (InvalidWrappedDekException refused) {
                // As it should be.
            }
        });
    }
}
