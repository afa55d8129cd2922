package com.example.kms;

import io.keywrap.TimeSource;
import io.keywrap.testkit.KeyProviderContract;
import io.keywrap.testkit.TestKms;

/** The provider of uploaded keys keeps the contract; what a slot cannot show is skipped. */
class ByokKeyProviderContractTest extends KeyProviderContract {
    @Override
    protected TestKms kms() {
        return new SlotKms(TimeSource.system());
    }
}
