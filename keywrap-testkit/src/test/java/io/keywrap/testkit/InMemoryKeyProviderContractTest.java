package io.keywrap.testkit;

import java.time.Instant;

/** The KMS in memory keeps the contract, of which it can show every state. */
class InMemoryKeyProviderContractTest extends KeyProviderContract {
    @Override
    protected TestKms kms() {
        return new InMemoryKms(ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z")));
    }
}
