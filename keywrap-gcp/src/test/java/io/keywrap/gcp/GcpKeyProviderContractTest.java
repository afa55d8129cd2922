package io.keywrap.gcp;

import io.keywrap.testkit.KeyProviderContract;
import io.keywrap.testkit.TestKms;

/** The provider is held to the contract, with Google's client and the emulator over gRPC. */
class GcpKeyProviderContractTest extends KeyProviderContract {
    @Override
    protected TestKms kms() {
        return new EmulatedKms();
    }
}
