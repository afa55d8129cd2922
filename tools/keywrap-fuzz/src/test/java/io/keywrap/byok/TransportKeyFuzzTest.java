package io.keywrap.byok;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.RsaOaep;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.security.spec.InvalidKeySpecException;
import java.util.List;

/** The parts of a file of transport keys are refused with typed exceptions, or are what would be written. */
class TransportKeyFuzzTest {
    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "transport.dict")
    void publicPart(byte[] input) throws Exception {
        Cost.of(input, () -> {
            EncryptionContext context;
            try {
                context = EncryptionContext.parse(input);
            } catch (IllegalArgumentException refused) {
                return;
            }
            try {
                TransportKeyStates states = TransportKeyStates.parse(context, TransportFiles.REGION);
                Same.value(states.toContext(), context);
                for (TransportKey key : states.all()) {
                    spki(key.spki());
                }
            } catch (DataException refused) {
                // As it should be.
            }
        });
    }

    private static void spki(byte[] der) {
        try {
            RsaOaep.of(Jca.platform()).publicKey(der);
        } catch (InvalidKeySpecException refused) {
            // As it should be.
        }
    }

    @FuzzTest(maxDuration = "60m")
    void privatePart(byte[] input) throws Exception {
        Cost.of(input, () -> {
            byte[] encoded = input.clone();
            try {
                List<TransportKey> publics = List.of(TransportFiles.KEYS.current());
                TransportPrivateKeys.parse(RsaOaep.of(Jca.platform()), encoded, publics)
                        .close();
            } catch (MalformedEnvelopeException refused) {
                // As it should be.
            }
            Same.bytes(encoded, new byte[input.length]);
        });
    }

    @FuzzTest(maxDuration = "60m")
    void wholeFile(byte[] input) throws Exception {
        Cost.of(input, () -> {
            try {
                TransportFiles.builder().open(input);
                throw new AssertionError("opened, and nobody has encrypted it");
            } catch (DataException refused) {
                // As it should be.
            }
        });
    }
}
