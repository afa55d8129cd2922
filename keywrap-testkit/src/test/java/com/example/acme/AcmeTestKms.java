package com.example.acme;

import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.TestKek;
import io.keywrap.testkit.TestKms;

/** The KMS of somebody who writes a provider: one that can do nothing but disable its KEKs. */
public final class AcmeTestKms implements TestKms {
    private final InMemoryKms kms = new InMemoryKms();

    @Override
    public TestKek createKek() {
        TestKek kek = kms.createKek();
        return new TestKek() {
            @Override
            public KekId id() {
                return kek.id();
            }

            @Override
            public void disable() {
                kek.disable();
            }

            @Override
            public void enable() {
                kek.enable();
            }
        };
    }

    @Override
    public KekId unknownKek() {
        return kms.unknownKek();
    }

    @Override
    public KeyProvider.Factory factory() {
        return kms;
    }

    @Override
    public void close() {
        kms.close();
    }
}
