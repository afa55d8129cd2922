package io.keywrap.azure;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The parts of a file of application certificates are refused with typed exceptions, or are what would be written. */
class CertificateFuzzTest {
    private static final Application APPLICATION =
            new Application("22222222-2222-4222-8222-222222222222", "11111111-1111-4111-8111-111111111111");
    private static final Path CORPUS =
            Path.of("src/test/resources/io/keywrap/azure/CertificateFuzzTestInputs/publicPart/one-certificate");

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "certificate.dict")
    void publicPart(byte[] input) throws Exception {
        Cost.of(input, () -> {
            EncryptionContext context;
            try {
                context = EncryptionContext.parse(input);
            } catch (IllegalArgumentException refused) {
                return;
            }
            try {
                CertificateStates states = CertificateStates.parse(context, APPLICATION);
                CertificateStates again = CertificateStates.parse(states.toContext(), APPLICATION);
                Same.value(again.toContext(), states.toContext());
                for (ApplicationCertificate certificate : states.all()) {
                    Same.value(certificate.toString().isEmpty(), false);
                    Same.value(
                            certificate.notBefore(),
                            certificate.x509().getNotBefore().toInstant());
                }
            } catch (DataException refused) {
                // As it should be.
            }
        });
    }

    @FuzzTest(maxDuration = "60m")
    void privatePart(byte[] input) throws Exception {
        List<ApplicationCertificate> certificates = Genuine.CERTIFICATES;
        Cost.of(input, () -> {
            byte[] encoded = input.clone();
            try {
                PrivateKeys.parse(encoded, certificates).close();
            } catch (MalformedEnvelopeException refused) {
                // As it should be.
            }
            Same.bytes(encoded, new byte[input.length]);
        });
    }

    private static final class Genuine {
        static final List<ApplicationCertificate> CERTIFICATES = certificates();

        private static List<ApplicationCertificate> certificates() {
            try {
                return CertificateStates.parse(EncryptionContext.parse(Files.readAllBytes(CORPUS)), APPLICATION)
                        .all();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
