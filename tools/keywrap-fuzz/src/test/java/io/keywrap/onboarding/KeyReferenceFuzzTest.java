package io.keywrap.onboarding;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyReference;
import io.keywrap.azure.AzureKeyReference;
import io.keywrap.azure.AzureKeyUrl;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import io.keywrap.gcp.GcpKeyName;
import io.keywrap.gcp.GcpKeyReference;
import java.util.Set;
import java.util.function.Function;

/**
 * Whatever is pasted: nothing fails, what is accepted is the id of a KEK that is accepted again, and what is refused is not
 * repeated.
 */
class KeyReferenceFuzzTest {
    /** A word that no explanation has by itself; the corpus and the dictionary have it. */
    private static final String SECRET = "Zq9xKpW3vTn5LrB8dHs2";

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/names.dict")
    void aws(byte[] input) throws Exception {
        Cost.of(input, () -> {
            read(input, text -> AwsKeyReference.parse(text, Set.of()), AwsKeyArn::of);
            read(input, text -> AwsKeyReference.parse(text, Set.of("eu-west-1")), AwsKeyArn::of);
        });
    }

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/names.dict")
    void gcp(byte[] input) throws Exception {
        Cost.of(input, () -> {
            read(input, text -> GcpKeyReference.parse(text, Set.of()), GcpKeyName::of);
            read(input, text -> GcpKeyReference.parse(text, Set.of("europe-west1")), GcpKeyName::of);
        });
    }

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/names.dict")
    void azure(byte[] input) throws Exception {
        Cost.of(input, () -> {
            read(input, text -> AzureKeyReference.parse(text, Set.of()), AzureKeyUrl::of);
            read(input, text -> AzureKeyReference.parse(text, Set.of("azure.net")), AzureKeyUrl::of);
        });
    }

    private static void read(byte[] input, Function<String, KeyReference> parser, Function<KekId, Object> provider) {
        KeyReference reference = parser.apply(Same.text(input));
        if (reference.kekId().isPresent()) {
            KekId kekId = reference.required();
            provider.apply(kekId);
            Same.value(parser.apply(kekId.uri()).required(), kekId);
        } else if (reference.explanation().contains(SECRET)) {
            throw new AssertionError("the explanation repeats what was pasted");
        }
    }
}
