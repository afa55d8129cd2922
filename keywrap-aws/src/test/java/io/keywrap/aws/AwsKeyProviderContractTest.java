package io.keywrap.aws;

import io.keywrap.testkit.KeyProviderContract;
import io.keywrap.testkit.TestKms;

/** The provider is held to the contract, with the client of the AWS SDK and the emulator over HTTP. */
class AwsKeyProviderContractTest extends KeyProviderContract {
    @Override
    protected TestKms kms() {
        return new EmulatedKms();
    }
}
