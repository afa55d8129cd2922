package io.keywrap.bench;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A wrapped DEK and what it takes to lease it, as a keychain's record has them.
 *
 * @param wrapped the wrap
 * @param keyContext its key context
 * @param checkValue the check value of the DEK
 */
record Wraps(WrappedDek wrapped, EncryptionContext keyContext, String checkValue) {
    /** New DEKs under one KEK. */
    static List<Wraps> make(int count, KekId kekId, KeyProviders providers) {
        return IntStream.range(0, count).mapToObj(i -> make(kekId, providers)).toList();
    }

    private static Wraps make(KekId kekId, KeyProviders providers) {
        DekId dekId = DekId.random();
        EncryptionContext context = EncryptionContext.ofDek("tenant-42", dekId, EncryptionContext.of("tenant", "acme"));
        KeyProvider.Generated generated =
                providers.provider(kekId).generate(dekId, context, providers.foregroundDeadline());
        try (Dek dek = generated.dek()) {
            return new Wraps(generated.wrapped(), context, dek.checkValue());
        }
    }
}
