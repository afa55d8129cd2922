package io.keywrap.revocation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.util.List;
import java.util.Set;

/** The notes by which JVMs tell each other of KEKs: anybody may have written them, so nothing of them may fail. */
class StoreNotesFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void states(byte[] input) throws Exception {
        Cost.of(input, () -> {
            List<StatesNote.Entry> entries = StatesNote.parse(input);
            if (!entries.isEmpty()) {
                Same.bytes(StatesNote.encode(entries), input);
            }
        });
    }

    @FuzzTest(maxDuration = "60m")
    void used(byte[] input) throws Exception {
        Cost.of(input, () -> {
            Set<Long> hashes = UsedNote.parse(input);
            Same.value(UsedNote.parse(UsedNote.encode(hashes)), hashes);
        });
    }
}
