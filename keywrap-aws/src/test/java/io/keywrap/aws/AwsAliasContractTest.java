package io.keywrap.aws;

import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.testkit.KeyProviderContract;
import io.keywrap.testkit.TestKek;
import io.keywrap.testkit.TestKms;
import org.opentest4j.TestAbortedException;

/** A KEK that is named by an alias is held to the same contract. */
class AwsAliasContractTest extends KeyProviderContract {
    @Override
    protected TestKms kms() {
        return new EmulatedKms() {
            private int made;

            @Override
            public TestKek createKek() {
                String name = "tenant-" + made++;
                AwsKmsKey key = emulator.createKey();
                return new Kek(key, kekId(key.alias(name))) {
                    @Override
                    public void rotate() {
                        emulator.createKey().alias(name);
                    }

                    @Override
                    public void delete() {
                        throw new TestAbortedException("the alias goes with its key, and then AWS tells of neither");
                    }
                };
            }
        };
    }
}
