package io.keywrap.azure;

import io.keywrap.emulators.AzureKeySpec;
import io.keywrap.testkit.KeyProviderContract;
import io.keywrap.testkit.TestKms;

/** The same for AES keys, which wrap with {@code A256KW}. */
class AzureAesContractTest extends KeyProviderContract {
    @Override
    protected TestKms kms() {
        return new EmulatedVault(AzureKeySpec.octHsm());
    }
}
