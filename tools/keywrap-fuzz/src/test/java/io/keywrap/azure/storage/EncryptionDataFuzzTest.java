package io.keywrap.azure.storage;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;

/** What stands in the metadata of a blob is refused with a typed exception, or means the same when it is written again. */
class EncryptionDataFuzzTest {
    private static final KekId KEK = KekId.of("keystore:main#customer");

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "metadata.dict")
    void writtenAgainMeansTheSame(byte[] input) throws Exception {
        Cost.of(input, () -> {
            EncryptionData data;
            byte[] encryptedKey;
            String written;
            try {
                data = EncryptionData.parse(Same.text(input));
                data.algorithm();
                encryptedKey = data.encryptedKey();
                written = data.with(data.keyId(), encryptedKey);
            } catch (InvalidWrappedDekException refused) {
                return;
            }
            if (!written.chars().allMatch(each -> each < 0x7f)) {
                throw new AssertionError("metadata that are not in ASCII");
            }
            EncryptionData again = EncryptionData.parse(written);
            Same.value(again.keyId(), data.keyId());
            Same.value(again.algorithm(), data.algorithm());
            Same.bytes(again.encryptedKey(), encryptedKey);
            refusesTwice("{\"WrappedContentKey\":null," + written.substring(1));
        });
    }

    private static void refusesTwice(String doubled) {
        try {
            EncryptionData.parse(doubled);
        } catch (InvalidWrappedDekException refused) {
            return;
        }
        throw new AssertionError("a field that is there twice");
    }

    @FuzzTest(maxDuration = "60m")
    void wrappedContentKey(byte[] input) throws Exception {
        Cost.of(input, () -> {
            try {
                Same.bytes(WrappedContentKey.parse(input, KEK).toBytes(), input);
            } catch (InvalidWrappedDekException refused) {
                // As it should be.
            }
        });
    }
}
