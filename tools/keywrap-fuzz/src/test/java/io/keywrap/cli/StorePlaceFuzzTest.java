package io.keywrap.cli;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** What stands behind {@code --store} and other options is refused in the way that a command shows, and repeats no password. */
class StorePlaceFuzzTest {
    /** What stands for a password; the corpus and the dictionary have it. */
    private static final String PASSWORD = "Zq9xKpW3vTn5LrB8dHs2";

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "store.dict")
    void store(byte[] input) throws Exception {
        Cost.of(input, () -> {
            String text = Same.text(input);
            try {
                StorePlace place = new Converters.Store().convert(text);
                Same.value(new Converters.Store().convert(text).toString(), place.toString());
                place.file();
                place.folder();
            } catch (TypeConversionException | UsageException refused) {
                requireNoPassword(text, refused);
            }
        });
    }

    /** A folder may have any name; what looks like a URL may hold a password. */
    private static void requireNoPassword(String text, Exception refused) {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean url = lower.contains("://") || lower.contains("password=");
        if (url && String.valueOf(refused.getMessage()).contains(PASSWORD)) {
            throw new AssertionError("the message repeats a password");
        }
    }

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/names.dict")
    void otherOptions(byte[] input) throws Exception {
        Cost.of(input, () -> {
            String text = Same.text(input);
            tried(() -> new Converters.Kek().convert(text));
            tried(() -> new Converters.Time().convert(text));
            tried(() -> new Converters.Rate().convert(text));
            tried(() -> new Converters.KeychainId().convert(text));
            tried(() -> Contexts.parse("--context", List.of(text)));
        });
    }

    private static void tried(Runnable converting) {
        try {
            converting.run();
        } catch (TypeConversionException | UsageException refused) {
            // As it should be.
        }
    }
}
