package io.keywrap.rewrap;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import io.keywrap.rewrap.Checkpoint.Mark;

/** The note of how far a job is: anybody may have written it, so nothing of it may fail; what is read is written so again. */
class CheckpointFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void anyNote(byte[] input) throws Exception {
        Cost.of(
                input,
                () -> Mark.of(Same.text(input))
                        .ifPresent(mark -> Same.value(Mark.of(mark.text()).orElseThrow(), mark)));
    }
}
