package io.keywrap.azure;

import io.keywrap.testkit.KeyProviderContract;
import io.keywrap.testkit.TestKms;

/** The provider is held to the contract, with the clients of the Azure SDK and the emulator over https: RSA keys. */
class AzureKeyProviderContractTest extends KeyProviderContract {
    @Override
    protected TestKms kms() {
        return new EmulatedVault();
    }
}
