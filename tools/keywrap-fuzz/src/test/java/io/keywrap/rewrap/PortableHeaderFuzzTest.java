package io.keywrap.rewrap;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import io.keywrap.KekException;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Vendor;
import io.keywrap.keychain.Keychain;
import java.io.ByteArrayInputStream;

/** The beginning of a portable envelope that nobody made: a re-wrap refuses it with a typed exception. */
class PortableHeaderFuzzTest {
    private static final PortableRewrap REWRAP = rewrap();

    private static PortableRewrap rewrap() {
        Vendor vendor = new Vendor();
        Keychain keychain = vendor.keychains.create(
                "portable", spec -> spec.control(vendor.customerKek).portable());
        return PortableRewrap.of(vendor.providers, keychain);
    }

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/envelope.dict")
    void nobodyMadeIt(byte[] input) throws Exception {
        Cost.of(input, () -> {
            requireRefused(() -> REWRAP.header(new ByteArrayInputStream(input)));
            requireRefused(() -> REWRAP.header(input));
        });
    }

    private static void requireRefused(Cost.Reading reading) throws Exception {
        try {
            reading.run();
        } catch (DataException | KekException refused) {
            return;
        }
        throw new AssertionError("re-wrapped, and nobody has encrypted it");
    }
}
