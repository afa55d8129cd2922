package com.example.consumer;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;

/** Goes through the whole client of a vendor to a port where nobody listens: what is missing on the path shows there. */
final class Nobody {
    static final String HOST = "127.0.0.1:1";

    private Nobody() {}

    static void answers(KeyProvider.Factory factory, String kek) {
        DekId id = DekId.random();
        try (KeyProvider provider = factory.create(KekId.of(kek));
                Dek dek = Dek.random(id)) {
            provider.wrap(
                    dek,
                    EncryptionContext.ofDek("tenant-42", id, EncryptionContext.empty()),
                    Deadline.after(Duration.ofSeconds(5), TimeSource.system()));
            throw new AssertionError("somebody has answered");
        } catch (KekUnreachableException e) {
            System.out.print(", the client called and nobody answered");
        }
    }
}
