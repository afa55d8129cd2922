package io.keywrap.byok;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.azure.AzureKeyUrl;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import io.keywrap.gcp.GcpKeyName;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProvider;
import java.nio.file.Path;

/** The id of a KEK in any scheme is refused with its typed exception, or names one KEK, in one way. */
class KekUriFuzzTest {
    private static final Keystores KEYSTORES = Keystores.builder()
            .pkcs12("main", Path.of("nobody-opens-it.p12"), () -> new char[0])
            .build();

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/names.dict")
    void inEveryScheme(byte[] input) throws Exception {
        Cost.of(input, () -> {
            KekId kekId;
            try {
                kekId = KekId.of(Same.text(input));
            } catch (IllegalArgumentException refused) {
                return;
            }
            Same.value(KekId.of(kekId.uri()), kekId);
            read(kekId, () -> Same.value(AwsKeyArn.of(kekId).kekId(), kekId));
            read(kekId, () -> Same.value(GcpKeyName.of(kekId).kekId(), kekId));
            read(kekId, () -> {
                KekId one = AzureKeyUrl.of(kekId).kekId();
                Same.value(AzureKeyUrl.of(one).kekId(), one);
            });
            read(kekId, () -> {
                try (KeyProvider provider = KEYSTORES.create(kekId)) {
                    Same.value(provider.kekId(), kekId);
                }
            });
            Slots.of(kekId).ifPresent(slot -> Same.value(Slots.kekId(slot), kekId));
        });
    }

    private static void read(KekId kekId, Runnable reading) {
        try {
            reading.run();
        } catch (KekConfigurationException refused) {
            Same.value(refused.kekId().orElseThrow(), kekId);
        }
    }

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/names.dict")
    void nameOfAKey(byte[] input) throws Exception {
        Cost.of(input, () -> {
            String name = Same.text(input);
            try {
                Same.value(AwsKeyArn.of(AwsKeyArn.parse(name).kekId()), AwsKeyArn.parse(name));
            } catch (IllegalArgumentException refused) {
                Same.value(isAccepted(() -> AwsKeyArn.parse(name)), false);
            }
            try {
                Same.value(GcpKeyName.of(GcpKeyName.parse(name).kekId()), GcpKeyName.parse(name));
            } catch (IllegalArgumentException refused) {
                Same.value(isAccepted(() -> GcpKeyName.parse(name)), false);
            }
            try {
                Same.value(AzureKeyUrl.of(AzureKeyUrl.parse(name).kekId()), AzureKeyUrl.parse(name));
            } catch (IllegalArgumentException refused) {
                Same.value(isAccepted(() -> AzureKeyUrl.parse(name)), false);
            }
        });
    }

    /** A name that is accepted has an id too. */
    private static boolean isAccepted(Runnable parsing) {
        try {
            parsing.run();
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }
}
